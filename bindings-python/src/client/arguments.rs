//! Payloads and updates as arguments: objects of their classes, or mappings of the same fields.

use pyo3::PyClass;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping};

use crate::argument_types::wrong_type;
use crate::injection::PyInjectionPayload;
use crate::state::PyStateUpdate;

/// Reads an injection: an `InjectionPayload`, or a mapping of its fields.
///
/// # Errors
/// `TypeError` when it is neither, and when a field is missing, unknown or of another type.
pub(super) fn payload_of<'py>(
    given: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyInjectionPayload>> {
    instance_of(
        given,
        "payload",
        "an InjectionPayload, or a mapping of session_id, variables, merge_strategy",
    )
}

/// Reads an update of a dialog state: a `StateUpdate`, or a mapping of its fields.
///
/// # Errors
/// `TypeError` when it is neither, and when a field is missing, unknown or of another type.
pub(super) fn update_of<'py>(given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyStateUpdate>> {
    instance_of(given, "update", "a StateUpdate, or a mapping of session, user, next_step")
}

fn instance_of<'py, C: PyClass>(
    given: &Bound<'py, PyAny>,
    name: &str,
    expected: &str,
) -> PyResult<Bound<'py, C>> {
    if let Ok(instance) = given.cast::<C>() {
        return Ok(instance.clone());
    }
    let Ok(mapping) = given.cast::<PyMapping>() else {
        return Err(wrong_type(name, expected, given));
    };
    let fields = PyDict::new(given.py());
    fields.update(mapping)?;
    let instance = given.py().get_type::<C>().call((), Some(&fields)).map_err(|raised| {
        if raised.is_instance_of::<PyTypeError>(given.py()) {
            // A field is missing, unknown or of another type.
            PyTypeError::new_err(format!("{name} must be {expected}"))
        } else {
            raised
        }
    })?;
    instance.cast_into().map_err(PyErr::from)
}
