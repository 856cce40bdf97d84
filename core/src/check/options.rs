//! The options of a check, and the body that it writes.

use std::fmt;

use serde::Serialize;

use super::{
    ByteCounter, Checker, ExistingContext, INITIAL_CAPACITY, JsonWriter, VariableSize, json_text,
    serde_value,
};
use crate::policy::Policy;
use crate::report::{Report, ValidationError};

/// The character in a body in whose place the caller inserts its own text: see
/// [`write_json_reusing_text`](crate::__bindings::write_json_reusing_text).
/// Like the sentinels, it never occurs bare in JSON.
pub const BODY_PLACEHOLDER: char = '\u{1}';

/// A check with options: the policy, the context that the session already has, and the request body around
/// the value.
///
/// ```
/// use cognigy_context::{CheckOptions, Policy};
/// use serde_json::json;
///
/// let check = CheckOptions::new(Policy::platform()).body(r#"{"userId":"u","context":"#, "}");
/// let checked_body = check.value_to_json(&json!({"tier": "gold"}))?;
/// assert_eq!(checked_body.body, br#"{"userId":"u","context":{"tier":"gold"}}"#);
/// // The size of the value; the payload limit applies to the body.
/// assert_eq!(checked_body.report.sizes.json_bytes, 15);
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CheckOptions<'c> {
    policy: &'c Policy,
    existing: Option<&'c ExistingContext>,
    before: &'c str,
    after: &'c str,
    records_sizes: bool,
}

/// A checked and written body. [`Debug`] does not show the data.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedBody {
    /// The complete body as compact UTF-8 JSON.
    pub body: Vec<u8>,
    /// The report of the check. It has no error but may have warnings.
    pub report: Report,
    /// The size of each variable, in order; empty without [`record_sizes`](CheckOptions::record_sizes).
    pub variables: Vec<VariableSize>,
}

impl fmt::Debug for CheckedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedBody")
            .field("body_bytes", &self.body.len())
            .field("report", &self.report)
            .field("variables", &self.variables)
            .finish()
    }
}

impl<'c> CheckOptions<'c> {
    /// Creates a check against a policy.
    #[must_use]
    pub const fn new(policy: &'c Policy) -> Self {
        Self { policy, existing: None, before: "", after: "", records_sizes: false }
    }

    /// Sets the context that the session already has, to which the platform adds the value. Default: an empty
    /// context. It affects only policies whose context limit counts platform bytes (the `platform` presets).
    #[must_use]
    pub const fn existing(mut self, existing: &'c ExistingContext) -> Self {
        self.existing = Some(existing);
        self
    }

    /// Sets the compact JSON text before and after the value in the request body. This text is not checked, but
    /// the payload limit applies to the complete body. Default: both are empty.
    #[must_use]
    pub const fn body(mut self, before: &'c str, after: &'c str) -> Self {
        self.before = before;
        self.after = after;
        self
    }

    /// Records the size of each variable in [`CheckedBody::variables`]. By default no size is recorded.
    #[must_use]
    pub const fn record_sizes(mut self) -> Self {
        self.records_sizes = true;
        self
    }

    /// Checks a value that serde can serialise.
    pub fn value<T: Serialize + ?Sized>(&self, value: &T) -> Report {
        self.visit(|checker| serde_value::visit(value, checker))
    }

    /// Checks JSON text.
    pub fn json(&self, text: impl AsRef<[u8]>) -> Report {
        self.visit(|checker| json_text::visit(text.as_ref(), checker))
    }

    /// Checks JSON text with sentinels for values that JSON cannot express. A sentinel is U+0001 and a letter:
    /// `N` not finite, `U` no JSON form, `C` circular, `D` too deep; as a key, `K` not a string.
    pub(crate) fn json_with_sentinels(&self, text: impl AsRef<[u8]>) -> Report {
        self.visit(|checker| json_text::visit_with_sentinels(text.as_ref(), checker))
    }

    /// Checks a value that `walk` visits.
    pub(crate) fn visit(&self, walk: impl FnOnce(&mut Checker<'_, ByteCounter>)) -> Report {
        // Nothing is written, so the bytes before the value are counted as if they followed it.
        let mut checker = self.checker(ByteCounter::default());
        checker.reserve_suffix(self.before.len() + self.after.len());
        walk(&mut checker);
        checker.finish().0
    }

    /// Checks a value and writes the complete body as compact JSON, in the same pass.
    ///
    /// # Errors
    /// [`ValidationError`] when the report has an error.
    pub fn value_to_json<T: Serialize + ?Sized>(
        &self,
        value: &T,
    ) -> Result<CheckedBody, ValidationError> {
        self.write(Vec::with_capacity(INITIAL_CAPACITY), |checker| {
            serde_value::visit(value, checker)
        })
    }

    /// Checks JSON text and writes the complete body as compact JSON, in the same pass.
    ///
    /// # Errors
    /// [`ValidationError`] when the report has an error.
    pub fn json_to_json(&self, text: impl AsRef<[u8]>) -> Result<CheckedBody, ValidationError> {
        self.write(Vec::with_capacity(INITIAL_CAPACITY), |checker| {
            json_text::visit(text.as_ref(), checker)
        })
    }

    /// Checks text with sentinels and writes the complete body, as [`json_to_json`](Self::json_to_json) does.
    ///
    /// # Errors
    /// [`ValidationError`] when the report has an error.
    pub(crate) fn json_with_sentinels_to_json(
        &self,
        text: impl AsRef<[u8]>,
    ) -> Result<CheckedBody, ValidationError> {
        self.write(Vec::with_capacity(INITIAL_CAPACITY), |checker| {
            json_text::visit_with_sentinels(text.as_ref(), checker)
        })
    }

    /// Checks text with sentinels. When the text can be sent unchanged, the body contains
    /// [`BODY_PLACEHOLDER`] in its place, and the text is not copied.
    ///
    /// Only compact text without unnecessary escapes, as `JSON.stringify` writes it, stays unchanged. For other
    /// text, or when the policy removes a member, the function writes the complete body.
    ///
    /// # Errors
    /// [`ValidationError`] when the report has an error.
    pub(crate) fn json_reusing_text(
        &self,
        text: impl AsRef<[u8]>,
    ) -> Result<CheckedBody, ValidationError> {
        let text = text.as_ref();
        let mut checker = self.checker(ByteCounter::default());
        checker.reserve_suffix(self.before.len() + self.after.len());
        json_text::visit_with_sentinels(text, &mut checker);
        let (report, _, variables) = checker.finish();
        let report = report.raise_if_failed()?;
        if report.sizes.json_bytes != text.len() as u64 {
            return self.json_with_sentinels_to_json(text);
        }
        let body = format!("{}{BODY_PLACEHOLDER}{}", self.before, self.after).into_bytes();
        Ok(CheckedBody { body, report, variables })
    }

    /// Checks a value that `walk` visits and writes the complete body into `buffer`, which is emptied first.
    ///
    /// # Errors
    /// [`ValidationError`] when the report has an error.
    pub(crate) fn write(
        &self,
        mut buffer: Vec<u8>,
        walk: impl FnOnce(&mut Checker<'_, Vec<u8>>),
    ) -> Result<CheckedBody, ValidationError> {
        buffer.clear();
        buffer.extend_from_slice(self.before.as_bytes());
        let mut checker = self.checker(buffer);
        checker.reserve_suffix(self.after.len());
        walk(&mut checker);
        let (report, mut body, variables) = checker.finish();
        let report = report.raise_if_failed()?;
        body.extend_from_slice(self.after.as_bytes());
        Ok(CheckedBody { body, report, variables })
    }

    fn checker<O: JsonWriter>(&self, out: O) -> Checker<'c, O> {
        let mut checker = Checker::new(self.policy, out);
        if let Some(existing) = self.existing {
            checker.set_existing(existing);
        }
        if self.records_sizes {
            checker.record_variables();
        }
        checker
    }
}
