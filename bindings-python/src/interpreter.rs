//! Allows only the main interpreter of a process to import the module.

#![allow(unsafe_code, reason = "only the C API identifies the interpreter")]

use pyo3::exceptions::PyImportError;
use pyo3::ffi;
use pyo3::prelude::*;

/// Rejects a subinterpreter, because the cached Python objects belong to the main interpreter.
///
/// # Errors
/// `ImportError` in a subinterpreter.
pub(crate) fn require_main() -> PyResult<()> {
    // SAFETY: a module is initialised by a thread that holds the GIL of its interpreter.
    let id = unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) };
    if id == 0 {
        return Ok(());
    }
    Err(PyImportError::new_err(
        "cognigy_context cannot be imported in a subinterpreter: use it in the main one, or in a \
         process of its own",
    ))
}
