//! What calls come to.

use cognigy_context::client::{
    DialogState, Document, InjectedVariables, InjectionResult, StateUpdateResult,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::json_loads::loads;
use crate::to_python::to_dict;

/// What an injection came to. Whatever else it can come to is raised.
///
/// Attributes:
///     status: ``"success"``.
///     latency_ms: Milliseconds from its beginning to its end, waits included.
///     variables_injected: How many variables were sent.
///     result: What the server answered: a dict of ``sessionId``, ``variables``, ``updatedAt``.
#[pyclass(frozen, get_all, name = "InjectionResult", module = "cognigy_context")]
pub(crate) struct PyInjectionResult {
    /// ``"success"``.
    status: &'static str,
    /// Milliseconds from its beginning to its end, waits included.
    latency_ms: f64,
    /// How many variables were sent.
    variables_injected: u64,
    /// What the server answered: a dict of ``sessionId``, ``variables``, ``updatedAt``.
    result: Py<PyDict>,
}

#[pymethods]
impl PyInjectionResult {
    /// Shows no value.
    fn __repr__(&self) -> String {
        format!(
            "<InjectionResult status='{}' variables_injected={} latency_ms={:.1}>",
            self.status, self.variables_injected, self.latency_ms
        )
    }
}

impl PyInjectionResult {
    pub(super) fn made(py: Python<'_>, result: InjectionResult<Vec<u8>>) -> PyResult<Py<PyAny>> {
        let InjectionResult { status, latency_ms, variables_injected, result } = result;
        // Out of the text, because Python's integers have no end.
        let result = loads(py, &String::from_utf8(result)?)?.cast_into::<PyDict>()?.unbind();
        let made = Self { status, latency_ms, variables_injected, result };
        Ok(Py::new(py, made)?.into_any())
    }
}

/// What a session holds of what was injected.
///
/// Attributes:
///     variables: Names to values: a dict.
///     tag: The tag (``ETag``), where the server gives one.
#[pyclass(frozen, get_all, name = "InjectedVariables", module = "cognigy_context")]
pub(crate) struct PyInjected {
    /// Names to values: a dict.
    variables: Py<PyDict>,
    /// The tag (``ETag``), where the server gives one.
    tag: Option<String>,
}

#[pymethods]
impl PyInjected {
    /// Shows no value.
    fn __repr__(&self, py: Python<'_>) -> String {
        format!("<InjectedVariables variables={}>", self.variables.bind(py).len())
    }
}

impl PyInjected {
    pub(super) fn made(py: Python<'_>, injected: InjectedVariables) -> PyResult<Py<PyAny>> {
        let variables = to_dict(py, &injected.variables)?.unbind();
        Ok(Py::new(py, Self { variables, tag: injected.tag })?.into_any())
    }
}

/// A session's context document.
///
/// Attributes:
///     document: The document: a dict, empty where there is none.
///     tag: Its tag (``ETag``), where the server gives one.
#[pyclass(frozen, get_all, name = "Document", module = "cognigy_context")]
pub(crate) struct PyDocument {
    /// The document: a dict, empty where there is none.
    document: Py<PyDict>,
    /// Its tag (``ETag``), where the server gives one.
    tag: Option<String>,
}

#[pymethods]
impl PyDocument {
    /// Shows no value.
    fn __repr__(&self, py: Python<'_>) -> String {
        format!("<Document keys={}>", self.document.bind(py).len())
    }
}

impl PyDocument {
    pub(super) fn made(py: Python<'_>, document: Document) -> PyResult<Py<PyAny>> {
        let Document { document, tag } = document;
        let document = to_dict(py, &document)?.unbind();
        Ok(Py::new(py, Self { document, tag })?.into_any())
    }
}

/// The state of a dialog.
///
/// Attributes:
///     state: The state: a dict.
///     tag: Its tag, to be given as ``if_match``, where the server gives one.
#[pyclass(frozen, get_all, name = "DialogState", module = "cognigy_context")]
pub(crate) struct PyDialogState {
    /// The state: a dict.
    state: Py<PyDict>,
    /// Its tag, to be given as ``if_match``, where the server gives one.
    tag: Option<String>,
}

#[pymethods]
impl PyDialogState {
    /// Shows no value.
    fn __repr__(&self, py: Python<'_>) -> String {
        format!("<DialogState keys={}>", self.state.bind(py).len())
    }
}

impl PyDialogState {
    pub(super) fn made(py: Python<'_>, state: DialogState) -> PyResult<Py<PyAny>> {
        let DialogState { state, tag } = state;
        let state = to_dict(py, &state)?.unbind();
        Ok(Py::new(py, Self { state, tag })?.into_any())
    }
}

/// What an update of a dialog's state came to.
///
/// Attributes:
///     result: What the server answered: a dict, empty where it answered nothing.
///     tag: The tag that the state has now, where the server gives one.
///     latency_ms: Milliseconds from its beginning to its end, waits included.
#[pyclass(frozen, get_all, name = "StateUpdateResult", module = "cognigy_context")]
pub(crate) struct PyStateUpdated {
    /// What the server answered: a dict, empty where it answered nothing.
    result: Py<PyDict>,
    /// The tag that the state has now, where the server gives one.
    tag: Option<String>,
    /// Milliseconds from its beginning to its end, waits included.
    latency_ms: f64,
}

#[pymethods]
impl PyStateUpdated {
    /// Shows no value.
    fn __repr__(&self) -> String {
        format!("<StateUpdateResult latency_ms={:.1}>", self.latency_ms)
    }
}

impl PyStateUpdated {
    pub(super) fn made(py: Python<'_>, updated: StateUpdateResult) -> PyResult<Py<PyAny>> {
        let StateUpdateResult { result, tag, latency_ms } = updated;
        let result = to_dict(py, &result)?.unbind();
        Ok(Py::new(py, Self { result, tag, latency_ms })?.into_any())
    }
}
