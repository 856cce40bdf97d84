//! Typed values out of untyped text.

use cognigy_context::__bindings::{Coerced, CoercionError, IntegerRange, coerce_text_within};
use cognigy_context::{coerce::Mode, coerce::TypeHint};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyNone, PyString};

use crate::errors;
use crate::json_loads::loads;
use crate::py_str::new_text;
use crate::walk::read_text;

/// A mode as an argument.
///
/// # Errors
/// `ConfigurationError` when there is no such mode.
pub(crate) fn mode_of(mode: Option<&Bound<'_, PyString>>) -> PyResult<Mode> {
    let Some(mode) = mode else { return Ok(Mode::default()) };
    read_text(mode)?.text.parse().map_err(|error| errors::of_configuration(mode.py(), error))
}

/// The value that a text was coerced to. None where Python cannot hold it (it can be told to read
/// fewer digits than the core lets through), or where it is that text itself.
pub(crate) fn object_of<'py>(
    py: Python<'py>,
    coerced: &Coerced<'_>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    Ok(match coerced {
        Coerced::Text(text) => Some(new_text(py, text).into_any()),
        Coerced::Null => Some(PyNone::get(py).to_owned().into_any()),
        Coerced::Boolean(value) => Some(PyBool::new(py, *value).to_owned().into_any()),
        Coerced::Integer(digits) => match digits.parse::<i64>() {
            Ok(number) => Some(number.into_pyobject(py)?.into_any()),
            Err(_) => py.get_type::<PyInt>().call1((digits.as_ref(),)).ok(),
        },
        Coerced::Float(value) => Some(PyFloat::new(py, *value).into_any()),
        Coerced::Json { text, .. } => unless_too_long(py, loads(py, text))?,
    })
}

/// What was read of JSON text that the core found sane; none where Python was told to read integers of
/// fewer digits than stand in it.
pub(crate) fn unless_too_long<'py>(
    py: Python<'py>,
    read: PyResult<Bound<'py, PyAny>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    match read {
        Err(error) if error.is_instance_of::<PyValueError>(py) => Ok(None),
        read => read.map(Some),
    }
}

/// Makes a typed value out of text, as the variables API answers it.
///
/// Args:
///     value: The text. Anything else passes untouched.
///     mode: ``"lossless"``: text becomes a value only where nothing is lost, so ``"42"`` does, and
///         ``"007"`` and ``"1.50"`` stay. ``"compat"``: what scripts do today, in this order:
///         ``true``/``false``, ``int()``, ``float()``, JSON; so ``"007"`` is 7.
///     hint: The variable's ``type``, where it has one: ``"string"`` leaves the text as it is;
///         ``"number"``, ``"integer"``, ``"boolean"``, ``"object"``, ``"array"`` and ``"json"`` ask
///         for just that. Any other is no hint.
///
/// Returns:
///     The value, or the text itself. Integers are exact, whatever their length.
///
/// Raises:
///     ValidationError: The text is not what ``hint`` says (``coercion_failed``).
///     ConfigurationError: There is no such mode.
///
/// Example:
///     >>> from cognigy_context import coerce
///     >>> coerce("42"), coerce("007"), coerce('{"a": [1]}'), coerce("TRUE")
///     (42, '007', {'a': [1]}, True)
///     >>> coerce("007", "compat"), coerce("42", hint="string")
///     (7, '42')
#[pyfunction]
#[pyo3(
    signature = (value, mode=None, hint=None),
    text_signature = "(value, mode='lossless', hint=None)"
)]
pub(crate) fn coerce<'py>(
    value: &Bound<'py, PyAny>,
    mode: Option<&Bound<'py, PyString>>,
    hint: Option<&Bound<'py, PyString>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    let mode = mode_of(mode)?;
    let hint = match hint {
        Some(hint) => TypeHint::of(&read_text(hint)?.text),
        None => None,
    };
    let Ok(text) = value.cast::<PyString>() else { return Ok(value.clone()) };
    let read = read_text(text)?;
    let failed =
        |failed: CoercionError| errors::of_validation(py, failed.into_error(String::new()));
    if read.lone_surrogate {
        // No number and no JSON: it can only stay as it is.
        return match hint {
            None | Some(TypeHint::String) => Ok(value.clone()),
            Some(hint) => Err(failed(CoercionError { hint })),
        };
    }
    match coerce_text_within(&read.text, mode, hint, IntegerRange::Beyond).map_err(failed)? {
        Coerced::Text(same) if same == read.text => Ok(value.clone()),
        coerced => Ok(object_of(py, &coerced)?.unwrap_or_else(|| value.clone())),
    }
}
