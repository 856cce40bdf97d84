//! Decimals: which of them are JSON numbers that no reader rounds.

/// What the text of a `Decimal` is as a JSON number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DecimalForm {
    /// An integer in digits; how large it may be is for the checker to say.
    Integer,
    /// A number that a reader with 64-bit floats shows again as the same decimal.
    Exact,
    /// A number that such a reader rounds to another one.
    Rounded,
    /// NaN, an infinity, or beyond the range of a 64-bit float.
    NonFinite,
}

/// Takes the text that `Decimal.__str__` gives.
pub(super) fn form_of(text: &str) -> DecimalForm {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if !unsigned.starts_with(|first: char| first.is_ascii_digit()) {
        return DecimalForm::NonFinite;
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return DecimalForm::Integer;
    }
    match text.parse::<f64>() {
        Ok(float) if float.is_finite() => {
            if Parts::of(text) == Parts::of(&format!("{float:e}")) {
                DecimalForm::Exact
            } else {
                DecimalForm::Rounded
            }
        }
        _ => DecimalForm::NonFinite,
    }
}

/// A decimal number in the one form that equal numbers share: digits without zeros at either end,
/// and the power of ten of the last of them.
#[derive(PartialEq, Eq)]
struct Parts {
    is_negative: bool,
    digits: String,
    exponent: i64,
}

impl Parts {
    fn of(text: &str) -> Option<Self> {
        let is_negative = text.starts_with('-');
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_end_matches('0');
        let dropped = i64::try_from(all.len() - digits.len()).ok()?;
        let fraction = i64::try_from(fraction.len()).ok()?;
        let exponent = exponent.parse::<i64>().ok()?.checked_add(dropped)?.checked_sub(fraction)?;
        let digits = digits.trim_start_matches('0').to_owned();
        // Zero is zero whatever its exponent.
        let exponent = if digits.is_empty() { 0 } else { exponent };
        Some(Self { is_negative, digits, exponent })
    }
}
