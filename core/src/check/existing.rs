//! The context that a session already holds, as far as a check needs it: sizes by key.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ByteCounter, Checker, json_text, serde_value};
use crate::issue::{Code, Issue};
use crate::path::Path;
use crate::policy::Policy;
use crate::report::{Report, Sizes, ValidationError};

/// The sizes of a context that is already there. It keeps keys and sizes, never values.
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
    entries: BTreeMap<String, u64>,
    total: u64,
}

impl ExistingContext {
    /// The sizes of a context given as a value.
    ///
    /// # Errors
    /// [`ValidationError`] when it is not an object or has no JSON form.
    pub fn of<T: Serialize + ?Sized>(context: &T) -> Result<Self, ValidationError> {
        Self::visit(|checker| serde_value::visit(context, checker))
    }

    /// The sizes of a context given as JSON text.
    ///
    /// # Errors
    /// [`ValidationError`] when it is not the JSON text of an object.
    pub fn of_json(text: impl AsRef<[u8]>) -> Result<Self, ValidationError> {
        Self::visit(|checker| json_text::visit(text.as_ref(), checker))
    }

    /// The same as [`of_json`](Self::of_json) for the text that
    /// [`CheckOptions::json_with_sentinels`](super::CheckOptions::json_with_sentinels) takes.
    ///
    /// # Errors
    /// As [`of_json`](Self::of_json), and for every mark.
    pub(crate) fn of_json_with_sentinels(text: impl AsRef<[u8]>) -> Result<Self, ValidationError> {
        Self::visit(|checker| json_text::visit_with_sentinels(text.as_ref(), checker))
    }

    /// The sizes of a context that a driver of your own walks.
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
        report.raise_if_failed().map_err(about_existing)?;
        let mut existing = Self::default();
        for variable in variables {
            existing.set(variable.name, variable.platform_bytes);
        }
        Ok(existing)
    }

    /// The platform bytes of the whole.
    #[must_use]
    pub fn platform_bytes(&self) -> u64 {
        self.total
    }

    /// What the key and its value take now; 0 when the key is not there.
    pub(super) fn cost_of(&self, name: &str) -> u64 {
        self.entries.get(name).copied().unwrap_or(0)
    }

    fn set(&mut self, name: String, platform_bytes: u64) {
        self.total += platform_bytes;
        if let Some(before) = self.entries.insert(name, platform_bytes) {
            self.total -= before;
        }
    }
}

/// Tells the issues of an existing context apart from those of the value that is checked.
fn about_existing(error: ValidationError) -> ValidationError {
    let mut report = error.into_report();
    for issue in &mut report.issues {
        issue.message = format!("in the existing context: {}", issue.message).into();
    }
    ValidationError::new(Report { sizes: Sizes::default(), ..report })
}

/// A whole that is not an object.
#[cold]
pub(crate) fn not_an_object(at: &Path<'_>) -> Issue {
    Issue::error(Code::WrongType, at.to_pointer(), "expected an object, a map of names to values")
}
