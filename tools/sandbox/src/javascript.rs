//! Writes JSON as JavaScript does: every number is a double.
//!
//! The platform is written in JavaScript and returns `9007199254740993` as `9007199254740992` and
//! `1.0` as `1`. Tests with the sandbox show clients this effect.

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use std::io::{self, Write};

/// Returns the compact JSON text of a value, with numbers as JavaScript prints them.
pub(crate) fn to_json(value: &impl Serialize) -> Vec<u8> {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, JavaScript);
    // Cannot fail: all keys are strings and the writer is in memory.
    let _ = value.serialize(&mut serializer);
    text
}

struct JavaScript;

impl Formatter for JavaScript {
    fn write_u64<W: ?Sized + Write>(&mut self, writer: &mut W, value: u64) -> io::Result<()> {
        self.write_f64(writer, value as f64)
    }

    fn write_i64<W: ?Sized + Write>(&mut self, writer: &mut W, value: i64) -> io::Result<()> {
        self.write_f64(writer, value as f64)
    }

    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(number(value).as_bytes())
    }
}

/// Returns a finite number as `Number.prototype.toString` prints it: the shortest digits that parse to
/// the same double, without an exponent from 1e-6 to below 1e21.
fn number(value: f64) -> String {
    if value == 0.0 {
        // Negative zero, too, is written without a sign.
        return "0".to_owned();
    }
    let scientific = format!("{:e}", value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();

    let sign = if value < 0.0 { "-" } else { "" };
    let point = exponent + 1; // The number of digits before the decimal point.
    let digits_before = usize::try_from(point).unwrap_or(0);
    let zeros_after_point = usize::try_from(-point).unwrap_or(0);

    if (1..=21).contains(&point) {
        if digits.len() <= digits_before {
            return format!("{sign}{digits:0<digits_before$}");
        }
        let (integer, fraction) = digits.split_at_checked(digits_before).unwrap_or((&digits, "0"));
        return format!("{sign}{integer}.{fraction}");
    }
    if (-5..=0).contains(&point) {
        return format!("{sign}0.{}{digits}", "0".repeat(zeros_after_point));
    }
    let exponent_sign = if exponent < 0 { "-" } else { "+" };
    let magnitude = exponent.unsigned_abs();
    match digits.split_at_checked(1) {
        Some((first, rest)) if !rest.is_empty() => {
            format!("{sign}{first}.{rest}e{exponent_sign}{magnitude}")
        }
        _ => format!("{sign}{digits}e{exponent_sign}{magnitude}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn round_trip(text: &str) -> String {
        let value: Value = serde_json::from_str(text).unwrap();
        String::from_utf8(to_json(&value)).unwrap()
    }

    #[test]
    fn numbers_are_written_as_javascript_prints_them() {
        for (sent, returned) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("1.0", "1"),
            ("-1.5", "-1.5"),
            ("123.456", "123.456"),
            ("9007199254740991", "9007199254740991"),
            ("9007199254740993", "9007199254740992"),
            ("-9007199254740993", "-9007199254740992"),
            ("18446744073709551615", "18446744073709552000"),
            ("100000000000000000000", "100000000000000000000"),
            ("1e21", "1e+21"),
            ("1.5e300", "1.5e+300"),
            ("0.1", "0.1"),
            ("0.000001", "0.000001"),
            ("0.0000012", "0.0000012"),
            ("0.0000001", "1e-7"),
            ("1.25e-9", "1.25e-9"),
            ("5e-324", "5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ] {
            assert_eq!(round_trip(sent), returned, "sent {sent}");
        }
    }

    #[test]
    fn other_values_are_written_as_usual() {
        let text = r#"{"b":[null,true,"é\n\"😀"],"a":{},"__proto__":[]}"#;
        assert_eq!(round_trip(text), text);
    }
}
