//! Counts and durations as arguments. A message names the argument and never contains its value.

use std::time::Duration;

use cognigy_context::__bindings;
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyDelta;

use crate::argument_types::wrong_type;
use crate::errors;

/// Reads an integer of 0 or more.
///
/// # Errors
/// `TypeError` when it is not an integer, `ConfigurationError` when it is negative or does not fit `C`;
/// and what its `__index__` method raised.
pub(crate) fn count<C: TryFrom<u64>>(name: &str, given: &Bound<'_, PyAny>) -> PyResult<C> {
    let py = given.py();
    let count = match given.extract::<u64>() {
        Ok(count) => C::try_from(count).ok(),
        Err(error) if error.is_instance_of::<PyTypeError>(py) => {
            return Err(wrong_type(name, "an int", given));
        }
        Err(error) if error.is_instance_of::<PyOverflowError>(py) => None,
        // What an `__index__` method raised.
        Err(error) => return Err(error),
    };
    if let Some(count) = count {
        return Ok(count);
    }
    let problem = if given.lt(0)? {
        "must be 0 or more".to_owned()
    } else {
        format!("must be at most {}", __bindings::grouped(greatest::<C>()))
    };
    Err(errors::configuration(py, &format!("{name} {problem}")))
}

/// Returns the greatest value of an unsigned type of at most 64 bits.
const fn greatest<C>() -> u64 {
    u64::MAX >> (64 - 8 * size_of::<C>())
}

/// Reads an integer of 0 or more. Returns `None` if none is given.
///
/// # Errors
/// As [`count`].
pub(crate) fn optional_count<C: TryFrom<u64>>(
    name: &str,
    given: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<C>> {
    given.map(|given| count(name, given)).transpose()
}

/// Reads a number of seconds, or a `timedelta`.
///
/// # Errors
/// `TypeError` when it is neither, `ConfigurationError` when it is negative, not finite or too large for
/// a `Duration`; and what its `__float__` method raised.
pub(crate) fn duration(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let py = given.py();
    let seconds: PyResult<f64> = match given.cast::<PyDelta>() {
        Ok(delta) => delta.call_method0("total_seconds")?.extract(),
        Err(_) => given.extract(),
    };
    let seconds = match seconds {
        Ok(seconds) => seconds,
        // An integer beyond the range of a float.
        Err(error) if error.is_instance_of::<PyOverflowError>(py) => {
            if given.lt(0)? {
                f64::MIN
            } else {
                f64::MAX
            }
        }
        Err(error) if error.is_instance_of::<PyTypeError>(py) => {
            return Err(wrong_type(name, "a number of seconds or a timedelta", given));
        }
        // What a `__float__` method raised.
        Err(error) => return Err(error),
    };
    Duration::try_from_secs_f64(seconds).map_err(|_| {
        let problem = if !seconds.is_finite() {
            "must be finite"
        } else if seconds < 0.0 {
            "must be 0 seconds or more"
        } else {
            "must be less than 2^64 seconds"
        };
        errors::configuration(py, &format!("{name} {problem}"))
    })
}
