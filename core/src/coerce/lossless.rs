//! Lossless coercion: the value can be written as the very text that it was read from.

use std::borrow::Cow;

use super::{Coerced, boolean, json, trim_json};
use crate::number::{Decimal, ecmascript_text};

pub(super) fn coerce(text: &str) -> Coerced<'_> {
    let value = match text.as_bytes().first() {
        Some(b't' | b'T' | b'f' | b'F') => boolean(text).map(Coerced::Boolean),
        Some(b'-' | b'0'..=b'9') => number(text),
        _ => structured(text),
    };
    value.unwrap_or(Coerced::Text(Cow::Borrowed(text)))
}

/// Returns a number whose canonical text is `text`.
pub(super) fn number(text: &str) -> Option<Coerced<'_>> {
    // Up to 15 digits without a leading zero are canonical.
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    if digits.len() <= 15 && digits.iter().all(u8::is_ascii_digit) {
        let canonical = match digits {
            [] => false,
            [b'0'] => digits.len() == text.len(),
            [first, ..] => *first != b'0',
        };
        return canonical.then_some(Coerced::Integer(Cow::Borrowed(text)));
    }
    match short_fraction(text) {
        Fraction::Canonical => return text.parse().ok().map(Coerced::Float),
        Fraction::NoNumber => return None,
        Fraction::NeedsFullParse => {}
    }
    if text.len() > 32 {
        return None; // Canonical texts are shorter.
    }
    let decimal = Decimal::of(text)?;
    let value: f64 = text.parse().ok()?;
    if !value.is_finite() || ecmascript_text(value) != text {
        return None;
    }
    if !decimal.is_integer() {
        return Some(Coerced::Float(value));
    }
    decimal.is_safe_integer().then_some(Coerced::Integer(Cow::Borrowed(text)))
}

/// Returns an object, array, quoted string or `null` whose numbers are all canonical.
fn structured(text: &str) -> Option<Coerced<'_>> {
    let inner = trim_json(text);
    match inner.as_bytes().first()? {
        b'{' | b'[' | b'"' | b'n' => json::read(inner, json::NumberPolicy::Canonical),
        _ => None,
    }
}

/// The result of a quick check for a number with a fraction.
enum Fraction {
    /// The canonical text of a float that is not an integer.
    Canonical,
    /// Not a JSON number.
    NoNumber,
    /// The quick check cannot decide.
    NeedsFullParse,
}

/// Checks for digits, a point and digits. A decimal of up to 15 digits is the shortest text of its float, and
/// ECMAScript writes numbers from 0.000001 without an exponent.
fn short_fraction(text: &str) -> Fraction {
    let unsigned = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let (mut points, mut whole) = (0, unsigned.len());
    for (place, byte) in unsigned.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {}
            b'.' => {
                points += 1;
                whole = place;
            }
            b'e' | b'E' => return Fraction::NeedsFullParse,
            _ => return Fraction::NoNumber,
        }
    }
    let (whole, fraction) = unsigned.split_at_checked(whole).unwrap_or((unsigned, &[]));
    let in_short_form = match whole {
        [b'0'] => !fraction.starts_with(b".000000"),
        [first, ..] => *first != b'0',
        [] => false,
    };
    let is_canonical = points == 1
        && unsigned.len() <= 16
        && in_short_form
        && fraction.last().is_some_and(|last| matches!(last, b'1'..=b'9'));
    if is_canonical { Fraction::Canonical } else { Fraction::NeedsFullParse }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The rule without the quick check.
    fn by_value(text: &str) -> Option<f64> {
        let value: f64 = text.parse().ok()?;
        let decimal = Decimal::of(text)?;
        (value.is_finite() && !decimal.is_integer() && ecmascript_text(value) == text)
            .then_some(value)
    }

    fn fast_path_value(text: &str) -> Option<f64> {
        match number(text)? {
            Coerced::Float(value) => Some(value),
            _ => None,
        }
    }

    #[test]
    fn the_quick_check_agrees_with_the_rule_at_its_edges() {
        for text in [
            "0.000001",
            "0.0000001",
            "0.0000012",
            "-0.5",
            "00.5",
            "0.50",
            "0.0",
            "1.",
            ".5",
            "-.5",
            "1.2.3",
            "123456789012.345",
            "12345678901234.5",
            "123456789012345.5",
            "1234567890123456.5",
            "0.00000123456789012",
            "2026-01-31",
            "1.5x",
            "1,5",
            "-",
            "--1.5",
            "1.5e0",
        ] {
            assert_eq!(fast_path_value(text), by_value(text), "{text}");
        }
    }

    proptest! {
        #![proptest_config(crate::seed::cases(256))]

        #[test]
        fn the_quick_check_agrees_with_the_rule(text in "-?[0-9]{0,9}[.,e]?[0-9]{0,9}(e-?[0-9])?") {
            prop_assert_eq!(fast_path_value(&text), by_value(&text));
        }

        #[test]
        fn the_quick_check_agrees_with_the_rule_for_small_values(text in "-?0[.]0{0,8}[0-9]{1,12}") {
            prop_assert_eq!(fast_path_value(&text), by_value(&text));
        }
    }
}
