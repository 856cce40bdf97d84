//! One checker, many drivers.
//!
//! The [`Checker`] hears of a value as a sequence of events and decides everything: names, kinds,
//! depth, integers, both measures, limits, and the compact JSON that will be sent, all in one
//! pass. Drivers walk some form of value and feed it: JSON text, any Rust value
//! that serde can serialise, the objects of a host language.

mod checker;
mod existing;
mod json_text;
mod keys;
mod measure;
mod output;
mod overflow;
mod room;
pub(crate) mod serde_value;
mod sink;
mod text_only;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use checker::{Checker, VariableSize};
pub use existing::ExistingContext;
pub(crate) use json_text::visit_part;
pub(crate) use keys::{Pair, Pairs};
pub use measure::TextSize;
#[cfg(not(feature = "small"))]
pub(crate) use measure::plain_prefix;
pub use output::{ByteCounter, JsonWriter};
pub(crate) use overflow::replacement_text;
pub use sink::{NumberKind, UnsupportedValue, ValueVisitor};

pub use crate::path::Path;

use crate::issue::{Code, Issue};
use crate::policy::Policy;
use crate::report::{Report, Sizes, ValidationError};

/// Checks a map of names to values against a policy.
///
/// Takes anything serde can serialise to an object; gives the [`Report`] of all that was found.
/// It does not fail: what is wrong with the value is in the report.
///
/// ```
/// use cognigy_context::{check, Policy};
/// use serde_json::json;
///
/// let report = check(&json!({"order": {"id": 7, "open": true}}), Policy::platform());
/// assert!(report.ok());
/// assert_eq!(report.sizes.json_bytes, 30);
/// assert_eq!(report.sizes.platform_bytes, 34); // 2·5 + 2·2 + 8 + 2·4 + 4
/// assert_eq!(report.sizes.depth, 1);
/// assert_eq!(report.sizes.variables, 1);
/// ```
pub fn check<T: Serialize + ?Sized>(value: &T, policy: &Policy) -> Report {
    CheckOptions::new(policy).value(value)
}

/// The same as [`check`] for JSON text.
///
/// ```
/// use cognigy_context::{check_json, Code, Policy};
///
/// let report = check_json(r#"{"a": 1, "a": 2}"#, Policy::context());
/// assert_eq!(report.issues[0].code, Code::DuplicateKey);
/// assert_eq!(report.issues[0].path, "/a");
/// ```
pub fn check_json(text: impl AsRef<[u8]>, policy: &Policy) -> Report {
    CheckOptions::new(policy).json(text)
}

/// How large a value is. A map of names to values is measured variable by variable; any other
/// value is taken as one.
///
/// ```
/// use cognigy_context::measure;
/// use serde_json::json;
///
/// let sizes = measure(&json!({"greeting": "Grüße 👋"}))?;
/// assert_eq!(sizes.json_bytes, 27);
/// assert_eq!(sizes.platform_bytes, 32);
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
///
/// # Errors
/// [`ValidationError`] when a part of the value has no JSON form.
pub fn measure<T: Serialize + ?Sized>(value: &T) -> Result<Sizes, ValidationError> {
    measure_with(|checker| serde_value::visit(value, checker))
}

/// The same as [`measure`] for JSON text.
///
/// # Errors
/// [`ValidationError`] when the text is not JSON, or says something that JSON cannot carry safely:
/// a key twice, half a surrogate pair, a number out of range, nesting without end.
pub fn measure_json(text: impl AsRef<[u8]>) -> Result<Sizes, ValidationError> {
    measure_with(|checker| json_text::visit(text.as_ref(), checker))
}

/// Reads JSON text into a value, refusing what the value could not hold.
///
/// ```
/// use cognigy_context::check::read_json;
///
/// assert_eq!(read_json("{\"a\": 1}")?["a"], 1);
/// assert!(read_json("[12345678901234567890123]").is_err());
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
///
/// # Errors
/// As [`measure_json`], and for integers beyond 64 bits, which would be rounded in silence.
pub fn read_json(text: impl AsRef<[u8]>) -> Result<Value, ValidationError> {
    let text = text.as_ref();
    measure_with(|checker| {
        checker.refuse_beyond_64_bits();
        json_text::visit(text, checker);
    })?;
    Ok(parse_measured(text).unwrap_or_default())
}

/// Reads JSON text whose nesting a pass before has capped, so that the parser needs no limit.
pub(crate) fn parse_measured<'t, T: Deserialize<'t>>(text: &'t [u8]) -> Option<T> {
    let mut parser = serde_json::Deserializer::from_slice(text);
    parser.disable_recursion_limit();
    T::deserialize(&mut parser).ok()
}

/// The same as [`measure_json`] for the text that [`CheckOptions::json_with_sentinels`] takes.
///
/// # Errors
/// As [`measure_json`], and for every mark.
pub fn measure_json_with_sentinels(text: impl AsRef<[u8]>) -> Result<Sizes, ValidationError> {
    measure_with(|checker| json_text::visit_with_sentinels(text.as_ref(), checker))
}

/// Tells a checker of one value of a larger whole, given as the text that [`CheckOptions::json_with_sentinels`]
/// takes: for the writers of bodies ([`InjectionWriter`](crate::injection::InjectionWriter),
/// [`StateWriter`](crate::state::StateWriter)), which say at which place it stands.
pub fn visit_with_sentinels_at<O: JsonWriter>(
    text: impl AsRef<[u8]>,
    checker: &mut Checker<'_, O>,
    at: &Path<'_>,
) {
    json_text::visit_with_sentinels_at(text.as_ref(), checker, at);
}

/// The same for a value that begins at a byte of a larger text, such as a list of values. Answers
/// where it ends.
pub fn visit_with_sentinels_within<O: JsonWriter>(
    text: &str,
    from: usize,
    checker: &mut Checker<'_, O>,
    at: &Path<'_>,
) -> usize {
    json_text::visit_with_sentinels_within(text, from, checker, at)
}

/// The same as [`measure`] for a driver of your own.
///
/// # Errors
/// [`ValidationError`] when a part of the value has no JSON form.
pub fn measure_with(
    walk: impl FnOnce(&mut Checker<'_, ByteCounter>),
) -> Result<Sizes, ValidationError> {
    measure_with_policy(Policy::no_limits(), walk)
}

/// The same under a policy, which holds for a map of names to values; the whole may be of any kind.
pub(crate) fn measure_with_policy(
    policy: &Policy,
    walk: impl FnOnce(&mut Checker<'_, ByteCounter>),
) -> Result<Sizes, ValidationError> {
    let mut checker = Checker::new(policy, ByteCounter::default());
    checker.allow_any_root();
    walk(&mut checker);
    let (report, ..) = checker.finish();
    report.raise_if_failed().map(|report| report.sizes)
}

/// Writes a value that a driver of your own walks as compact JSON, under no rule but those that
/// hold in every policy.
///
/// # Errors
/// [`ValidationError`] when a part of the value has no JSON form.
pub fn write_with(
    walk: impl FnOnce(&mut Checker<'_, Vec<u8>>),
) -> Result<Vec<u8>, ValidationError> {
    write_with_policy(Policy::no_limits(), walk)
}

/// The same under a policy, which holds for a map of names to values; the whole may be of any kind.
pub(crate) fn write_with_policy(
    policy: &Policy,
    walk: impl FnOnce(&mut Checker<'_, Vec<u8>>),
) -> Result<Vec<u8>, ValidationError> {
    let mut checker = Checker::new(policy, Vec::with_capacity(FIRST_CAPACITY));
    checker.allow_any_root();
    walk(&mut checker);
    let (report, text, _) = checker.finish();
    report.raise_if_failed().map(|_| text)
}

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
    pub fn json_with_sentinels(&self, text: impl AsRef<[u8]>) -> Report {
        self.visit(|checker| json_text::visit_with_sentinels(text.as_ref(), checker))
    }

    /// Checks a value that a driver of your own walks.
    pub fn visit(&self, walk: impl FnOnce(&mut Checker<'_, ByteCounter>)) -> Report {
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
    pub fn json_with_sentinels_to_json(
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
    /// ```
    /// use cognigy_context::check::BODY_PLACEHOLDER;
    /// use cognigy_context::{CheckOptions, Policy};
    ///
    /// let check = CheckOptions::new(Policy::context()).body("{\"context\":", "}");
    /// let kept = check.json_reusing_text(r#"{"tier":"gold"}"#)?;
    /// assert_eq!(kept.body, format!("{{\"context\":{BODY_PLACEHOLDER}}}").into_bytes());
    /// let changed = check.json_reusing_text(r#"{"tier":"gold","__cache":1}"#)?;
    /// assert_eq!(changed.body, br#"{"context":{"tier":"gold"}}"#);
    /// # Ok::<(), cognigy_context::ValidationError>(())
    /// ```
    ///
    /// # Errors
    /// [`ValidationError`] when the report holds an error.
    pub fn json_reusing_text(
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
    pub fn write(
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

/// Stands in a body for text that the caller has and puts there: see [`CheckOptions::json_reusing_text`].
/// Like the marks, it never stands bare in JSON.
pub const BODY_PLACEHOLDER: char = '\u{1}';

/// Room for a body of usual size, so that few bodies have to grow from nothing.
pub(crate) const FIRST_CAPACITY: usize = 4 << 10;

/// A value whose own serialisation failed.
#[cold]
fn gave_up(at: &Path<'_>) -> Issue {
    Issue::error(Code::UnserializableType, at.to_pointer(), "the value's own serialisation gave up")
        .hint("Its Serialize implementation returned an error.")
}
