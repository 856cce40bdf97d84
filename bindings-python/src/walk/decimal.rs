//! Decimals: which of them are JSON numbers that every reader represents exactly.

use cognigy_context::__bindings::Decimal;

/// How a `Decimal` can be written as a JSON number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DecimalForm {
    /// Only digits, with an optional minus. The checker limits the size.
    Integer,
    /// A number with the same decimal value after a reader has converted it to a 64-bit float.
    Exact,
    /// A number that a 64-bit float rounds to another one.
    Rounded,
    /// NaN, an infinity, or a number beyond the range of a 64-bit float.
    NonFinite,
}

/// Classifies a decimal by the text that `Decimal.__str__` returns.
pub(super) fn classify_decimal(text: &str) -> DecimalForm {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if !unsigned.starts_with(|first: char| first.is_ascii_digit()) {
        return DecimalForm::NonFinite;
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return DecimalForm::Integer;
    }
    match text.parse::<f64>() {
        Ok(float) if float.is_finite() => {
            let mut buffer = zmij::Buffer::new();
            if Decimal::of(text) == Decimal::of(buffer.format_finite(float)) {
                DecimalForm::Exact
            } else {
                DecimalForm::Rounded
            }
        }
        _ => DecimalForm::NonFinite,
    }
}
