//! Python objects as JSON values.

use cognigy_context::__bindings::write_with;
use cognigy_context::check::read_json;
use pyo3::prelude::*;
use serde_json::Value;

use crate::errors;
use crate::walk::walk;

/// Converts a Python object to a JSON value.
///
/// # Errors
/// `ValidationError` when a part of it has no JSON form or an integer needs more than 64 bits; and
/// what Python raised.
pub(crate) fn value_of(given: &Bound<'_, PyAny>) -> PyResult<Value> {
    let py = given.py();
    let mut walked = Ok(());
    let text = write_with(|checker| walked = walk(given, checker));
    walked?;
    text.and_then(|text| py.detach(|| read_json(text)))
        .map_err(|error| errors::of_validation(py, error))
}
