//! Numbers that a reader would round, or take for infinite.

use super::Checker;
use crate::check::output::JsonWriter;
use crate::issue::{Code, Issue};
use crate::path::Path;
use crate::policy::MAX_SAFE_INTEGER;

impl<O: JsonWriter> Checker<'_, O> {
    #[cold]
    pub(super) fn big_integer(&mut self, text: &str, at: &Path<'_>) {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.len() > 308 && is_infinite(text) {
            self.huge_integer(at);
        } else if self.only_64_bits && text.parse::<i64>().is_err() && text.parse::<u64>().is_err()
        {
            self.report(
                Issue::error(
                    Code::UnsafeInteger,
                    at.to_pointer(),
                    "the integer is beyond 64 bits, and would be kept rounded",
                )
                .hint("Send it as a string."),
            );
        } else if digits.parse::<u64>().map_or(true, |value| value > MAX_SAFE_INTEGER)
            && !self.only_counts(self.policy.unsafe_integers)
        {
            self.report(
                Issue::new(
                    Code::UnsafeInteger,
                    self.policy.unsafe_integers,
                    at.to_pointer(),
                    "the integer is beyond ±(2^53−1): a JavaScript peer, which the platform is, rounds it",
                )
                .hint("Send it as a string."),
            );
        }
    }

    /// An error in every policy: it would not be rounded but lost.
    #[cold]
    pub(super) fn huge_integer(&mut self, at: &Path<'_>) {
        self.error(Code::UnsafeInteger, at, "the integer is beyond the range of a 64-bit float: a JavaScript peer, which the platform is, takes it for infinite", "Send it as a string.");
    }

    #[cold]
    pub(super) fn non_finite(&mut self, at: &Path<'_>) {
        self.error(Code::NonFiniteNumber, at, "the number is NaN, infinite or beyond the range of a 64-bit float, which JSON cannot say", "Send null, a string, or a finite number.");
    }
}

/// Whether a float's text can be beyond the range at all: most need not be parsed to know.
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
