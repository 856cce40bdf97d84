//! Python exceptions that end a walk, and those that only concern one value.

use pyo3::exceptions::{PyException, PyMemoryError, PyUnicodeEncodeError};
use pyo3::prelude::*;

/// A Python exception is set, and the walk ends.
pub(super) struct Raised;

pub(super) type WalkResult = Result<(), Raised>;

/// Returns whether an exception concerns the process and not the value, as `MemoryError` and
/// `KeyboardInterrupt` do, and sets it again if so.
#[cold]
pub(super) fn restore_if_fatal(py: Python<'_>, error: PyErr) -> bool {
    let is_fatal =
        !error.is_instance_of::<PyException>(py) || error.is_instance_of::<PyMemoryError>(py);
    if is_fatal {
        error.restore(py);
    }
    is_fatal
}

/// Returns whether the exception that is set is a `UnicodeEncodeError`, and clears it if so.
#[cold]
pub(super) fn clear_encoding_error() -> bool {
    // SAFETY: every walk holds the GIL.
    let py = unsafe { Python::assume_attached() };
    let error = PyErr::fetch(py);
    let is_encoding_error = error.is_instance_of::<PyUnicodeEncodeError>(py);
    if !is_encoding_error {
        error.restore(py);
    }
    is_encoding_error
}
