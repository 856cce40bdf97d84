//! Coercion to a declared type. The type defines the meaning of the text, so its notation (`1.50`, ` 42 `) does not
//! matter; the value itself must stay exact.

use std::borrow::Cow;

use super::{Coerced, Mode, TypeHint, boolean, json, python_compat, trim_json};
use crate::number::{Decimal, ecmascript_text};

pub(super) fn coerce(text: &str, mode: Mode, hint: TypeHint) -> Option<Coerced<'_>> {
    match hint {
        TypeHint::String => Some(Coerced::Text(Cow::Borrowed(text))),
        TypeHint::Boolean => boolean(trim_json(text)).map(Coerced::Boolean),
        TypeHint::Number => number(text, mode),
        TypeHint::Integer => match number(text, mode)? {
            Coerced::Float(value) => whole(value),
            integer => Some(integer),
        },
        TypeHint::Object => structured(text, mode).filter(|_| trim_json(text).starts_with('{')),
        TypeHint::Array => structured(text, mode).filter(|_| trim_json(text).starts_with('[')),
        TypeHint::Json => structured(text, mode).or_else(|| {
            let inner = trim_json(text);
            match inner {
                "true" => Some(Coerced::Boolean(true)),
                "false" => Some(Coerced::Boolean(false)),
                _ => is_json_number(inner).then(|| number(inner, mode)).flatten(),
            }
        }),
    }
}

fn structured(text: &str, mode: Mode) -> Option<Coerced<'_>> {
    let number_policy = match mode {
        Mode::Lossless => json::NumberPolicy::SameValue,
        Mode::Compat => json::NumberPolicy::Finite,
    };
    json::read(trim_json(text), number_policy)
}

fn number(text: &str, mode: Mode) -> Option<Coerced<'_>> {
    match mode {
        Mode::Compat => match python_compat::number(text) {
            python_compat::Number::Integer(digits) => Some(Coerced::Integer(Cow::Owned(digits))),
            python_compat::Number::Float(value) => Some(Coerced::Float(value)),
            python_compat::Number::OutOfRange | python_compat::Number::None => None,
        },
        Mode::Lossless => exact_number(trim_json(text)),
    }
}

/// Returns the number of a JSON number's text if it is exact. Digits alone are an integer, which must be safe; a
/// number with a fraction or an exponent may be a float.
pub(super) fn exact_number(text: &str) -> Option<Coerced<'_>> {
    if !is_json_number(text) {
        return None;
    }
    let decimal = Decimal::of(text)?;
    if decimal.is_safe_integer() {
        let value = decimal.as_integer()?;
        return Some(Coerced::Integer(Cow::Owned(value.to_string())));
    }
    if !text.contains(['.', 'e', 'E']) {
        return None;
    }
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
    (Decimal::of(&ecmascript_text(value))? == decimal).then_some(Coerced::Float(value))
}

/// Returns whether the text is a JSON number. Rust's own parser accepts more.
fn is_json_number(text: &str) -> bool {
    text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) && json::is_json(text)
}

/// Returns a float without a fraction as an integer.
fn whole(value: f64) -> Option<Coerced<'static>> {
    let decimal = Decimal::of(&ecmascript_text(value))?;
    let integer = decimal.is_safe_integer().then(|| decimal.as_integer()).flatten()?;
    Some(Coerced::Integer(Cow::Owned(integer.to_string())))
}
