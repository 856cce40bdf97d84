//! Numbers in lossless mode: canonical and exact ones.

use std::borrow::Cow;

use super::coerced::Coerced;
use super::lexical::is_json_number;
use crate::number::{Decimal, ecmascript_text};

/// The longest integer that Python converts from text by default, in digits.
pub(super) const MAX_PYTHON_DIGITS: usize = 4_300;

/// Returns the number whose canonical text (as ECMAScript writes it) is `text`. Returns `None` when no number has this
/// text, or for an integer beyond ±(2^53−1).
pub(super) fn canonical_number(text: &str) -> Option<Coerced<'_>> {
    // Up to 15 digits without a leading zero are always canonical.
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    if digits.len() <= 15 && digits.iter().all(u8::is_ascii_digit) {
        let is_canonical = match digits {
            [] => false,
            [b'0'] => digits.len() == text.len(),
            [first, ..] => *first != b'0',
        };
        return is_canonical.then_some(Coerced::Integer(Cow::Borrowed(text)));
    }
    match classify_fraction(text) {
        Fraction::Canonical => return text.parse().ok().map(Coerced::Float),
        Fraction::NotANumber => return None,
        Fraction::NeedsFullParse => {}
    }
    if text.len() > 32 {
        return None; // No canonical text is longer.
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

/// Returns the value of a JSON number's text when its decimal value stays the same in every language; `None`
/// for other values and for text that is not a JSON number. Digits alone must be within ±(2^53−1); with a fraction
/// or an exponent the value may be a float, which must be written with the same decimal value.
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

/// The class of a text as a number with a fraction, by its characters alone.
enum Fraction {
    /// The text is the canonical text of a float that is not an integer.
    Canonical,
    /// The text is not a JSON number.
    NotANumber,
    /// The text must be parsed to decide.
    NeedsFullParse,
}

/// Classifies a text as a number with a fraction, without parsing it. A decimal of up to 15 digits is
/// the shortest text of its float, and ECMAScript writes floats from 0.000001 on without an exponent.
fn classify_fraction(text: &str) -> Fraction {
    let unsigned = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let (mut points, mut point_at) = (0, unsigned.len());
    for (index, byte) in unsigned.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {}
            b'.' => {
                points += 1;
                point_at = index;
            }
            b'e' | b'E' => return Fraction::NeedsFullParse,
            _ => return Fraction::NotANumber,
        }
    }
    let (integer_part, fraction) = unsigned.split_at_checked(point_at).unwrap_or((unsigned, &[]));
    let has_no_exponent = match integer_part {
        [b'0'] => !fraction.starts_with(b".000000"),
        [first, ..] => *first != b'0',
        [] => false,
    };
    let is_canonical = points == 1
        && unsigned.len() <= 16
        && has_no_exponent
        && fraction.last().is_some_and(|last| matches!(last, b'1'..=b'9'));
    if is_canonical { Fraction::Canonical } else { Fraction::NeedsFullParse }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns the float of a canonical text, without the fast path; `None` for any other text and for an integer.
    fn full_parse(text: &str) -> Option<f64> {
        let value: f64 = text.parse().ok()?;
        let decimal = Decimal::of(text)?;
        (value.is_finite() && !decimal.is_integer() && ecmascript_text(value) == text)
            .then_some(value)
    }

    fn fast_path(text: &str) -> Option<f64> {
        match canonical_number(text)? {
            Coerced::Float(value) => Some(value),
            _ => None,
        }
    }

    #[test]
    fn the_fast_path_agrees_with_the_full_parse_at_its_limits() {
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
            assert_eq!(fast_path(text), full_parse(text), "{text}");
        }
    }

    proptest! {
        #![proptest_config(crate::seed::cases(256))]

        #[test]
        fn the_fast_path_agrees_with_the_full_parse(text in "-?[0-9]{0,9}[.,e]?[0-9]{0,9}(e-?[0-9])?") {
            prop_assert_eq!(fast_path(&text), full_parse(&text));
        }

        #[test]
        fn the_fast_path_agrees_with_the_full_parse_for_small_values(text in "-?0[.]0{0,8}[0-9]{1,12}") {
            prop_assert_eq!(fast_path(&text), full_parse(&text));
        }
    }
}
