//! One variable to inject, in every form in which it can be given.

use cognigy_context::injection::InjectionVariable;
use pyo3::exceptions::{PyException, PyMemoryError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyMapping, PyString, PyTuple};

use crate::walk::{VariableParts, loaded_attribute, probe_datetime_layout};

/// One variable to inject. A dict of the same fields is as good everywhere, and faster.
///
/// Nothing is checked here, but when a payload is written.
///
/// Args:
///     key: Its name: letters and digits of any script, ``_`` and ``-``, at most 128.
///     value: Its value: anything with a JSON form.
///     scope: ``"session"``, ``"user"`` or ``"global"``.
///     expires_at: When it ends: RFC 3339 text, which passes unchanged, or a ``datetime``, which is
///         written by ``isoformat()``; a naive one is UTC.
///
/// Example:
///     >>> from cognigy_context import Variable
///     >>> Variable("tier", "gold").scope
///     'session'
#[pyclass(frozen, name = "Variable", module = "cognigy_context")]
pub(crate) struct PyVariable {
    /// Its name.
    #[pyo3(get)]
    key: Py<PyAny>,
    /// Its value.
    #[pyo3(get)]
    value: Py<PyAny>,
    /// Its scope.
    #[pyo3(get)]
    scope: Py<PyAny>,
    /// When it ends; None is never.
    #[pyo3(get)]
    expires_at: Py<PyAny>,
}

impl PyVariable {
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        (&self.key, &self.value, &self.scope, &self.expires_at).into_pyobject(py)
    }

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

    /// Shows no value.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (key, scope) = (self.key.bind(py).repr()?, self.scope.bind(py).repr()?);
        Ok(format!("<Variable key={key} scope={scope}>"))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        match other.cast::<Self>() {
            Ok(same) => self.fields(other.py())?.eq(same.get().fields(other.py())?),
            Err(_) => Ok(false),
        }
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        Ok((slf.get_type().into_any(), slf.get().fields(slf.py())?))
    }
}

/// The scope of a variable that names none, as the core has it.
pub(crate) fn default_scope(py: Python<'_>) -> Bound<'_, PyString> {
    static KEPT: PyOnceLock<Py<PyString>> = PyOnceLock::new();
    let intern = || PyString::intern(py, &InjectionVariable::new("", ()).scope).unbind();
    KEPT.get_or_init(py, intern).bind(py).clone()
}

/// The fields of what is neither a dict nor a `Variable`. None: it has not even a key.
pub(crate) fn parts_of<'py>(variable: &Bound<'py, PyAny>) -> PyResult<Option<VariableParts<'py>>> {
    let py = variable.py();
    let mapping = variable.cast::<PyMapping>().ok();
    let field = |name: &Bound<'py, PyString>| -> PyResult<Option<Bound<'py, PyAny>>> {
        let found = match mapping {
            Some(mapping) => mapping
                .contains(name)
                .and_then(|there| there.then(|| mapping.get_item(name)).transpose()),
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

/// The text of a `datetime`; a naive one is UTC. None for what is none.
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
    let written = || -> PyResult<Bound<'py, PyAny>> {
        if !time.call_method0(intern!(py, "utcoffset"))?.is_none() {
            return time.call_method0(intern!(py, "isoformat"));
        }
        let zone = UTC
            .get_or_try_init(py, || {
                let zone = py.import("datetime")?.getattr("timezone")?.getattr("utc")?;
                PyResult::Ok(zone.unbind())
            })?
            .bind(py);
        let replaced = PyDict::new(py);
        replaced.set_item(intern!(py, "tzinfo"), zone)?;
        let aware = time.call_method(intern!(py, "replace"), (), Some(&replaced))?;
        aware.call_method0(intern!(py, "isoformat"))
    };
    match written() {
        Ok(text) => Ok(text.cast_into().ok()),
        Err(error) if is_fatal(py, &error) => Err(error),
        Err(_) => Ok(None),
    }
}

/// Whether what Python code raised is about the process and not about the value.
fn is_fatal(py: Python<'_>, error: &PyErr) -> bool {
    !error.is_instance_of::<PyException>(py) || error.is_instance_of::<PyMemoryError>(py)
}
