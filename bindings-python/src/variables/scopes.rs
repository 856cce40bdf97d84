//! The function `resolve_scopes`, and the fields of variables in any form.

use cognigy_context::__bindings::Path;
use cognigy_context::scope::resolve;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString};

use crate::argument_types::iterator_arg;
use crate::argument_types::wrong_type;
use crate::errors;
use crate::walk::read_text;

/// Resolves variables that share a name by the precedence of their scopes.
///
/// ``user`` takes precedence over ``session``, then ``bot``, then ``global``, then any other scope.
/// Of several variables with the same name and precedence the first is resolved.
///
/// Args:
///     variables: Iterable of mappings or objects with ``name`` and ``scope``, as the API returns
///         them.
///
/// Returns:
///     dict: Names to variables, in the order in which the names first appear. The variables are
///     the given objects themselves.
///
/// Raises:
///     TypeError: ``variables`` is not iterable, or a variable has no ``name`` or ``scope`` that is a
///         ``str``.
///     ValidationError: A name contains an unpaired surrogate.
///
/// Example:
///     >>> from cognigy_context import resolve_scopes
///     >>> resolve_scopes([
///     ...     {"name": "tier", "value": "basic", "scope": "bot"},
///     ...     {"name": "tier", "value": "gold", "scope": "user"},
///     ... ])
///     {'tier': {'name': 'tier', 'value': 'gold', 'scope': 'user'}}
#[pyfunction]
pub(crate) fn resolve_scopes<'py>(variables: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = variables.py();
    let mut given = Vec::new();
    for variable in iterator_arg("variables", variables)? {
        let variable = variable?;
        let name = text_field(&variable, intern!(py, "name"))?;
        let scope = text_field(&variable, intern!(py, "scope"))?;
        given.push((variable, name, scope));
    }
    let mut pairs = Vec::with_capacity(given.len());
    for (index, (_, name, scope)) in given.iter().enumerate() {
        let name = read_text(name)?;
        if name.has_lone_surrogate {
            return Err(errors::lone_surrogate(py, &Path::ROOT.index(index).key("name")));
        }
        pairs.push((name.text, read_text(scope)?.text));
    }
    let resolved = PyDict::new(py);
    for index in resolve(pairs).resolved {
        if let Some((variable, name, _)) = given.get(index) {
            resolved.set_item(name, variable)?;
        }
    }
    Ok(resolved)
}

/// Returns a field of a variable that is a mapping or an object with attributes.
///
/// # Errors
/// `TypeError` when the field is missing, or what Python code raised.
pub(super) fn field<'py>(
    variable: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    if let Ok(variable) = variable.cast::<PyDict>() {
        if let Some(found) = variable.get_item(name)? {
            return Ok(found);
        }
    } else if let Ok(mapping) = variable.cast::<PyMapping>() {
        if mapping.contains(name)? {
            return mapping.get_item(name);
        }
    } else if let Some(found) = variable.getattr_opt(name)? {
        return Ok(found);
    }
    Err(PyTypeError::new_err(format!("a variable must have a {name}")))
}

/// Returns a field that is text.
///
/// # Errors
/// As [`field`], and `TypeError` when the field is not a `str`.
pub(super) fn text_field<'py>(
    variable: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyString>> {
    field(variable, name)?.cast_into().map_err(|error| {
        wrong_type(&format!("the {name} of a variable"), "a str", &error.into_inner())
    })
}
