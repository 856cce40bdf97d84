//! The functions `serialize_context` and `deep_merge`.

use cognigy_context::__bindings;
use cognigy_context::__bindings::{Path, UnsupportedValue, ValueVisitor, measure_with};
use cognigy_context::__bindings::{document_policy, serialize_with};
use cognigy_context::check::CheckedBody;
use cognigy_context::policy::MAX_NESTING;
use cognigy_context::{CheckOptions, ValidationError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString};

use crate::errors;
use crate::walk::walk;

/// Writes a document as the core stores it: compact JSON without internal keys. The inner error contains
/// the issues; the outer one is what Python raised.
pub(crate) fn write_document(
    value: &Bound<'_, PyAny>,
) -> PyResult<Result<Vec<u8>, ValidationError>> {
    let mut walked = Ok(());
    let written =
        __bindings::write_visited(&CheckOptions::new(&document_policy()), Vec::new(), |checker| {
            walked = walk(value, checker)
        });
    walked?;
    Ok(written.map(|CheckedBody { body, .. }| body))
}

/// Serializes a context document as compact JSON, without its internal keys.
///
/// Internal keys start with ``__``. They are left out at every depth.
///
/// Args:
///     value: The document: usually a dict, another mapping, a dataclass instance or a pydantic
///         model. Inside it, and wherever this library accepts values, lists, tuples and sets
///         become arrays, sets in the order of iteration; datetimes, dates and times become their
///         ``isoformat()``; UUIDs become text; enum members become their values. A ``Decimal`` is
///         written digit by digit; it is an issue when a 64-bit float would change the number.
///
/// Returns:
///     str: The JSON text.
///
/// Raises:
///     ValidationError: A part of the value has no JSON form.
///
/// Example:
///     >>> from cognigy_context import serialize_context
///     >>> serialize_context({"turn": 3, "__cache": [1], "user": {"__raw": 0, "name": "Ada"}})
///     '{"turn":3,"user":{"name":"Ada"}}'
#[pyfunction]
pub(crate) fn serialize_context(value: &Bound<'_, PyAny>) -> PyResult<String> {
    let mut walked = Ok(());
    let text = serialize_with(|checker| walked = walk(value, checker));
    walked?;
    text.map_err(|error| errors::of_validation(value.py(), error))
}

/// Merges ``update`` into ``base`` and returns a new document.
///
/// Dicts and other mappings merge member by member. Any other value, including a list and ``None``,
/// replaces the old one.
///
/// Args:
///     base: Document to start from. It is not changed.
///     update: Document to merge into it. It is not changed.
///
/// Returns:
///     The merged document. Its mappings are new dicts; all other objects, including lists with
///     their items, are those of the arguments.
///
/// Raises:
///     ValidationError: Mappings are nested more than 128 levels deep, or one contains itself.
///
/// Example:
///     >>> from cognigy_context import deep_merge
///     >>> deep_merge({"user": {"name": "Ada", "tags": [1, 2]}}, {"user": {"tags": [3]}})
///     {'user': {'name': 'Ada', 'tags': [3]}}
#[pyfunction]
pub(crate) fn deep_merge<'py>(
    base: &Bound<'py, PyAny>,
    update: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    match (members(base)?, members(update)?) {
        (Some(base), Some(update)) => Ok(merge(&base, &update, &Path::ROOT)?.into_any()),
        _ => copy_mappings(update, &Path::ROOT),
    }
}

/// Returns a dict of the members of a mapping, or `None` for any other value.
fn members<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyDict>>> {
    if let Ok(dict) = value.cast::<PyDict>() {
        return Ok(Some(dict.clone()));
    }
    // Most values have one of these types, and testing for `Mapping` is slower.
    if value.is_none()
        || value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyFloat>()
        || value.is_exact_instance_of::<PyBool>()
        || value.is_exact_instance_of::<PyList>()
    {
        return Ok(None);
    }
    let Ok(mapping) = value.cast::<PyMapping>() else { return Ok(None) };
    let dict = PyDict::new(value.py());
    dict.update(mapping)?;
    Ok(Some(dict))
}

/// Merges two mappings. `items` copies the members, because looking up a key may run Python code that
/// changes the dict. `at` only counts the levels: its indexes are placeholders.
fn merge<'py>(
    base: &Bound<'py, PyDict>,
    update: &Bound<'py, PyDict>,
    at: &Path<'_>,
) -> PyResult<Bound<'py, PyDict>> {
    check_depth(base.py(), at)?;
    let result = PyDict::new(base.py());
    for pair in base.items() {
        let (key, old): (Bound<'py, PyAny>, Bound<'py, PyAny>) = pair.extract()?;
        let member = at.index(0);
        let value = match update.get_item(&key)? {
            None => copy_mappings(&old, &member)?,
            Some(new) => match (members(&old)?, members(&new)?) {
                (Some(old), Some(new)) => merge(&old, &new, &member)?.into_any(),
                _ => copy_mappings(&new, &member)?,
            },
        };
        result.set_item(key, value)?;
    }
    for pair in update.items() {
        let (key, new): (Bound<'py, PyAny>, Bound<'py, PyAny>) = pair.extract()?;
        if !base.contains(&key)? {
            result.set_item(key, copy_mappings(&new, &at.index(0))?)?;
        }
    }
    Ok(result)
}

/// Copies a mapping and the mappings that are its members, at every depth. All other objects are shared.
fn copy_mappings<'py>(value: &Bound<'py, PyAny>, at: &Path<'_>) -> PyResult<Bound<'py, PyAny>> {
    let Some(dict) = members(value)? else { return Ok(value.clone()) };
    check_depth(dict.py(), at)?;
    let result = PyDict::new(dict.py());
    for pair in dict.items() {
        let (key, member): (Bound<'py, PyAny>, Bound<'py, PyAny>) = pair.extract()?;
        result.set_item(key, copy_mappings(&member, &at.index(0))?)?;
    }
    Ok(result.into_any())
}

/// Checks the core's limit of nesting, which protects the stack here.
///
/// # Errors
/// `ValidationError` when `at` is too deep.
fn check_depth(py: Python<'_>, at: &Path<'_>) -> PyResult<()> {
    if at.depth() <= MAX_NESTING {
        return Ok(());
    }
    match measure_with(|checker| checker.unsupported(UnsupportedValue::TooDeep, at)) {
        Err(error) => Err(errors::of_validation(py, error)),
        Ok(_) => Ok(()),
    }
}
