//! Coercion as Python scripts have it: `true`/`false`, then `int()`, then `float()`, then JSON.

use std::borrow::Cow;

use super::{Coerced, boolean, json, trim_json};
use crate::policy::unicode::is_decimal_digit;

/// Longest integer, in digits: Python's own limit for the conversion of text.
pub(super) const MAX_DIGITS: usize = 4_300;

pub(super) fn coerce(text: &str) -> Coerced<'_> {
    if let Some(value) = boolean(text) {
        return Coerced::Boolean(value);
    }
    let stay = || Coerced::Text(Cow::Borrowed(text));
    match number(text) {
        Number::Integer(digits) => return Coerced::Integer(Cow::Owned(digits)),
        Number::Float(value) => return Coerced::Float(value),
        Number::UnsupportedValue => return stay(),
        Number::None => {}
    }
    json::read(trim_json(text), json::NumberPolicy::Finite).unwrap_or_else(stay)
}

/// What `int()` and then `float()` make of a text.
pub(super) enum Number {
    Integer(String),
    Float(f64),
    /// They take it, and what comes out is not finite or has too many digits.
    UnsupportedValue,
    None,
}

pub(super) fn number(text: &str) -> Number {
    let Some(plain) = plain_number(text) else { return Number::None };
    let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(&plain);
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) && !unsigned.is_empty() {
        if unsigned.len() > MAX_DIGITS {
            return Number::UnsupportedValue;
        }
        let digits = match unsigned.trim_start_matches('0') {
            "" => return Number::Integer("0".to_owned()),
            digits => digits,
        };
        let sign = if plain.starts_with('-') { "-" } else { "" };
        return Number::Integer(format!("{sign}{digits}"));
    }
    if ["inf", "infinity", "nan"].iter().any(|word| unsigned.eq_ignore_ascii_case(word)) {
        return Number::UnsupportedValue;
    }
    if !is_float(unsigned) {
        return Number::None;
    }
    match plain.parse::<f64>() {
        Ok(value) if value.is_finite() => Number::Float(value),
        _ => Number::UnsupportedValue,
    }
}

/// The text without outer white space, decimal digits of any script as ASCII, and underscores
/// between digits taken out; none where no number can come of it.
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

/// The grammar of `float()`, behind the sign: digits with a point anywhere, perhaps an exponent.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_is_fine = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    !(whole.is_empty() && fraction.is_empty())
        && digits(whole)
        && digits(fraction)
        && exponent_is_fine
}

/// The ASCII digit of a decimal digit of any script: the digits of a script follow each other.
fn decimal_digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    if !is_decimal_digit(c) {
        return None;
    }
    // Every run of decimal digits begins with a zero and is a multiple of ten long.
    let before = (1..=u32::from(c))
        .take_while(|back| char::from_u32(u32::from(c) - back).is_some_and(is_decimal_digit))
        .count() as u32;
    char::from_digit(before % 10, 10)
}
