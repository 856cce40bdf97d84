//! Checks sizes against their limits.

use super::Checker;
use crate::check::json_writer::JsonWriter;
use crate::display_text::grouped;
use crate::issue::{Code, Issue};
use crate::path::Path;

impl<O: JsonWriter> Checker<'_, O> {
    /// Checks one size against one limit. A size over the limit is an error. When the policy sets `warn_from`, a
    /// size from this share of the limit on is a warning.
    #[inline]
    pub(super) fn check_limit(&mut self, actual: u64, limit: u64, kind: &LimitKind, at: &Path<'_>) {
        if actual > limit {
            self.report(
                Issue::error(kind.code, at.to_pointer(), kind.over_message(actual, limit))
                    .with_figures(limit, actual)
                    .with_hint(kind.hint),
            );
        } else if let Some(share) = self.policy.warn_from
            && actual as f64 >= limit as f64 * share
        {
            self.report(
                Issue::warning(Code::NearLimit, at.to_pointer(), kind.near_message(actual, limit))
                    .with_figures(limit, actual)
                    .with_hint(kind.hint),
            );
        }
    }
}

/// The kind of a limit, with the texts for its issues.
pub(super) struct LimitKind {
    code: Code,
    subject: &'static str,
    unit: &'static str,
    hint: &'static str,
}

impl LimitKind {
    #[cold]
    fn over_message(&self, actual: u64, limit: u64) -> String {
        let Self { subject, unit, .. } = self;
        format!("the {subject} is {} {unit}, the limit is {}", grouped(actual), grouped(limit))
    }

    #[cold]
    fn near_message(&self, actual: u64, limit: u64) -> String {
        let Self { subject, unit, .. } = self;
        format!("the {subject} is {} {unit}, near the limit of {}", grouped(actual), grouped(limit))
    }
}

pub(super) static VALUE: LimitKind = LimitKind {
    code: Code::ValueTooLarge,
    subject: "value",
    unit: "bytes",
    hint: "Shorten the value, or split it into several variables.",
};

pub(super) static PAYLOAD: LimitKind = LimitKind {
    code: Code::PayloadTooLarge,
    subject: "request body",
    unit: "bytes",
    hint: "Send it in several requests.",
};

pub(super) static CONTEXT: LimitKind = LimitKind {
    code: Code::ContextTooLarge,
    subject: "context",
    unit: "bytes",
    hint: "Remove or shorten what the conversation does not need.",
};

pub(super) static PLATFORM_CONTEXT: LimitKind = LimitKind {
    code: Code::ContextTooLarge,
    subject: "context",
    unit: "platform bytes",
    hint: "Remove or shorten what the conversation does not need.",
};
