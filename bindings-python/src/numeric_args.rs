//! Figures as arguments: counts and lengths of time. What can be none is refused by the argument's
//! name, and its value is not repeated.

use std::time::Duration;

use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyDelta;

use crate::errors;

/// A whole number from 0.
///
/// # Errors
/// `TypeError` for what is no integer, `ConfigurationError` for one that is negative or too large.
pub(crate) fn count<C: TryFrom<u64>>(name: &str, given: &Bound<'_, PyAny>) -> PyResult<C> {
    let py = given.py();
    let count = match given.extract::<u64>() {
        Ok(count) => C::try_from(count).ok(),
        Err(error) if error.is_instance_of::<PyTypeError>(py) => {
            return Err(PyTypeError::new_err(format!("{name} must be an integer")));
        }
        Err(error) if error.is_instance_of::<PyOverflowError>(py) => None,
        // What an `__index__` raised is its own.
        Err(error) => return Err(error),
    };
    if let Some(count) = count {
        return Ok(count);
    }
    let wrong = if given.lt(0)? { "must be 0 or more" } else { "is too large" };
    Err(errors::configuration(py, &format!("{name} {wrong}")))
}

/// The same where nothing may be given.
///
/// # Errors
/// As [`count`].
pub(crate) fn optional_count<C: TryFrom<u64>>(
    name: &str,
    given: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<C>> {
    given.map(|given| count(name, given)).transpose()
}

/// Seconds, or a `timedelta`.
///
/// # Errors
/// `TypeError` for what is neither, `ConfigurationError` for what is no length of time.
pub(crate) fn duration(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let py = given.py();
    let seconds: PyResult<f64> = match given.cast::<PyDelta>() {
        Ok(delta) => delta.call_method0("total_seconds")?.extract(),
        Err(_) => given.extract(),
    };
    let seconds = match seconds {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        // An integer that no float holds.
        Err(error) if error.is_instance_of::<PyOverflowError>(py) => None,
        Err(_) => {
            return Err(PyTypeError::new_err(format!("{name} must be seconds or a timedelta")));
        }
    };
    seconds.ok_or_else(|| {
        errors::configuration(py, &format!("{name} must be 0 seconds or more, and finite"))
    })
}
