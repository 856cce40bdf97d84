//! The sizes of the context that a session already has, by key.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ByteCounter, Checker, json_text, serde_value};
use crate::issue::{Code, Issue};
use crate::path::Path;
use crate::policy::Policy;
use crate::report::{Report, Sizes, ValidationError};

/// The sizes of the context that a session already has. It stores keys and sizes, never values.
///
/// ```
/// use cognigy_context::{CheckOptions, ExistingContext, Policy};
/// use serde_json::json;
///
/// let existing = ExistingContext::of(&json!({"history": "x".repeat(31_000)}))?;
/// let report = CheckOptions::new(Policy::platform())
///     .existing(&existing)
///     .value(&json!({"note": "y".repeat(1_000)}));
/// // 62,014 + 2,008 is over the context's 64,000 platform bytes.
/// assert_eq!(report.issues[0].code.as_str(), "would_be_replaced");
/// assert_eq!(report.issues[0].path, "/note");
/// assert_eq!(report.issues[1].code.as_str(), "context_too_large");
/// assert_eq!(report.issues[1].actual, Some(64_022));
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExistingContext {
    /// The platform bytes of each key and its value.
    entries: BTreeMap<String, u64>,
    /// The sum of `entries`.
    total: u64,
}

impl ExistingContext {
    /// Measures a context given as a value.
    ///
    /// # Errors
    /// [`ValidationError`] when it is not an object or has no JSON form.
    pub fn of<T: Serialize + ?Sized>(context: &T) -> Result<Self, ValidationError> {
        Self::visit(|checker| serde_value::visit(context, checker))
    }

    /// Measures a context given as JSON text.
    ///
    /// # Errors
    /// [`ValidationError`] when the text is not the JSON text of an object, and as
    /// [`measure_json`](super::measure_json).
    pub fn of_json(text: impl AsRef<[u8]>) -> Result<Self, ValidationError> {
        Self::visit(|checker| json_text::visit(text.as_ref(), checker))
    }

    /// Measures a context given as text with sentinels.
    ///
    /// # Errors
    /// As [`of_json`](Self::of_json), and for every sentinel.
    pub(crate) fn of_json_with_sentinels(text: impl AsRef<[u8]>) -> Result<Self, ValidationError> {
        Self::visit(|checker| json_text::visit_with_sentinels(text.as_ref(), checker))
    }

    /// Measures a context that `walk` visits.
    ///
    /// # Errors
    /// [`ValidationError`] when it is not an object or has no JSON form.
    pub(crate) fn visit(
        walk: impl FnOnce(&mut Checker<'_, ByteCounter>),
    ) -> Result<Self, ValidationError> {
        let mut checker = Checker::new(Policy::no_limits(), ByteCounter::default());
        checker.record_variables();
        walk(&mut checker);
        let (report, _, variables) = checker.finish();
        report.raise_if_failed().map_err(prefix_messages)?;
        let mut existing = Self::default();
        for variable in variables {
            existing.set(variable.name, variable.platform_bytes);
        }
        Ok(existing)
    }

    /// Returns the platform bytes of the context.
    #[must_use]
    pub fn platform_bytes(&self) -> u64 {
        self.total
    }

    /// Returns the platform bytes of a key and its value; 0 for an absent key.
    pub(super) fn bytes_of(&self, name: &str) -> u64 {
        self.entries.get(name).copied().unwrap_or(0)
    }

    fn set(&mut self, name: String, platform_bytes: u64) {
        self.total += platform_bytes;
        if let Some(replaced_bytes) = self.entries.insert(name, platform_bytes) {
            self.total -= replaced_bytes;
        }
    }
}

/// Adds a prefix to the messages, which distinguishes them from those about the checked value. Clears the sizes,
/// which are not those of the checked value.
fn prefix_messages(error: ValidationError) -> ValidationError {
    let mut report = error.into_report();
    for issue in &mut report.issues {
        issue.message = format!("in the existing context: {}", issue.message).into();
    }
    ValidationError::new(Report { sizes: Sizes::default(), ..report })
}

/// Returns the issue for a root value that is not an object; `kind` names its type.
#[cold]
pub(super) fn not_an_object(kind: &str, at: &Path<'_>) -> Issue {
    let message = format!("expected an object of names and values, not {kind}");
    Issue::error(Code::WrongType, at.to_pointer(), message).with_hint("Give every value a name.")
}
