//! One finding.

use std::hash::{DefaultHasher, Hash, Hasher};

use cognigy_context::Issue;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::json;

use crate::to_python::to_python;

/// One finding of a check: what, how grave, where, and what to do about it.
///
/// Issues are made by checks; messages hold paths, kinds and sizes, never values.
///
/// Args:
///     code: Stable name of the kind of finding, one of ``CODES``.
///     severity: ``"error"`` (stops the data from being sent) or ``"warning"``.
///     path: JSON Pointer (RFC 6901) to the place; ``""`` is the whole value.
///     message: What was found, in a sentence.
///     limit: The limit that was hit, in the unit the message names.
///     actual: The figure that was found, in the same unit.
///     hint: What to do about it.
///
/// Raises:
///     ValueError: ``code`` or ``severity`` is not one of the names there are.
///     OverflowError: ``limit`` or ``actual`` is negative or beyond 64 bits.
///
/// Example:
///     >>> from cognigy_context import check
///     >>> issue = check({"customer.tier": "gold"}).issues[0]
///     >>> issue.severity, issue.code, issue.path
///     ('warning', 'unreadable_key', '/customer.tier')
#[pyclass(frozen, name = "Issue", module = "cognigy_context")]
pub(crate) struct PyIssue(pub(crate) Issue);

#[pymethods]
impl PyIssue {
    #[new]
    #[pyo3(signature = (code, severity, path, message, limit=None, actual=None, hint=None))]
    fn new(
        code: &str,
        severity: &str,
        path: &str,
        message: &str,
        limit: Option<u64>,
        actual: Option<u64>,
        hint: Option<&str>,
    ) -> PyResult<Self> {
        let fields = json!({
            "code": code, "severity": severity, "path": path, "message": message,
            "limit": limit, "actual": actual, "hint": hint,
        });
        serde_json::from_value(fields)
            .map(Self)
            .map_err(|_| PyValueError::new_err("unknown code or severity of an issue"))
    }

    /// Stable name of the kind of finding, one of ``CODES``.
    #[getter]
    fn code(&self) -> &'static str {
        self.0.code.as_str()
    }

    /// ``"error"`` or ``"warning"``.
    #[getter]
    fn severity(&self) -> &'static str {
        self.0.severity.as_str()
    }

    /// JSON Pointer to the place; ``""`` is the whole value.
    #[getter]
    fn path(&self) -> &str {
        &self.0.path
    }

    /// What was found, in a sentence.
    #[getter]
    fn message(&self) -> &str {
        &self.0.message
    }

    /// The limit that was hit, in the unit the message names.
    #[getter]
    fn limit(&self) -> Option<u64> {
        self.0.limit
    }

    /// The figure that was found, in the same unit.
    #[getter]
    fn actual(&self) -> Option<u64> {
        self.0.actual
    }

    /// What to do about it.
    #[getter]
    fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The same as a plain dict, without the fields that are None.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let fields = serde_json::to_value(&self.0).unwrap_or_default();
        to_python(py, &fields)
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let fields = PyDict::new(py);
        for (name, value) in [("limit", self.0.limit), ("actual", self.0.actual)] {
            if let Some(value) = value {
                fields.set_item(name, value)?;
            }
        }
        let figures: String =
            fields.iter().map(|(name, value)| format!(", {name}={value}")).collect();
        let path = self.0.path.as_str().into_pyobject(py)?.repr()?;
        Ok(format!(
            "Issue(code='{}', severity='{}', path={path}{figures})",
            self.0.code, self.0.severity
        ))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.0.code, self.0.severity, &self.0.path, &self.0.message).hash(&mut hasher);
        (self.0.limit, self.0.actual, &self.0.hint).hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, Fields) {
        let Issue { code, severity, path, message, limit, actual, hint } = &slf.get().0;
        let fields = (
            code.as_str(),
            severity.as_str(),
            path.clone(),
            message.to_string(),
            *limit,
            *actual,
            hint.as_ref().map(ToString::to_string),
        );
        (slf.get_type().into_any(), fields)
    }
}

type Fields =
    (&'static str, &'static str, String, String, Option<u64>, Option<u64>, Option<String>);
