//! Sizes against their limits.

use super::Checker;
use crate::check::output::JsonWriter;
use crate::issue::{Code, Issue};
use crate::path::Path;

impl<O: JsonWriter> Checker<'_, O> {
    /// One size against one limit: over it is an error, close to it a warning where the policy
    /// wants one.
    #[inline]
    pub(super) fn hold(&mut self, actual: u64, limit: u64, what: &Limited, at: &Path<'_>) {
        if actual > limit {
            self.report(
                Issue::error(what.code, at.to_pointer(), what.over)
                    .figures(limit, actual)
                    .hint(what.hint),
            );
        } else if let Some(share) = self.policy.warn_from
            && actual as f64 >= limit as f64 * share
        {
            self.report(
                Issue::warning(Code::NearLimit, at.to_pointer(), what.near)
                    .figures(limit, actual)
                    .hint(what.hint),
            );
        }
    }
}

/// How one limit speaks.
pub(super) struct Limited {
    code: Code,
    over: &'static str,
    near: &'static str,
    hint: &'static str,
}

pub(super) static VALUE: Limited = Limited {
    code: Code::ValueTooLarge,
    over: "the value is too large, in JSON bytes",
    near: "the value is close to its limit, in JSON bytes",
    hint: "Shorten the value or split it over several variables.",
};

pub(super) static PAYLOAD: Limited = Limited {
    code: Code::PayloadTooLarge,
    over: "what would be sent is too large, in JSON bytes",
    near: "what would be sent is close to its limit, in JSON bytes",
    hint: "Send it in several parts.",
};

pub(super) static CONTEXT: Limited = Limited {
    code: Code::ContextTooLarge,
    over: "the context is too large, in JSON bytes",
    near: "the context is close to its limit, in JSON bytes",
    hint: "Remove or shorten what the conversation does not need.",
};

pub(super) static PLATFORM_CONTEXT: Limited = Limited {
    code: Code::ContextTooLarge,
    over: "the context is too large, in platform bytes",
    near: "the context is close to its limit, in platform bytes",
    hint: "Remove or shorten what the conversation does not need.",
};
