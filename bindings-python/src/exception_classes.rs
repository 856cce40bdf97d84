//! The exception classes of `cognigy_context._errors`. Each is looked up when it is first needed.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// Returns the object `$name` of `cognigy_context._errors`. Each place of use looks it up once.
macro_rules! exception_class {
    ($py:expr, $name:literal) => {{
        static IMPORTED: pyo3::sync::PyOnceLock<Py<PyAny>> = pyo3::sync::PyOnceLock::new();
        crate::exception_classes::import($py, &IMPORTED, $name)
    }};
}
pub(crate) use exception_class;

/// Imports `name` once and keeps it in `imported`.
pub(crate) fn import<'py>(
    py: Python<'py>,
    imported: &'static PyOnceLock<Py<PyAny>>,
    name: &str,
) -> PyResult<&'py Bound<'py, PyAny>> {
    imported
        .get_or_try_init(py, || {
            py.import("cognigy_context._errors")?.getattr(name).map(Bound::unbind)
        })
        .map(|found| found.bind(py))
}

/// Converts an exception object to a [`PyErr`]. If creating the object failed, returns the error of the
/// creation.
pub(crate) fn raised(error: PyResult<Bound<'_, PyAny>>) -> PyErr {
    error.map_or_else(|problem| problem, PyErr::from_value)
}

/// Returns a `ValidationError` with `report`, a Python `Report`.
pub(crate) fn validation_error(report: &Bound<'_, PyAny>) -> PyErr {
    let py = report.py();
    raised(exception_class!(py, "ValidationError").and_then(|class| class.call1((report,))))
}
