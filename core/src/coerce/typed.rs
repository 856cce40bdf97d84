//! Coercion of a text whose type is stated. The type settles what the text means, so how it is
//! written (`1.50`, ` 42 `) is no part of the value; that the value itself survives still is.

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
            python_compat::Number::UnsupportedValue | python_compat::Number::None => None,
        },
        Mode::Lossless => exact_number(trim_json(text)),
    }
}

/// The number that a JSON number's text says, where it can be held exactly. Digits alone are an
/// integer, which every language must hold; with a fraction or an exponent it may be a float.
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

/// The grammar of a JSON number, which Rust's own is wider than.
fn is_json_number(text: &str) -> bool {
    text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) && json::is_json(text)
}

/// A float without fraction as an integer.
fn whole(value: f64) -> Option<Coerced<'static>> {
    let decimal = Decimal::of(&ecmascript_text(value))?;
    let integer = decimal.is_safe_integer().then(|| decimal.as_integer()).flatten()?;
    Some(Coerced::Integer(Cow::Owned(integer.to_string())))
}
