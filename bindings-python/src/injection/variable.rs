//! The class `Variable`, and variables that are given as other objects.

use cognigy_context::injection::InjectionVariable;
use pyo3::exceptions::{PyException, PyMemoryError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyMapping, PyString, PyTuple};

use crate::value_class::ValueClass;
use crate::walk::{VariableParts, loaded_attribute, probe_datetime_layout};

/// One variable to inject.
///
/// :class:`InjectionPayload` accepts a dict with the same keys as well, which is faster. The
/// constructor checks nothing; the payload checks its variables when it is written or sent.
///
/// Args:
///     key: Name of 1 to 128 code points: letters and numbers of any script, ``_`` and ``-``, with
///         at least one letter or number.
///     value: Value of any type with a JSON form.
///     scope: ``"session"`` (default), ``"user"`` or ``"global"``.
///     expires_at: Expiry time: RFC 3339 text, which is sent unchanged, or a ``datetime``, which is
///         sent as its ``isoformat()``. A ``datetime`` without a time zone is read as UTC. Default
///         ``None``: the variable does not expire.
///
/// Example:
///     >>> from cognigy_context import Variable
///     >>> Variable("tier", "gold").scope
///     'session'
#[pyclass(frozen, name = "Variable", module = "cognigy_context")]
pub(crate) struct PyVariable {
    /// Name of the variable.
    #[pyo3(get)]
    key: Py<PyAny>,
    /// Value of the variable.
    #[pyo3(get)]
    value: Py<PyAny>,
    /// Scope: ``"session"``, ``"user"`` or ``"global"``.
    #[pyo3(get)]
    scope: Py<PyAny>,
    /// Expiry time, or ``None`` when the variable does not expire.
    #[pyo3(get)]
    expires_at: Py<PyAny>,
}

impl ValueClass for PyVariable {
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        (&self.key, &self.value, &self.scope, &self.expires_at).into_pyobject(py)
    }
}

impl PyVariable {
    pub(crate) fn parts<'py>(&self, py: Python<'py>) -> VariableParts<'py> {
        let bound = |field: &Py<PyAny>| Some(field.bind(py).clone());
        VariableParts {
            key: bound(&self.key),
            value: bound(&self.value),
            scope: bound(&self.scope),
            expires_at: bound(&self.expires_at),
        }
    }
}

#[pymethods]
impl PyVariable {
    #[new]
    #[pyo3(
        signature = (key, value, scope=None, expires_at=None),
        text_signature = "(key, value, scope='session', expires_at=None)"
    )]
    fn new(
        py: Python<'_>,
        key: Py<PyAny>,
        value: Py<PyAny>,
        scope: Option<Py<PyAny>>,
        expires_at: Option<Py<PyAny>>,
    ) -> Self {
        let scope = scope.unwrap_or_else(|| default_scope(py).into_any().unbind());
        Self { key, value, scope, expires_at: expires_at.unwrap_or_else(|| py.None()) }
    }

    // A `repr` shows no values, because reprs end up in logs.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (key, scope) = (self.key.bind(py).repr()?, self.scope.bind(py).repr()?);
        Ok(format!("<Variable key={key} scope={scope}>"))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.is_equal(other)
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        Self::reduce(slf)
    }
}

/// Returns the core's default scope.
pub(crate) fn default_scope(py: Python<'_>) -> Bound<'_, PyString> {
    static SCOPE: PyOnceLock<Py<PyString>> = PyOnceLock::new();
    let intern = || PyString::intern(py, &InjectionVariable::new("", ()).scope).unbind();
    SCOPE.get_or_init(py, intern).bind(py).clone()
}

/// Reads the fields of a mapping, or of an object with attributes. Returns `None` for an object that is
/// neither a mapping nor has a `key`.
///
/// # Errors
/// `MemoryError`, and exceptions that are not an `Exception`, such as `KeyboardInterrupt`. A field
/// that raises anything else is missing.
pub(crate) fn read_parts<'py>(
    variable: &Bound<'py, PyAny>,
) -> PyResult<Option<VariableParts<'py>>> {
    let py = variable.py();
    let mapping = variable.cast::<PyMapping>().ok();
    let field = |name: &Bound<'py, PyString>| -> PyResult<Option<Bound<'py, PyAny>>> {
        let found = match mapping {
            Some(mapping) => mapping
                .contains(name)
                .and_then(|is_present| is_present.then(|| mapping.get_item(name)).transpose()),
            None => variable.getattr_opt(name),
        };
        found.or_else(|error| if is_fatal(py, &error) { Err(error) } else { Ok(None) })
    };
    let key = field(intern!(py, "key"))?;
    if key.is_none() && mapping.is_none() {
        return Ok(None);
    }
    Ok(Some(VariableParts {
        key,
        value: field(intern!(py, "value"))?,
        scope: field(intern!(py, "scope"))?,
        expires_at: match field(intern!(py, "expires_at"))? {
            None => field(intern!(py, "expiresAt"))?,
            found => found,
        },
    }))
}

/// Returns the `isoformat()` of a `datetime`, which is read as UTC when it has no time zone. Returns
/// `None` for any other object, and for a `datetime` that raises an exception.
///
/// # Errors
/// As [`read_parts`].
pub(crate) fn iso_of<'py>(time: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyString>>> {
    static DATETIME: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static UTC: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = time.py();
    let Some(class) = loaded_attribute(py, &DATETIME, "datetime", "datetime") else {
        return Ok(None);
    };
    if !time.is_instance(class)? {
        return Ok(None);
    }
    probe_datetime_layout(py);
    let write = || -> PyResult<Bound<'py, PyAny>> {
        if !time.call_method0(intern!(py, "utcoffset"))?.is_none() {
            return time.call_method0(intern!(py, "isoformat"));
        }
        let zone = UTC
            .get_or_try_init(py, || {
                let zone = py.import("datetime")?.getattr("timezone")?.getattr("utc")?;
                PyResult::Ok(zone.unbind())
            })?
            .bind(py);
        let replacements = PyDict::new(py);
        replacements.set_item(intern!(py, "tzinfo"), zone)?;
        let aware = time.call_method(intern!(py, "replace"), (), Some(&replacements))?;
        aware.call_method0(intern!(py, "isoformat"))
    };
    match write() {
        Ok(text) => Ok(text.cast_into().ok()),
        Err(error) if is_fatal(py, &error) => Err(error),
        Err(_) => Ok(None),
    }
}

/// Returns whether an exception is about the process, not about the value that raised it.
fn is_fatal(py: Python<'_>, error: &PyErr) -> bool {
    !error.is_instance_of::<PyException>(py) || error.is_instance_of::<PyMemoryError>(py)
}
