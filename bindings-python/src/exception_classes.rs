//! The exception classes of `cognigy_context._errors`, each imported on first use.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// Returns the object `$name` of `cognigy_context._errors`. Each place of use looks it up once.
macro_rules! exception_class {
    ($py:expr, $name:literal) => {{
        static CACHE: pyo3::sync::PyOnceLock<Py<PyAny>> = pyo3::sync::PyOnceLock::new();
        crate::exception_classes::import($py, &CACHE, $name)
    }};
}
pub(crate) use exception_class;

/// Imports `name` once and keeps it in `cache`.
pub(crate) fn import<'py>(
    py: Python<'py>,
    cache: &'static PyOnceLock<Py<PyAny>>,
    name: &str,
) -> PyResult<&'py Bound<'py, PyAny>> {
    cache
        .get_or_try_init(py, || {
            py.import("cognigy_context._errors")?.getattr(name).map(Bound::unbind)
        })
        .map(|found| found.bind(py))
}

/// Converts an exception object to a [`PyErr`]. If creating the object failed, returns the error of the
/// creation.
pub(crate) fn to_py_err(error: PyResult<Bound<'_, PyAny>>) -> PyErr {
    error.map_or_else(|failure| failure, PyErr::from_value)
}

/// Returns a `ValidationError` with `report`, a Python `Report`.
pub(crate) fn validation_error(report: &Bound<'_, PyAny>) -> PyErr {
    let py = report.py();
    to_py_err(exception_class!(py, "ValidationError").and_then(|class| class.call1((report,))))
}

/// Returns a `SchemaLimitError` with `report`, a Python `Report`.
pub(crate) fn schema_limit_error(report: &Bound<'_, PyAny>) -> PyErr {
    let py = report.py();
    to_py_err(exception_class!(py, "SchemaLimitError").and_then(|class| class.call1((report,))))
}
