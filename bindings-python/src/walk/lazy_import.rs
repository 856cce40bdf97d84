//! Classes of Python's library, looked up only where their module is loaded already: without it
//! there can be no instance, and nothing is imported for the sake of asking.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

/// The attribute of a module, kept once it is found. None while the module is not loaded.
///
/// It may run Python code where a module looks its attributes up by itself.
pub(crate) fn loaded<'py>(
    py: Python<'py>,
    kept: &'static PyOnceLock<Py<PyAny>>,
    module: &str,
    name: &str,
) -> Option<&'py Bound<'py, PyAny>> {
    if let Some(found) = kept.get(py) {
        return Some(found.bind(py));
    }
    // SAFETY: the GIL is held; what is given is borrowed, and held here at once.
    let modules =
        unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PySys_GetObject(c"modules".as_ptr()))? };
    let found = modules.cast::<PyDict>().ok()?.get_item(module).ok()??.getattr(name).ok()?;
    Some(kept.get_or_init(py, || found.unbind()).bind(py))
}
