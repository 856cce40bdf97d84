//! The class `Issue`.

use std::hash::{DefaultHasher, Hash, Hasher};

use cognigy_context::Issue;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde_json::json;

use crate::numeric_args::optional_count;
use crate::text_args::TextArg;
use crate::to_python::to_python;

/// One issue of a check.
///
/// Checks create issues; programs rarely need the constructor. Messages contain paths, types and
/// sizes, never values.
///
/// Args:
///     code: Code of the issue, one of ``CODES``.
///     severity: ``"error"`` (the data cannot be sent) or ``"warning"``.
///     path: JSON Pointer (RFC 6901) of the value; ``""`` is the whole value.
///     message: What is wrong.
///     limit: Limit, in the unit of the message. Default ``None``: the issue has no limit.
///     actual: Actual figure, in the unit of ``limit``. Default ``None``: no figure.
///     hint: What to do. Default ``None``: no hint.
///
/// Raises:
///     ValueError: ``code`` or ``severity`` is unknown.
///     ConfigurationError: ``limit`` or ``actual`` is negative or exceeds 64 bits.
///     ValidationError: A text contains an unpaired surrogate.
///
/// Example:
///     >>> from cognigy_context import check
///     >>> issue = check({"customer.tier": "gold"}).issues[0]
///     >>> issue.severity, issue.code, issue.path
///     ('warning', 'unreadable_key', '/customer.tier')
#[pyclass(frozen, eq, name = "Issue", module = "cognigy_context")]
#[derive(PartialEq)]
pub(crate) struct PyIssue(pub(crate) Issue);

#[pymethods]
impl PyIssue {
    #[new]
    #[pyo3(signature = (code, severity, path, message, limit=None, actual=None, hint=None))]
    #[allow(clippy::too_many_arguments, reason = "named arguments of a Python class")]
    fn new(
        py: Python<'_>,
        code: &Bound<'_, PyAny>,
        severity: &Bound<'_, PyAny>,
        path: &Bound<'_, PyAny>,
        message: &Bound<'_, PyAny>,
        limit: Option<&Bound<'_, PyAny>>,
        actual: Option<&Bound<'_, PyAny>>,
        hint: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let text = |name, given| TextArg::read(name, given)?.into_text(py);
        let (code, severity) = (text("code", code)?, text("severity", severity)?);
        let (path, message) = (text("path", path)?, text("message", message)?);
        let hint = hint.map(|hint| text("hint", hint)).transpose()?;
        let limit: Option<u64> = optional_count("limit", limit)?;
        let actual: Option<u64> = optional_count("actual", actual)?;
        let fields = json!({
            "code": code, "severity": severity, "path": path, "message": message,
            "limit": limit, "actual": actual, "hint": hint,
        });
        serde_json::from_value(fields)
            .map(Self)
            .map_err(|_| PyValueError::new_err("unknown code or severity"))
    }

    /// Code of the issue, one of ``CODES``.
    #[getter]
    fn code(&self) -> &'static str {
        self.0.code.as_str()
    }

    /// ``"error"`` (the data cannot be sent) or ``"warning"``.
    #[getter]
    fn severity(&self) -> &'static str {
        self.0.severity.as_str()
    }

    /// JSON Pointer of the value; ``""`` is the whole value.
    #[getter]
    fn path(&self) -> &str {
        &self.0.path
    }

    /// What is wrong, with the figure and the limit.
    #[getter]
    fn message(&self) -> &str {
        &self.0.message
    }

    /// Limit, in the unit of the message, or ``None``.
    #[getter]
    fn limit(&self) -> Option<u64> {
        self.0.limit
    }

    /// Actual figure, in the unit of ``limit``, or ``None``.
    #[getter]
    fn actual(&self) -> Option<u64> {
        self.0.actual
    }

    /// What to do, or ``None``.
    #[getter]
    fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Returns the issue as a plain dict.
    ///
    /// Returns:
    ///     dict: The fields that are not ``None``, by name.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let fields = serde_json::to_value(&self.0).unwrap_or_default();
        to_python(py, &fields)
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let figures = [("limit", self.0.limit), ("actual", self.0.actual)];
        let figures: String = figures
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| format!(", {name}={value}")))
            .collect();
        let path = self.0.path.as_str().into_pyobject(py)?.repr()?;
        Ok(format!(
            "Issue(code='{}', severity='{}', path={path}{figures})",
            self.0.code, self.0.severity
        ))
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.0.code, self.0.severity, &self.0.path, &self.0.message).hash(&mut hasher);
        (self.0.limit, self.0.actual, &self.0.hint).hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, Arguments) {
        let Issue { code, severity, path, message, limit, actual, hint } = &slf.get().0;
        let arguments = (
            code.as_str(),
            severity.as_str(),
            path.clone(),
            message.to_string(),
            *limit,
            *actual,
            hint.as_ref().map(ToString::to_string),
        );
        (slf.get_type().into_any(), arguments)
    }
}

/// The arguments of the constructor, in order.
type Arguments =
    (&'static str, &'static str, String, String, Option<u64>, Option<u64>, Option<String>);
