//! The function `coerce`, and the conversion of coerced values to Python.

use cognigy_context::__bindings::{Coerced, CoercionError, IntegerRange, coerce_text_within};
use cognigy_context::{coerce::Mode, coerce::TypeHint};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyNone, PyString};

use crate::argument_types::optional_str_arg;
use crate::errors;
use crate::json_loads::loads;
use crate::py_str::new_text;
use crate::walk::read_text;

/// Reads a coercion mode. `None` is the default mode, `lossless`.
///
/// # Errors
/// `TypeError` when the mode is not a `str`, `ConfigurationError` when it is unknown.
pub(crate) fn mode_of(mode: Option<&Bound<'_, PyAny>>) -> PyResult<Mode> {
    let Some(mode) = optional_str_arg("mode", mode)? else { return Ok(Mode::default()) };
    read_text(mode)?.text.parse().map_err(|error| errors::of_configuration(mode.py(), error))
}

/// Returns the Python object of a coerced value. Returns `None` for an integer, or JSON text with an
/// integer, that has more digits than Python converts (`sys.set_int_max_str_digits`).
pub(crate) fn coerced_to_python<'py>(
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
        Coerced::Json { text, .. } => none_if_too_long(py, loads(py, text))?,
    })
}

/// Returns the object that was read from valid JSON text. Returns `None` when the text contains an
/// integer with more digits than Python converts, which is the only `ValueError` of valid text.
pub(crate) fn none_if_too_long<'py>(
    py: Python<'py>,
    read: PyResult<Bound<'py, PyAny>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    match read {
        Err(error) if error.is_instance_of::<PyValueError>(py) => Ok(None),
        read => read.map(Some),
    }
}

/// Converts untyped text, as the API returns it, into a typed value.
///
/// Args:
///     value: Text. A value of another type is returned unchanged.
///     mode: Decides what text without a declared type becomes. ``"lossless"`` (default) converts
///         text only when the value can be written back as the same text: ``"42"`` becomes 42,
///         ``"007"`` and ``"1.50"`` stay text. ``"compat"`` reads text as scripts usually do:
///         ``true``/``false``, then ``int()``, ``float()`` and JSON; ``"007"`` becomes 7.
///     hint: Declared type of the variable: ``"string"``, ``"number"``, ``"integer"``,
///         ``"boolean"``, ``"object"``, ``"array"`` or ``"json"``. ``"string"`` leaves the text as
///         it is. Default ``None``: no declared type. An unknown type is ignored.
///
/// Returns:
///     The value, or the text when it stays text. Integers beyond ±(2**53 - 1) stay text in the
///     mode ``"lossless"``. In ``"compat"`` integers of up to 4,300 digits are exact.
///
/// Raises:
///     ValidationError: The text cannot be converted to ``hint`` (``coercion_failed``).
///     ConfigurationError: ``mode`` is unknown.
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
    mode: Option<&Bound<'py, PyAny>>,
    hint: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    let mode = mode_of(mode)?;
    let hint = match optional_str_arg("hint", hint)? {
        Some(hint) => TypeHint::of(&read_text(hint)?.text),
        None => None,
    };
    let Ok(text) = value.cast::<PyString>() else { return Ok(value.clone()) };
    let read = read_text(text)?;
    let raise = |error: CoercionError| errors::of_validation(py, error.into_error(String::new()));
    if read.has_lone_surrogate {
        // Text with an unpaired surrogate is neither a number nor JSON, so it stays text.
        return match hint {
            None | Some(TypeHint::String) => Ok(value.clone()),
            Some(hint) => Err(raise(CoercionError { hint })),
        };
    }
    match coerce_text_within(&read.text, mode, hint, IntegerRange::Beyond).map_err(raise)? {
        Coerced::Text(same) if same == read.text => Ok(value.clone()),
        coerced => Ok(coerced_to_python(py, &coerced)?.unwrap_or_else(|| value.clone())),
    }
}
