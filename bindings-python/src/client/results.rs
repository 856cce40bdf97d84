//! The result classes of client calls. Their `repr` shows no values, because reprs end up in logs.

use cognigy_context::client::{
    DialogState, Document, InjectedVariables, InjectionResult, StateUpdateResult,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::json_loads::loads;
use crate::to_python::to_dict;

/// Result of a successful injection. A failed injection raises an exception.
///
/// Attributes:
///     status: Always ``"success"``, because a failed injection raises an exception.
///     latency_ms: Duration of the call in milliseconds, including retries and all waits.
///     variables_injected: Number of variables that were sent.
///     result: The server's response: a dict with ``sessionId``, ``variables``, ``updatedAt``.
#[pyclass(frozen, get_all, name = "InjectionResult", module = "cognigy_context")]
pub(crate) struct PyInjectionResult {
    /// Always ``"success"``.
    status: &'static str,
    /// Duration of the call in milliseconds, including retries and all waits.
    latency_ms: f64,
    /// Number of variables that were sent.
    variables_injected: u64,
    /// The server's response: a dict with ``sessionId``, ``variables``, ``updatedAt``.
    result: Py<PyDict>,
}

#[pymethods]
impl PyInjectionResult {
    fn __repr__(&self) -> String {
        format!(
            "<InjectionResult status='{}' variables_injected={} latency_ms={:.1}>",
            self.status, self.variables_injected, self.latency_ms
        )
    }
}

impl PyInjectionResult {
    pub(super) fn to_python(
        py: Python<'_>,
        result: InjectionResult<Vec<u8>>,
    ) -> PyResult<Py<PyAny>> {
        let InjectionResult { status, latency_ms, variables_injected, result } = result;
        // The core returns the response as JSON text here, and `loads` reads it: the variables may contain
        // integers beyond 64 bits, which are exact in Python but not in a `serde_json::Value`.
        let result = loads(py, &String::from_utf8(result)?)?.cast_into::<PyDict>()?.unbind();
        let result = Self { status, latency_ms, variables_injected, result };
        Ok(Py::new(py, result)?.into_any())
    }
}

/// Variables that ``inject`` has stored in a session.
///
/// Attributes:
///     variables: Dict that maps names to values.
///     tag: Tag (``ETag``) that changes with the variables. ``None`` if the server sends none.
#[pyclass(frozen, get_all, name = "InjectedVariables", module = "cognigy_context")]
pub(crate) struct PyInjectedVariables {
    /// Dict that maps names to values.
    variables: Py<PyDict>,
    /// Tag (``ETag``) that changes with the variables. ``None`` if the server sends none.
    tag: Option<String>,
}

#[pymethods]
impl PyInjectedVariables {
    fn __repr__(&self, py: Python<'_>) -> String {
        format!("<InjectedVariables variables={}>", self.variables.bind(py).len())
    }
}

impl PyInjectedVariables {
    pub(super) fn to_python(py: Python<'_>, injected: InjectedVariables) -> PyResult<Py<PyAny>> {
        let variables = to_dict(py, &injected.variables)?.unbind();
        Ok(Py::new(py, Self { variables, tag: injected.tag })?.into_any())
    }
}

/// Context document of a session: one JSON object, replaced as a unit.
///
/// Attributes:
///     document: The document: a dict, which is empty when the session has none.
///     tag: Tag (``ETag``) that changes with the document. ``None`` if the server sends none.
#[pyclass(frozen, get_all, name = "Document", module = "cognigy_context")]
pub(crate) struct PyDocument {
    /// The document: a dict, which is empty when the session has none.
    document: Py<PyDict>,
    /// Tag (``ETag``) that changes with the document. ``None`` if the server sends none.
    tag: Option<String>,
}

#[pymethods]
impl PyDocument {
    fn __repr__(&self, py: Python<'_>) -> String {
        format!("<Document keys={}>", self.document.bind(py).len())
    }
}

impl PyDocument {
    pub(super) fn to_python(py: Python<'_>, document: Document) -> PyResult<Py<PyAny>> {
        let Document { document, tag } = document;
        let document = to_dict(py, &document)?.unbind();
        Ok(Py::new(py, Self { document, tag })?.into_any())
    }
}

/// State of a dialog, which ``update_state`` changes.
///
/// Attributes:
///     state: The state: a dict.
///     tag: Tag to pass as ``if_match`` to ``update_state``. ``None`` if the server sends none.
#[pyclass(frozen, get_all, name = "DialogState", module = "cognigy_context")]
pub(crate) struct PyDialogState {
    /// The state: a dict.
    state: Py<PyDict>,
    /// Tag to pass as ``if_match`` to ``update_state``. ``None`` if the server sends none.
    tag: Option<String>,
}

#[pymethods]
impl PyDialogState {
    fn __repr__(&self, py: Python<'_>) -> String {
        format!("<DialogState keys={}>", self.state.bind(py).len())
    }
}

impl PyDialogState {
    pub(super) fn to_python(py: Python<'_>, state: DialogState) -> PyResult<Py<PyAny>> {
        let DialogState { state, tag } = state;
        let state = to_dict(py, &state)?.unbind();
        Ok(Py::new(py, Self { state, tag })?.into_any())
    }
}

/// Result of an update of a dialog's state.
///
/// Attributes:
///     result: The server's response: a dict, which is empty when the response has no body.
///     tag: Tag to pass as ``if_match`` to the next update; ``None`` without a strong one.
///     guarded: Whether the update was sent with ``If-Match``, so that it could not overwrite an
///         unknown change of another writer.
///     latency_ms: Duration of the call in milliseconds, including retries and all waits.
#[pyclass(frozen, get_all, name = "StateUpdateResult", module = "cognigy_context")]
pub(crate) struct PyStateUpdateResult {
    /// The server's response: a dict, which is empty when the response has no body.
    result: Py<PyDict>,
    /// Tag to pass as ``if_match`` to the next update; ``None`` without a strong one.
    tag: Option<String>,
    /// Whether the update was sent with ``If-Match``, so that it could not overwrite an unknown change of
    /// another writer.
    guarded: bool,
    /// Duration of the call in milliseconds, including retries and all waits.
    latency_ms: f64,
}

#[pymethods]
impl PyStateUpdateResult {
    fn __repr__(&self) -> String {
        format!("<StateUpdateResult latency_ms={:.1}>", self.latency_ms)
    }
}

impl PyStateUpdateResult {
    pub(super) fn to_python(py: Python<'_>, updated: StateUpdateResult) -> PyResult<Py<PyAny>> {
        let StateUpdateResult { result, tag, guarded, latency_ms } = updated;
        let result = to_dict(py, &result)?.unbind();
        Ok(Py::new(py, Self { result, tag, guarded, latency_ms })?.into_any())
    }
}
