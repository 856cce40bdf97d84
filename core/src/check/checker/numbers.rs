//! Finds numbers that a reader would round or read as infinite, and reports those that JSON cannot express.

use super::Checker;
use crate::check::json_writer::JsonWriter;
use crate::issue::{Code, Issue};
use crate::path::Path;
use crate::policy::MAX_SAFE_INTEGER;

impl<O: JsonWriter> Checker<'_, O> {
    /// Checks an integer that may have more than 15 digits.
    #[cold]
    pub(super) fn check_big_integer(&mut self, text: &str, at: &Path<'_>) {
        let digits = text.strip_prefix('-').unwrap_or(text);
        // The largest 64-bit float has 309 digits.
        if digits.len() > 308 && is_infinite(text) {
            self.report_huge_integer(at);
        } else if self.rejects_beyond_64_bits
            && text.parse::<i64>().is_err()
            && text.parse::<u64>().is_err()
        {
            self.report_error(
                Code::UnsafeInteger,
                at,
                "the integer does not fit 64 bits and would be rounded",
                "Send it as a string.",
            );
        } else if digits.parse::<u64>().map_or(true, |value| value > MAX_SAFE_INTEGER)
            && !self.omit_if_budget_spent(self.policy.unsafe_integers)
        {
            self.report(
                Issue::new(
                    Code::UnsafeInteger,
                    self.policy.unsafe_integers,
                    at.to_pointer(),
                    "the integer is beyond ±(2^53−1), and the platform, which runs JavaScript, rounds it",
                )
                .with_hint("Send it as a string."),
            );
        }
    }

    /// Reports an integer that JavaScript reads as infinite: an error in every policy, because the value is lost.
    #[cold]
    pub(super) fn report_huge_integer(&mut self, at: &Path<'_>) {
        self.report_error(
            Code::UnsafeInteger,
            at,
            "the integer is beyond the range of a 64-bit float, and the platform, which runs JavaScript, reads it as Infinity",
            "Send it as a string.",
        );
    }

    #[cold]
    pub(super) fn report_non_finite(&mut self, at: &Path<'_>) {
        self.report_error(
            Code::NonFiniteNumber,
            at,
            "the number is NaN, infinite or beyond the range of a 64-bit float, which JSON cannot express",
            "Send null, a string, or a finite number.",
        );
    }
}

/// Returns whether the text of a float can exceed the range of a 64-bit float. For most texts it returns
/// `false`, so they need no parsing.
///
/// The range ends below 10^309. Up to 200 characters with an exponent of up to 99 are below 10^300.
#[inline(always)]
pub(super) fn may_overflow(text: &str) -> bool {
    text.len() > 200
        || text
            .bytes()
            .rposition(|byte| byte == b'e' || byte == b'E')
            .is_some_and(|at| text.len() - at > "e99".len())
}

/// Returns whether a 64-bit float of this text is infinite.
#[cold]
pub(super) fn is_infinite(text: &str) -> bool {
    text.parse::<f64>().map_or(true, f64::is_infinite)
}

#[cfg(test)]
mod tests {
    use crate::check::measure_json;

    #[test]
    fn a_float_beyond_64_bits_is_an_error_also_with_a_short_exponent() {
        for digits in 209..320 {
            let text = format!("1{}e99", "0".repeat(digits));
            let is_finite = text.parse::<f64>().unwrap().is_finite();
            assert_eq!(measure_json(&text).is_ok(), is_finite, "{text}");
        }
    }
}
