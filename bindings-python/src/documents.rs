//! Context documents as text, and merged.

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

/// A document as the core wants it: compact JSON without internal keys. The outer error is what
/// Python raised.
pub(crate) fn document(value: &Bound<'_, PyAny>) -> PyResult<Result<Vec<u8>, ValidationError>> {
    let mut walked = Ok(());
    let written =
        __bindings::write_visited(&CheckOptions::new(&document_policy()), Vec::new(), |checker| {
            walked = walk(value, checker)
        });
    walked?;
    Ok(written.map(|CheckedBody { body, .. }| body))
}

/// Writes a context document as compact JSON, without its internal keys: those that start with
/// ``__``, at every depth.
///
/// Args:
///     value: Mostly a dict, another mapping, a dataclass instance or a pydantic model. Wherever a
///         value is taken: lists, tuples and sets (in the order in which they iterate) are lists;
///         datetimes, dates and times are their ``isoformat()``; UUIDs are text; enum members are
///         their values; a ``Decimal`` is a number as it is written, unless a reader with 64-bit
///         floats would see another number, which is an issue.
///
/// Returns:
///     str: The JSON text.
///
/// Raises:
///     ValidationError: A part of it has no JSON form.
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

/// Merges ``update`` into ``base``: dicts and other mappings merge member by member, all else is
/// replaced.
///
/// Args:
///     base: A document, which is not touched.
///     update: What is merged into it, which is not touched either.
///
/// Returns:
///     The merged document. Every mapping in it is a new dict; all else, lists too, is the very object
///     that was given.
///
/// Raises:
///     ValidationError: Mappings are nested deeper than 128 levels, or one holds itself.
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
        (Some(base), Some(update)) => Ok(merged(&base, &update, &Path::ROOT)?.into_any()),
        _ => fresh(update, &Path::ROOT),
    }
}

/// What is an object in JSON, as it is for a check: a dict, or another mapping, read into one.
fn members<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyDict>>> {
    if let Ok(dict) = value.cast::<PyDict>() {
        return Ok(Some(dict.clone()));
    }
    // Most values: asking whether they are mappings would take longer.
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

/// The rule: a mapping and a mapping merge, all else is replaced. Members are listed before they are
/// looked at, because looking up a key may run Python code.
fn merged<'py>(
    base: &Bound<'py, PyDict>,
    update: &Bound<'py, PyDict>,
    at: &Path<'_>,
) -> PyResult<Bound<'py, PyDict>> {
    hold_depth(base.py(), at)?;
    let result = PyDict::new(base.py());
    for pair in base.items() {
        let (key, held): (Bound<'py, PyAny>, Bound<'py, PyAny>) = pair.extract()?;
        // The place is told by levels only: the keys on the way to it are of no use.
        let member = at.index(0);
        let value = match update.get_item(&key)? {
            None => fresh(&held, &member)?,
            Some(given) => match (members(&held)?, members(&given)?) {
                (Some(held), Some(given)) => merged(&held, &given, &member)?.into_any(),
                _ => fresh(&given, &member)?,
            },
        };
        result.set_item(key, value)?;
    }
    for pair in update.items() {
        let (key, given): (Bound<'py, PyAny>, Bound<'py, PyAny>) = pair.extract()?;
        if !base.contains(&key)? {
            result.set_item(key, fresh(&given, &at.index(0))?)?;
        }
    }
    Ok(result)
}

/// A value with new dicts in the place of those that it holds.
fn fresh<'py>(value: &Bound<'py, PyAny>, at: &Path<'_>) -> PyResult<Bound<'py, PyAny>> {
    let Some(dict) = members(value)? else { return Ok(value.clone()) };
    hold_depth(dict.py(), at)?;
    let result = PyDict::new(dict.py());
    for pair in dict.items() {
        let (key, held): (Bound<'py, PyAny>, Bound<'py, PyAny>) = pair.extract()?;
        result.set_item(key, fresh(&held, &at.index(0))?)?;
    }
    Ok(result.into_any())
}

/// The core's cap on nesting, which here keeps the stack.
fn hold_depth(py: Python<'_>, at: &Path<'_>) -> PyResult<()> {
    if at.depth() <= MAX_NESTING {
        return Ok(());
    }
    match measure_with(|checker| checker.unsupported(UnsupportedValue::TooDeep, at)) {
        Err(error) => Err(errors::of_validation(py, error)),
        Ok(_) => Ok(()),
    }
}
