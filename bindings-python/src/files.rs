//! Errors of files, as Python raises them itself: with an error number and the path.

use std::io::{self, ErrorKind};
use std::path::Path;

use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;

use crate::errors;

/// Returns `ConfigurationError` for a file of another format, and `OSError` or its subclass for the error
/// number otherwise, for example `BlockingIOError` for a file in use.
///
/// `name` is the argument with the path.
pub(crate) fn of_io_error(py: Python<'_>, name: &str, path: &Path, error: &io::Error) -> PyErr {
    if error.kind() == ErrorKind::InvalidData {
        return errors::configuration(py, &format!("{name}: {error}"));
    }
    os_error(py, path, error).unwrap_or_else(|raised| raised)
}

fn os_error(py: Python<'_>, path: &Path, error: &io::Error) -> PyResult<PyErr> {
    let (number, text) = match error.raw_os_error() {
        Some(number) => {
            (number, py.import("os")?.call_method1("strerror", (number,))?.extract::<String>()?)
        }
        None => {
            let name = match error.kind() {
                ErrorKind::WouldBlock => "EAGAIN",
                ErrorKind::InvalidInput => "EINVAL",
                ErrorKind::AlreadyExists => "EEXIST",
                _ => "EIO",
            };
            (py.import("errno")?.getattr(name)?.extract()?, error.to_string())
        }
    };
    Ok(PyOSError::new_err((number, text, path.as_os_str().to_owned())))
}
