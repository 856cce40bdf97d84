//! Which interpreter imports the module: only the main one may.

#![allow(unsafe_code, reason = "only the C interface tells interpreters apart")]

use pyo3::exceptions::PyImportError;
use pyo3::ffi;
use pyo3::prelude::*;

/// Objects that are made once are shared by the whole process, and would be those of another
/// interpreter.
///
/// # Errors
/// `ImportError` in a subinterpreter.
pub(crate) fn is_main() -> PyResult<()> {
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
