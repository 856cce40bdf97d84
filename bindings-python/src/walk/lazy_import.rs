//! Classes and functions of Python's standard library, looked up only in modules that are already
//! loaded. If a module is not loaded, no value can be an instance of its classes, so no import is
//! needed.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

/// Returns an attribute of a module and caches it in `cache`. Returns `None` while the module is not
/// loaded or lacks the attribute.
///
/// May run Python code, because a module can compute its attributes.
pub(crate) fn loaded_attribute<'py>(
    py: Python<'py>,
    cache: &'static PyOnceLock<Py<PyAny>>,
    module: &str,
    name: &str,
) -> Option<&'py Bound<'py, PyAny>> {
    if let Some(cached) = cache.get(py) {
        return Some(cached.bind(py));
    }
    // SAFETY: the GIL is held; the result is borrowed, and this takes a reference at once.
    let modules =
        unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PySys_GetObject(c"modules".as_ptr()))? };
    let found = modules.cast::<PyDict>().ok()?.get_item(module).ok()??.getattr(name).ok()?;
    Some(cache.get_or_init(py, || found.unbind()).bind(py))
}

/// [`loaded_attribute`] with a cache of its own at each place of use.
macro_rules! loaded_class {
    ($py:expr, $module:literal, $name:literal) => {{
        static CACHE: pyo3::sync::PyOnceLock<pyo3::Py<pyo3::PyAny>> = pyo3::sync::PyOnceLock::new();
        crate::walk::lazy_import::loaded_attribute($py, &CACHE, $module, $name)
    }};
}

pub(super) use loaded_class;

/// Returns the class of all enums if its module is loaded. It is cached, so it is never freed.
pub(super) fn enum_class(py: Python<'_>) -> Option<*mut ffi::PyTypeObject> {
    loaded_class!(py, "enum", "Enum").map(|class| class.as_ptr().cast())
}
