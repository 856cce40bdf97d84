//! Coercion to a declared type. The spelling of the text (`1.50`, ` 42 `) does not matter. In lossless mode the
//! decimal value of a number must be preserved; in compat mode Python's `int()` or `float()` reads it.

use std::borrow::Cow;

use super::coerced::Coerced;
use super::json::{self, NumberPolicy};
use super::lexical::{is_json_number, parse_boolean, trim_json};
use super::numbers::exact_number;
use super::python_compat::{PythonNumber, parse_number};
use super::types::{Mode, TypeHint};
use crate::number::{Decimal, ecmascript_text};

/// Returns the value of `text` as the type `hint`; `None` when it cannot be converted.
pub(super) fn coerce(text: &str, mode: Mode, hint: TypeHint) -> Option<Coerced<'_>> {
    match hint {
        TypeHint::String => Some(Coerced::Text(Cow::Borrowed(text))),
        TypeHint::Boolean => parse_boolean(trim_json(text)).map(Coerced::Boolean),
        TypeHint::Number => read_number(text, mode),
        TypeHint::Integer => match read_number(text, mode)? {
            Coerced::Float(value) => float_to_integer(value),
            integer => Some(integer),
        },
        TypeHint::Object => {
            read_structured(text, mode).filter(|_| trim_json(text).starts_with('{'))
        }
        TypeHint::Array => read_structured(text, mode).filter(|_| trim_json(text).starts_with('[')),
        TypeHint::Json => read_structured(text, mode).or_else(|| {
            let inner = trim_json(text);
            match inner {
                "true" => Some(Coerced::Boolean(true)),
                "false" => Some(Coerced::Boolean(false)),
                _ => is_json_number(inner).then(|| read_number(inner, mode)).flatten(),
            }
        }),
    }
}

/// Reads JSON text that is not a number alone; `None` for any other text.
fn read_structured(text: &str, mode: Mode) -> Option<Coerced<'_>> {
    let numbers = match mode {
        Mode::Lossless => NumberPolicy::Exact,
        Mode::Compat => NumberPolicy::Finite,
    };
    json::read(trim_json(text), numbers)
}

fn read_number(text: &str, mode: Mode) -> Option<Coerced<'_>> {
    match mode {
        Mode::Compat => match parse_number(text) {
            PythonNumber::Integer(digits) => Some(Coerced::Integer(Cow::Owned(digits))),
            PythonNumber::Float(value) => Some(Coerced::Float(value)),
            PythonNumber::OutOfRange | PythonNumber::NotANumber => None,
        },
        Mode::Lossless => exact_number(trim_json(text)),
    }
}

/// Converts a float to an integer; `None` for a float with a fraction or beyond ±(2^53−1).
fn float_to_integer(value: f64) -> Option<Coerced<'static>> {
    let decimal = Decimal::of(&ecmascript_text(value))?;
    let integer = decimal.is_safe_integer().then(|| decimal.as_integer()).flatten()?;
    Some(Coerced::Integer(Cow::Owned(integer.to_string())))
}
