//! The time of day, as Python tells it: asked once before the core is called, and what is raised
//! then is raised before anything has happened.

use std::cell::Cell;
use std::time::Duration;

use cognigy_context::{Clock, SystemClock};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

thread_local! {
    static NOW: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Tells the time that was asked for the present call, on the thread that makes the call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallClock;

impl CallClock {
    /// Runs a call at this time.
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

/// The time now: what the callable answers, or the system's.
///
/// # Errors
/// What the callable raised, or `ValueError` for an answer that is no time since 1970.
pub(crate) fn now(clock: Option<&Bound<'_, PyAny>>) -> PyResult<Duration> {
    let Some(clock) = clock else { return Ok(SystemClock.now()) };
    let seconds: f64 = clock.call0()?.extract()?;
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| PyValueError::new_err("the clock must answer seconds since 1970"))
}
