//! A check with options, and the body that it writes.

use std::fmt;

use serde::Serialize;

use super::{
    ByteCounter, Checker, ExistingContext, FIRST_CAPACITY, JsonWriter, VariableSize, json_text,
    serde_value,
};
use crate::policy::Policy;
use crate::report::{Report, ValidationError};

/// Stands in a body for text that the caller has and puts there: see [`CheckOptions::json_reusing_text`].
/// Like the marks, it never stands bare in JSON.
pub const BODY_PLACEHOLDER: char = '\u{1}';

/// A check with more to say than a policy: the context that is already there, or the body of the
/// request that the value will be a part of.
///
/// ```
/// use cognigy_context::{CheckOptions, Policy};
/// use serde_json::json;
///
/// let check = CheckOptions::new(Policy::platform()).body(r#"{"userId":"u","context":"#, "}");
/// let written = check.value_to_json(&json!({"tier": "gold"}))?;
/// assert_eq!(written.body, br#"{"userId":"u","context":{"tier":"gold"}}"#);
/// assert_eq!(written.report.sizes.json_bytes, 15); // of the value; the limit holds for the body
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CheckOptions<'c> {
    policy: &'c Policy,
    existing: Option<&'c ExistingContext>,
    before: &'c str,
    after: &'c str,
    recording: bool,
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

/// What a check wrote. [`Debug`] does not show the data.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedBody {
    /// The whole body: compact UTF-8 JSON.
    pub body: Vec<u8>,
    /// What the check found: no error, perhaps warnings.
    pub report: Report,
    /// The size of each variable, in order, when the check was [`recording`](CheckOptions::recording).
    pub variables: Vec<VariableSize>,
}

impl<'c> CheckOptions<'c> {
    /// A check against a policy.
    #[must_use]
    pub const fn new(policy: &'c Policy) -> Self {
        Self { policy, existing: None, before: "", after: "", recording: false }
    }

    /// The context that is already there, on_top_of which the platform writes the value. It counts
    /// where the context's limit is in platform bytes (the `platform` presets).
    #[must_use]
    pub const fn existing(mut self, existing: &'c ExistingContext) -> Self {
        self.existing = Some(existing);
        self
    }

    /// The compact JSON text that stands before and after the value in the body that is sent. The
    /// payload limit then holds for the whole body.
    #[must_use]
    pub const fn body(mut self, before: &'c str, after: &'c str) -> Self {
        self.before = before;
        self.after = after;
        self
    }

    /// Keep the size of each variable, for [`CheckedBody::variables`].
    #[must_use]
    pub const fn recording(mut self) -> Self {
        self.recording = true;
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

    /// Checks JSON text in which marks stand for what JSON cannot say; see the binding that writes
    /// them (U+0001 and a letter: `N` not finite, `U` no JSON form, `C` circular, `D` too deep;
    /// as a key, `K` not a string).
    pub(crate) fn json_with_sentinels(&self, text: impl AsRef<[u8]>) -> Report {
        self.visit(|checker| json_text::visit_with_sentinels(text.as_ref(), checker))
    }

    /// Checks a value that a driver of your own walks.
    pub(crate) fn visit(&self, walk: impl FnOnce(&mut Checker<'_, ByteCounter>)) -> Report {
        // Bytes before the value count like those behind it.
        let mut checker = self.checker(ByteCounter::default());
        checker.followed_by(self.before.len() + self.after.len());
        walk(&mut checker);
        checker.finish().0
    }

    /// Checks a value and writes the whole body as compact JSON, in the same pass.
    ///
    /// # Errors
    /// [`ValidationError`] when the report holds an error.
    pub fn value_to_json<T: Serialize + ?Sized>(
        &self,
        value: &T,
    ) -> Result<CheckedBody, ValidationError> {
        self.write(Vec::with_capacity(FIRST_CAPACITY), |checker| serde_value::visit(value, checker))
    }

    /// Checks JSON text and writes the whole body as compact JSON, in the same pass.
    ///
    /// # Errors
    /// [`ValidationError`] when the report holds an error.
    pub fn json_to_json(&self, text: impl AsRef<[u8]>) -> Result<CheckedBody, ValidationError> {
        self.write(Vec::with_capacity(FIRST_CAPACITY), |checker| {
            json_text::visit(text.as_ref(), checker)
        })
    }

    /// The same as [`json_to_json`](Self::json_to_json) for the text that
    /// [`json_with_sentinels`](Self::json_with_sentinels) takes.
    ///
    /// # Errors
    /// [`ValidationError`] when the report holds an error.
    pub(crate) fn json_with_sentinels_to_json(
        &self,
        text: impl AsRef<[u8]>,
    ) -> Result<CheckedBody, ValidationError> {
        self.write(Vec::with_capacity(FIRST_CAPACITY), |checker| {
            json_text::visit_with_sentinels(text.as_ref(), checker)
        })
    }

    /// The same for a caller who keeps the text and puts the body together: where the text goes out
    /// as it is, the body has [`BODY_PLACEHOLDER`] instead of it, and nothing of it is copied here.
    ///
    /// The text has to be compact already, with no escape that JSON can do without, which is how
    /// `JSON.stringify` writes. Whether the policy leaves something out of it is seen here: then the
    /// body is whole.
    ///
    ///
    /// # Errors
    /// [`ValidationError`] when the report holds an error.
    pub(crate) fn json_reusing_text(
        &self,
        text: impl AsRef<[u8]>,
    ) -> Result<CheckedBody, ValidationError> {
        let text = text.as_ref();
        let mut checker = self.checker(ByteCounter::default());
        checker.followed_by(self.before.len() + self.after.len());
        json_text::visit_with_sentinels(text, &mut checker);
        let (report, _, variables) = checker.finish();
        let report = report.raise_if_failed()?;
        if report.sizes.json_bytes != text.len() as u64 {
            return self.json_with_sentinels_to_json(text);
        }
        let body = format!("{}{BODY_PLACEHOLDER}{}", self.before, self.after).into_bytes();
        Ok(CheckedBody { body, report, variables })
    }

    /// Checks and writes what a driver of your own walks, into a buffer that is emptied first.
    ///
    /// # Errors
    /// [`ValidationError`] when the report holds an error.
    pub(crate) fn write(
        &self,
        mut buffer: Vec<u8>,
        walk: impl FnOnce(&mut Checker<'_, Vec<u8>>),
    ) -> Result<CheckedBody, ValidationError> {
        buffer.clear();
        buffer.extend_from_slice(self.before.as_bytes());
        let mut checker = self.checker(buffer);
        checker.followed_by(self.after.len());
        walk(&mut checker);
        let (report, mut body, variables) = checker.finish();
        let report = report.raise_if_failed()?;
        body.extend_from_slice(self.after.as_bytes());
        Ok(CheckedBody { body, report, variables })
    }

    fn checker<O: JsonWriter>(&self, out: O) -> Checker<'c, O> {
        let mut checker = Checker::new(self.policy, out);
        if let Some(existing) = self.existing {
            checker.on_top_of(existing);
        }
        if self.recording {
            checker.record_variables();
        }
        checker
    }
}
