//! Coercion in the order that Python scripts usually try: `true`/`false`, then `int()`, then `float()`, then JSON.

use std::borrow::Cow;

use super::coerced::Coerced;
use super::json::{self, NumberPolicy};
use super::lexical::{parse_boolean, trim_json};
use super::numbers::MAX_PYTHON_DIGITS;
use crate::policy::unicode::is_decimal_digit;

pub(super) fn coerce(text: &str) -> Coerced<'_> {
    if let Some(value) = parse_boolean(text) {
        return Coerced::Boolean(value);
    }
    let unchanged = || Coerced::Text(Cow::Borrowed(text));
    match parse_number(text) {
        PythonNumber::Integer(digits) => return Coerced::Integer(Cow::Owned(digits)),
        PythonNumber::Float(value) => return Coerced::Float(value),
        PythonNumber::OutOfRange => return unchanged(),
        PythonNumber::NotANumber => {}
    }
    json::read(trim_json(text), NumberPolicy::Finite).unwrap_or_else(unchanged)
}

/// The result of `int()` and then `float()` for a text.
pub(super) enum PythonNumber {
    Integer(String),
    Float(f64),
    /// The text is a number that is not finite or has too many digits.
    OutOfRange,
    NotANumber,
}

/// Parses a text as Python's `int()` does, or else as `float()` does.
pub(super) fn parse_number(text: &str) -> PythonNumber {
    let Some(plain) = normalize_number(text) else { return PythonNumber::NotANumber };
    let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(&plain);
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) && !unsigned.is_empty() {
        if unsigned.len() > MAX_PYTHON_DIGITS {
            return PythonNumber::OutOfRange;
        }
        let digits = match unsigned.trim_start_matches('0') {
            "" => return PythonNumber::Integer("0".to_owned()),
            digits => digits,
        };
        let sign = if plain.starts_with('-') { "-" } else { "" };
        return PythonNumber::Integer(format!("{sign}{digits}"));
    }
    if ["inf", "infinity", "nan"].iter().any(|word| unsigned.eq_ignore_ascii_case(word)) {
        return PythonNumber::OutOfRange;
    }
    if !is_float(unsigned) {
        return PythonNumber::NotANumber;
    }
    match plain.parse::<f64>() {
        Ok(value) if value.is_finite() => PythonNumber::Float(value),
        _ => PythonNumber::OutOfRange,
    }
}

/// Returns the text without outer white space and without underscores between digits, with the
/// decimal digits of any script as ASCII; `None` when it cannot be a number.
fn normalize_number(text: &str) -> Option<String> {
    let text = text.trim();
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut is_after_digit = false;
    while let Some(c) = chars.next() {
        if let Some(digit) = decimal_digit(c) {
            plain.push(digit);
            is_after_digit = true;
        } else if c == '_' {
            let is_before_digit = chars.peek().copied().and_then(decimal_digit).is_some();
            if !(is_after_digit && is_before_digit) {
                return None;
            }
        } else if c.is_ascii() {
            plain.push(c);
            is_after_digit = false;
        } else {
            return None;
        }
    }
    (!plain.is_empty()).then_some(plain)
}

/// Returns whether a text has the grammar of `float()` after the sign: digits with a point anywhere,
/// and an optional exponent.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (integer_part, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_exponent_valid = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && are_digits(exponent)
    });
    !(integer_part.is_empty() && fraction.is_empty())
        && are_digits(integer_part)
        && are_digits(fraction)
        && is_exponent_valid
}

/// Returns the ASCII digit for a decimal digit of any script; `None` for any other character.
fn decimal_digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    if !is_decimal_digit(c) {
        return None;
    }
    // In Unicode, each run of decimal digits starts with a zero, and its length is a multiple of ten.
    let digits_before = (1..=u32::from(c))
        .take_while(|back| char::from_u32(u32::from(c) - back).is_some_and(is_decimal_digit))
        .count() as u32;
    char::from_digit(digits_before % 10, 10)
}
