//! Numbers as text: the ECMAScript form of a float (RFC 8785), and exact comparison of decimal values.
//!
//! This module parses decimals itself, because the standard library parses them only into floats, which round. A
//! comparison has to be exact ("0.1" and "0.1000000000000000055" are one float but two numbers), and a decimal crate
//! would limit the digits or add a dependency for one function. The digits of a float come from `zmij`.

/// Returns the text of a finite number as ECMAScript writes it, which RFC 8785 defines as canonical: `100000` for
/// 1e5, `1e+21`, `1e-7`, `0` for −0.
pub(crate) fn ecmascript_text(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let mut buffer = zmij::Buffer::new();
    let Some(decimal) = Decimal::of(buffer.format_finite(value)) else { return String::new() };
    let digits = decimal.digits.as_str();
    let count = digits.len() as i64;
    // The value is 0.digits × 10^point.
    let point = decimal.exponent + count;
    // The bounds 21 and -6 are those of `Number::toString` in ECMAScript.
    let mut text = String::with_capacity(32);
    if decimal.is_negative {
        text.push('-');
    }
    if count <= point && point <= 21 {
        text.push_str(digits);
        (count..point).for_each(|_| text.push('0'));
    } else if 0 < point && point <= 21 {
        let (integer_part, fraction) =
            digits.split_at_checked(point as usize).unwrap_or((digits, ""));
        text.push_str(integer_part);
        text.push('.');
        text.push_str(fraction);
    } else if -6 < point && point <= 0 {
        text.push_str("0.");
        (point..0).for_each(|_| text.push('0'));
        text.push_str(digits);
    } else {
        let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
        text.push_str(first);
        if !rest.is_empty() {
            text.push('.');
            text.push_str(rest);
        }
        text.push('e');
        text.push(if point > 0 { '+' } else { '-' });
        text.push_str(itoa::Buffer::new().format((point - 1).unsigned_abs()));
    }
    text
}

/// The exact decimal value of a number's text: digits without leading and trailing zeros, times a power of ten. Two
/// texts are the same number when their decimals are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    is_negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Parses a number of the JSON grammar, also with leading zeros, or without digits on one side of the point.
    /// Returns `None` for other text and for an exponent beyond 64 bits.
    pub fn of(text: &str) -> Option<Self> {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (integer_part, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = format!("{integer_part}{fraction}");
        if all_digits.is_empty() || !all_digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        let trimmed = all_digits.trim_end_matches('0');
        let trailing_zeros = i64::try_from(all_digits.len() - trimmed.len()).ok()?;
        let digits = trimmed.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self { is_negative: false, digits, exponent: 0 });
        }
        Some(Self { is_negative, digits, exponent: exponent.checked_add(trailing_zeros)? })
    }

    /// Returns whether the value has no fraction.
    pub(crate) fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// Returns whether the value is an integer in the safe range of JavaScript, ±(2^53−1).
    pub(crate) fn is_safe_integer(&self) -> bool {
        self.as_integer()
            .is_some_and(|value| value.unsigned_abs() <= crate::policy::MAX_SAFE_INTEGER)
    }

    /// Returns the value as an integer; `None` if it has a fraction or does not fit 64 bits.
    pub(crate) fn as_integer(&self) -> Option<i64> {
        let power = u32::try_from(self.exponent).ok()?;
        if self.digits.is_empty() {
            return Some(0);
        }
        // Unsigned, because the magnitude of −2^63 is one more than the largest positive integer.
        let magnitude = self.digits.parse::<u64>().ok()?.checked_mul(10_u64.checked_pow(power)?)?;
        if self.is_negative {
            0_i64.checked_sub_unsigned(magnitude)
        } else {
            i64::try_from(magnitude).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ecmascript_text_equals_ecmascript() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (100_000.0, "100000"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e21, "1.5e+21"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (1.25e-7, "1.25e-7"),
            (123.456, "123.456"),
            (0.1 + 0.2, "0.30000000000000004"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (9_007_199_254_740_993.0, "9007199254740992"),
        ] {
            assert_eq!(ecmascript_text(value), text);
        }
    }

    #[test]
    fn only_equal_numbers_have_equal_decimals() {
        for (a, b) in
            [("1.50", "1.5"), ("1e5", "100000"), ("100E-2", "1"), ("-0", "0"), ("0.0e9", "0")]
        {
            assert_eq!(Decimal::of(a), Decimal::of(b), "{a} {b}");
        }
        assert_ne!(Decimal::of("0.1"), Decimal::of("0.1000000000000000055"));
    }

    #[test]
    fn integers_are_recognized_by_their_value() {
        assert_eq!(Decimal::of("1.5e1").unwrap().as_integer(), Some(15));
        assert!(!Decimal::of("15e-1").unwrap().is_integer());
    }

    #[test]
    fn as_integer_has_the_range_of_64_bits() {
        let as_integer = |text: &str| Decimal::of(text).unwrap().as_integer();
        assert_eq!(as_integer("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(as_integer("9223372036854775807"), Some(i64::MAX));
        assert_eq!(as_integer("-922337203685477580.8e1"), Some(i64::MIN));
        for beyond in ["9223372036854775808", "-9223372036854775809", "1e19", "-1e19", "1e99"] {
            assert_eq!(as_integer(beyond), None, "{beyond}");
        }
        assert_eq!(as_integer("0e99"), Some(0));
    }
}
