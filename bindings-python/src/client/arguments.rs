//! Payloads and updates as arguments: objects of their classes, or mappings of the same fields.

use pyo3::PyClass;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping};

use crate::injection::PyInjectionPayload;
use crate::state::PyStateUpdate;

/// An injection: an `InjectionPayload`, or a mapping of its fields.
///
/// # Errors
/// `TypeError` when it is neither.
pub(super) fn payload_of<'py>(
    given: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyInjectionPayload>> {
    made(given, "an InjectionPayload, or a mapping of session_id, variables, merge_strategy")
}

/// An update of a state: a `StateUpdate`, or a mapping of its fields.
///
/// # Errors
/// `TypeError` when it is neither.
pub(super) fn update_of<'py>(given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyStateUpdate>> {
    made(given, "a StateUpdate, or a mapping of session, user, next_step")
}

fn made<'py, C: PyClass>(given: &Bound<'py, PyAny>, expected: &str) -> PyResult<Bound<'py, C>> {
    if let Ok(made) = given.cast::<C>() {
        return Ok(made.clone());
    }
    let refused = || PyTypeError::new_err(format!("expected {expected}"));
    let fields = PyDict::new(given.py());
    fields.update(given.cast::<PyMapping>().map_err(|_| refused())?)?;
    let made = given.py().get_type::<C>().call((), Some(&fields));
    made.map_err(
        |raised| {
            if raised.is_instance_of::<PyTypeError>(given.py()) { refused() } else { raised }
        },
    )?
    .cast_into()
    .map_err(PyErr::from)
}
