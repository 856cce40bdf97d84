//! JSON values as Python objects.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyNone};
use serde_json::{Map, Value};

use crate::key_interner::KeyInterner;
use crate::py_str::new_text;

/// Converts a JSON value to a Python object. The core limits nesting, so the recursion fits the stack.
pub(crate) fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    value_to_python(&mut KeyInterner::new(py), value)
}

/// Converts a JSON object to a dict.
pub(crate) fn to_dict<'py>(
    py: Python<'py>,
    members: &Map<String, Value>,
) -> PyResult<Bound<'py, PyDict>> {
    dict_of(&mut KeyInterner::new(py), members)
}

fn value_to_python<'py>(keys: &mut KeyInterner<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    let py = keys.py();
    Ok(match value {
        Value::Null => PyNone::get(py).to_owned().into_any(),
        Value::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => number.into_pyobject(py)?.into_any(),
            (None, Some(number)) => number.into_pyobject(py)?.into_any(),
            (None, None) => number.as_f64().into_pyobject(py)?,
        },
        Value::String(text) => new_text(py, text).into_any(),
        Value::Array(items) => list_of(keys, items)?.into_any(),
        Value::Object(members) => dict_of(keys, members)?.into_any(),
    })
}

fn list_of<'py>(keys: &mut KeyInterner<'py>, items: &[Value]) -> PyResult<Bound<'py, PyList>> {
    let py = keys.py();
    let mut raised = None;
    // From an iterator with a known length Python allocates the list once. The iterator cannot
    // fail, so the first exception is kept and returned afterwards.
    let items = items.iter().map(|item| {
        value_to_python(keys, item).unwrap_or_else(|error| {
            raised.get_or_insert(error);
            PyNone::get(py).to_owned().into_any()
        })
    });
    let list = PyList::new(py, items)?;
    raised.map_or(Ok(list), Err)
}

fn dict_of<'py>(
    keys: &mut KeyInterner<'py>,
    members: &Map<String, Value>,
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(keys.py());
    for (key, value) in members {
        let value = value_to_python(keys, value)?;
        dict.set_item(keys.get(key), value)?;
    }
    Ok(dict)
}
