//! Coercion like common Python scripts: `true`/`false`, `int()`, `float()`, then JSON.

use std::borrow::Cow;

use super::{Coerced, boolean, json, trim_json};
use crate::policy::unicode::is_decimal_digit;

/// The maximum digits of an integer: Python's limit for converting text.
pub(super) const MAX_DIGITS: usize = 4_300;

pub(super) fn coerce(text: &str) -> Coerced<'_> {
    if let Some(value) = boolean(text) {
        return Coerced::Boolean(value);
    }
    let unchanged = || Coerced::Text(Cow::Borrowed(text));
    match number(text) {
        Number::Integer(digits) => return Coerced::Integer(Cow::Owned(digits)),
        Number::Float(value) => return Coerced::Float(value),
        Number::OutOfRange => return unchanged(),
        Number::None => {}
    }
    json::read(trim_json(text), json::NumberPolicy::Finite).unwrap_or_else(unchanged)
}

/// The result of `int()` and then `float()`.
pub(super) enum Number {
    Integer(String),
    Float(f64),
    /// Python accepts the text, but the result is not finite or has too many digits.
    OutOfRange,
    None,
}

pub(super) fn number(text: &str) -> Number {
    let Some(plain) = plain_number(text) else { return Number::None };
    let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(&plain);
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) && !unsigned.is_empty() {
        if unsigned.len() > MAX_DIGITS {
            return Number::OutOfRange;
        }
        let digits = match unsigned.trim_start_matches('0') {
            "" => return Number::Integer("0".to_owned()),
            digits => digits,
        };
        let sign = if plain.starts_with('-') { "-" } else { "" };
        return Number::Integer(format!("{sign}{digits}"));
    }
    if ["inf", "infinity", "nan"].iter().any(|word| unsigned.eq_ignore_ascii_case(word)) {
        return Number::OutOfRange;
    }
    if !is_float(unsigned) {
        return Number::None;
    }
    match plain.parse::<f64>() {
        Ok(value) if value.is_finite() => Number::Float(value),
        _ => Number::OutOfRange,
    }
}

/// Removes outer white space and underscores between digits, and converts decimal digits of any script to ASCII.
/// Returns `None` when the text cannot be a number.
fn plain_number(text: &str) -> Option<String> {
    let text = text.trim();
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut after_digit = false;
    while let Some(c) = chars.next() {
        if let Some(digit) = decimal_digit(c) {
            plain.push(digit);
            after_digit = true;
        } else if c == '_' {
            let before_digit = chars.peek().copied().and_then(decimal_digit).is_some();
            if !(after_digit && before_digit) {
                return None;
            }
        } else if c.is_ascii() {
            plain.push(c);
            after_digit = false;
        } else {
            return None;
        }
    }
    (!plain.is_empty()).then_some(plain)
}

/// Returns whether the text after the sign matches the grammar of `float()`: digits with an optional point and
/// exponent.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_exponent_valid = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    !(whole.is_empty() && fraction.is_empty())
        && digits(whole)
        && digits(fraction)
        && is_exponent_valid
}

/// Returns the ASCII digit for a decimal digit of any script.
fn decimal_digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    if !is_decimal_digit(c) {
        return None;
    }
    // Unicode assigns the ten digits of a script in a row, starting with zero.
    let before = (1..=u32::from(c))
        .take_while(|back| char::from_u32(u32::from(c) - back).is_some_and(is_decimal_digit))
        .count() as u32;
    char::from_digit(before % 10, 10)
}
