//! The current time, from a Python callable or the system. It is read once, before the core is
//! called, so that an exception of the callable is raised before anything has changed.

use std::cell::Cell;
use std::time::Duration;

use cognigy_context::{Clock, SystemClock};
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;

use crate::argument_types::{callable_arg, wrong_type};

thread_local! {
    /// The time that [`CallClock`] returns on this thread.
    static NOW: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// The core's clock: returns the time that was read for the current call on this thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallClock;

impl CallClock {
    /// Runs `call` with the time `now`.
    pub(crate) fn at<R>(now: Duration, call: impl FnOnce() -> R) -> R {
        NOW.set(now);
        call()
    }
}

impl Clock for CallClock {
    fn now(&self) -> Duration {
        NOW.get()
    }
}

/// Returns the time since 1970, in UTC: what the callable returns, in seconds, or the system's time.
///
/// # Errors
/// What the callable raised; `TypeError` when it does not return a number, `ValueError` when the number
/// is negative or not finite.
pub(crate) fn now(clock: Option<&Bound<'_, PyAny>>) -> PyResult<Duration> {
    let Some(clock) = clock else { return Ok(SystemClock.now()) };
    let result = callable_arg("clock", clock)?.call0()?;
    let seconds: f64 = result.extract().or_else(|raised: PyErr| {
        if raised.is_instance_of::<PyOverflowError>(clock.py()) {
            Ok(f64::INFINITY)
        } else if raised.is_instance_of::<PyTypeError>(clock.py()) {
            Err(wrong_type("the result of clock", "a number of seconds", &result))
        } else {
            Err(raised)
        }
    })?;
    Duration::try_from_secs_f64(seconds).map_err(|_| {
        PyValueError::new_err("clock must return the seconds since 1970: 0 or more, and finite")
    })
}
