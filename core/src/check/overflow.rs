//! What the platform does when a context grows over its limit: it replaces keys, silently.

use super::existing::ExistingContext;
use super::measure::TextSize;
use crate::issue::{Code, Issue};
use crate::path::Path;

/// Plays the writing of top-level keys, in order, on_top_of the context that is there. After each key
/// the platform measures the whole; when that is over the limit it puts an error text in the place
/// of the value and goes on. So a key that fits can be lost to one before it, and a later key
/// meets what earlier replacements left.
#[derive(Debug)]
pub(super) struct Overflow<'c> {
    limit: u64,
    existing: Option<&'c ExistingContext>,
    /// The context as the platform would hold it at this point.
    held: u64,
    /// The context if nothing were replaced.
    wanted: u64,
}

impl<'c> Overflow<'c> {
    pub(super) fn new(limit: u64, existing: Option<&'c ExistingContext>) -> Self {
        let held = existing.map_or(0, ExistingContext::platform_bytes);
        Self { limit, existing, held, wanted: held }
    }

    /// One key is written: `cost` is what the key and its value take.
    #[inline]
    pub(super) fn write(&mut self, name: &str, cost: u64, at: &Path<'_>) -> Option<Issue> {
        let before = self.existing.map_or(0, |existing| existing.cost_of(name));
        self.wanted = self.wanted.saturating_sub(before) + cost;
        let without = self.held.saturating_sub(before);
        if without + cost <= self.limit {
            self.held = without + cost;
            return None;
        }
        self.held = without + replacement_cost(name);
        Some(
            Issue::error(
                Code::WouldBeReplaced,
                at.to_pointer(),
                "the platform would put an error text in the place of this value: with it the context is too large, in platform bytes",
            )
            .figures(self.limit, without + cost)
            .hint("Shorten this value or remove others before it is written."),
        )
    }

    /// The platform bytes of the whole context if it took everything.
    pub(super) const fn wanted(&self) -> u64 {
        self.wanted
    }
}

const BEFORE: &str = "Cannot add value to context for key ";
const AFTER: &str = ": exceeded maximum context size.";

/// The text that the platform puts in the place of a value, under the key `error`.
pub(crate) fn replacement_text(name: &str) -> String {
    format!("{BEFORE}{name}{AFTER}")
}

/// What the key takes once its value is `{"error": replacement_text}`.
fn replacement_cost(name: &str) -> u64 {
    let name = TextSize::of(name).utf16;
    2 * (name + "error".len() + BEFORE.len() + name + AFTER.len()) as u64
}
