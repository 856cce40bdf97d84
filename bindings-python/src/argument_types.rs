//! Type checks of arguments.
//!
//! PyO3 checks the type of an argument as well, but the message of its `TypeError` does not name the
//! argument. So most functions take objects and check them here.

use std::path::PathBuf;

use pyo3::exceptions::{PyTypeError, PyUnicodeError};
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyString};

use crate::errors;

/// Returns a `TypeError` such as `user_id must be a str, not int`.
///
/// `expected` is a noun with its article. The message names the type of `given`, never its value.
#[cold]
pub(crate) fn wrong_type(name: &str, expected: &str, given: &Bound<'_, PyAny>) -> PyErr {
    PyTypeError::new_err(wrong_type_message(name, expected, given))
}

/// Returns the message of [`wrong_type`].
#[cold]
pub(crate) fn wrong_type_message(name: &str, expected: &str, given: &Bound<'_, PyAny>) -> String {
    match given.get_type().fully_qualified_name() {
        Ok(type_name) => format!("{name} must be {expected}, not {type_name}"),
        Err(_) => format!("{name} must be {expected}"),
    }
}

/// Returns an argument that must be a `str`.
///
/// # Errors
/// `TypeError`, for example `user_id must be a str, not int`.
pub(crate) fn str_arg<'a, 'py>(
    name: &str,
    given: &'a Bound<'py, PyAny>,
) -> PyResult<&'a Bound<'py, PyString>> {
    given.cast().map_err(|_| wrong_type(name, "a str", given))
}

/// Returns an argument that must be a `str` or `None`.
///
/// # Errors
/// As [`str_arg`].
pub(crate) fn optional_str_arg<'a, 'py>(
    name: &str,
    given: Option<&'a Bound<'py, PyAny>>,
) -> PyResult<Option<&'a Bound<'py, PyString>>> {
    given.map(|given| str_arg(name, given)).transpose()
}

/// Returns an argument that must be a `bool`.
///
/// # Errors
/// `TypeError`, for example `rebase must be a bool, not int`.
pub(crate) fn bool_arg(name: &str, given: &Bound<'_, PyAny>) -> PyResult<bool> {
    given.extract().map_err(|_| wrong_type(name, "a bool", given))
}

/// Returns an argument that must be callable.
///
/// # Errors
/// `TypeError`, for example `clock must be callable, not int`.
pub(crate) fn callable_arg<'a, 'py>(
    name: &str,
    given: &'a Bound<'py, PyAny>,
) -> PyResult<&'a Bound<'py, PyAny>> {
    if given.is_callable() { Ok(given) } else { Err(wrong_type(name, "callable", given)) }
}

/// Returns an iterator over an argument that must be iterable.
///
/// # Errors
/// `TypeError`, for example `items must be iterable, not int`, and what the argument raised.
pub(crate) fn iterator_arg<'py>(
    name: &str,
    given: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyIterator>> {
    given.try_iter().map_err(|raised| {
        let is_wrong_type = raised.is_instance_of::<PyTypeError>(given.py());
        if is_wrong_type { wrong_type(name, "iterable", given) } else { raised }
    })
}

/// Returns an argument that must be a path. `expected` says what the argument may be.
///
/// # Errors
/// `TypeError`, for example `journal must be a path, not int`; `ConfigurationError` for a path that the file
/// system cannot encode; and what the argument raised.
pub(crate) fn path_arg(name: &str, expected: &str, given: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    let py = given.py();
    given.extract().map_err(|raised: PyErr| {
        if raised.is_instance_of::<PyTypeError>(py) {
            wrong_type(name, expected, given)
        } else if raised.is_instance_of::<PyUnicodeError>(py) {
            errors::configuration(py, &format!("{name} contains half of a surrogate pair"))
        } else {
            raised
        }
    })
}
