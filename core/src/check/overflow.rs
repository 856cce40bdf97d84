//! Simulates how the platform silently replaces keys when a context exceeds its limit.

use super::existing_context::ExistingContext;
use super::text_size::TextSize;
use crate::display_text::grouped;
use crate::issue::{Code, Issue};
use crate::path::Path;

/// Simulates the platform while it writes top-level keys, in order, into the existing context.
///
/// After each key the platform measures the context. When the size exceeds the limit, the platform replaces
/// the value with an error text and continues. So a large earlier value can cause the replacement of a later
/// one, and each replacement leaves more space for the keys after it.
#[derive(Debug)]
pub(super) struct Overflow<'c> {
    /// Maximum platform bytes of the context.
    limit: u64,
    existing: Option<&'c ExistingContext>,
    /// The platform bytes of the context after the keys so far, with replacements.
    simulated: u64,
    /// The platform bytes of the context if nothing were replaced.
    required: u64,
}

impl<'c> Overflow<'c> {
    pub(super) fn new(limit: u64, existing: Option<&'c ExistingContext>) -> Self {
        let simulated = existing.map_or(0, ExistingContext::platform_bytes);
        Self { limit, existing, simulated, required: simulated }
    }

    /// Writes one key; `bytes` is the platform bytes of the key and its value. Returns an issue when the platform
    /// would replace the value.
    #[inline]
    pub(super) fn write(&mut self, name: &str, bytes: u64, at: &Path<'_>) -> Option<Issue> {
        let existing_bytes = self.existing.map_or(0, |existing| existing.bytes_of(name));
        self.required = self.required.saturating_sub(existing_bytes) + bytes;
        let without_key = self.simulated.saturating_sub(existing_bytes);
        if without_key + bytes <= self.limit {
            self.simulated = without_key + bytes;
            return None;
        }
        self.simulated = without_key + replacement_bytes(name);
        Some(
            Issue::error(
                Code::WouldBeReplaced,
                at.to_pointer(),
                format!(
                    "the platform would replace this value with an error text: with it the context is {} platform bytes, the limit is {}",
                    grouped(without_key + bytes),
                    grouped(self.limit),
                ),
            )
            .with_figures(self.limit, without_key + bytes)
            .with_hint("Shorten this value, or remove other values first."),
        )
    }

    /// Returns the platform bytes of the context if nothing were replaced.
    pub(super) const fn required(&self) -> u64 {
        self.required
    }
}

const REPLACEMENT_PREFIX: &str = "Cannot add value to context for key ";
const REPLACEMENT_SUFFIX: &str = ": exceeded maximum context size.";

/// Returns the text with which the platform replaces a value, under the key `error`.
pub(crate) fn replacement_text(name: &str) -> String {
    format!("{REPLACEMENT_PREFIX}{name}{REPLACEMENT_SUFFIX}")
}

/// Returns the platform bytes of the key when its value is `{"error": replacement_text}`.
fn replacement_bytes(name: &str) -> u64 {
    let name = TextSize::of(name).utf16;
    2 * (name + "error".len() + REPLACEMENT_PREFIX.len() + name + REPLACEMENT_SUFFIX.len()) as u64
}
