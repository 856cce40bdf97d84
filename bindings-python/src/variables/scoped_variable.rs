//! The class `ScopedVariable`: one variable with its scope.

use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::argument_types::{optional_str_arg, str_arg};
use crate::value_class::ValueClass;

/// One variable, as the API returns it.
///
/// Args:
///     name: Name of the variable.
///     value: Value of the variable.
///     scope: Scope: ``"global"``, ``"bot"``, ``"session"``, ``"user"`` or another name.
///     type: Declared type of the variable. Default ``None``: no declared type.
///
/// Example:
///     >>> from cognigy_context import ScopedVariable, resolve_scopes
///     >>> resolve_scopes([ScopedVariable("tier", "gold", "user")])["tier"].value
///     'gold'
#[pyclass(frozen, name = "ScopedVariable", module = "cognigy_context")]
pub(crate) struct PyScopedVariable {
    /// Name of the variable.
    #[pyo3(get)]
    pub(super) name: Py<PyString>,
    /// Value of the variable. :func:`parse_variables` coerces text values.
    #[pyo3(get)]
    pub(super) value: Py<PyAny>,
    /// Scope of the variable.
    #[pyo3(get)]
    pub(super) scope: Py<PyString>,
    /// Declared type of the variable, or ``None`` when the response has none.
    #[pyo3(get, name = "type")]
    pub(super) declared_type: Option<Py<PyString>>,
}

impl ValueClass for PyScopedVariable {
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        (&self.name, &self.value, &self.scope, &self.declared_type).into_pyobject(py)
    }
}

#[pymethods]
impl PyScopedVariable {
    #[new]
    #[pyo3(signature = (name, value, scope, r#type=None))]
    fn new(
        name: &Bound<'_, PyAny>,
        value: Py<PyAny>,
        scope: &Bound<'_, PyAny>,
        r#type: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let declared_type = optional_str_arg("type", r#type)?;
        Ok(Self {
            name: str_arg("name", name)?.clone().unbind(),
            value,
            scope: str_arg("scope", scope)?.clone().unbind(),
            declared_type: declared_type.map(|text| text.clone().unbind()),
        })
    }

    // A `repr` shows no values, because reprs end up in logs.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (name, scope) = (self.name.bind(py).repr()?, self.scope.bind(py).repr()?);
        Ok(format!("<ScopedVariable name={name} scope={scope}>"))
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
