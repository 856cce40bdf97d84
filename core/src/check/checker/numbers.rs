//! Finds numbers that a reader would round or read as infinite.

use super::Checker;
use crate::check::json_writer::JsonWriter;
use crate::issue::{Code, Issue};
use crate::path::Path;
use crate::policy::MAX_SAFE_INTEGER;

impl<O: JsonWriter> Checker<'_, O> {
    /// Checks an integer of more than 15 digits.
    #[cold]
    pub(super) fn check_big_integer(&mut self, text: &str, at: &Path<'_>) {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.len() > 308 && is_infinite(text) {
            self.report_huge_integer(at);
        } else if self.rejects_beyond_64_bits
            && text.parse::<i64>().is_err()
            && text.parse::<u64>().is_err()
        {
            self.report(
                Issue::error(
                    Code::UnsafeInteger,
                    at.to_pointer(),
                    "the integer does not fit 64 bits and would be rounded",
                )
                .with_hint("Send it as a string."),
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
#[inline(always)]
pub(super) fn may_overflow(text: &str) -> bool {
    text.len() > 300
        || text
            .bytes()
            .rposition(|byte| byte == b'e' || byte == b'E')
            .is_some_and(|at| text.len() - at > 3)
}

#[cold]
pub(super) fn is_infinite(text: &str) -> bool {
    text.parse::<f64>().map_or(true, f64::is_infinite)
}
