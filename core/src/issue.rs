//! What a check finds: a [`Code`], how grave it is, where it is, and what to do about it.

use std::borrow::Cow;
use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};

/// Whether a finding stops the data from being sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The data would be refused, lost or changed: operations that send refuse it.
    Error,
    /// The data can be sent, and something about it will surprise somebody.
    Warning,
}

impl Severity {
    /// The name used in every language: `error` or `warning`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Writes the enum, its list and its names from one table, so that none can be forgotten.
macro_rules! codes {
    ($($(#[$doc:meta])+ $variant:ident = $name:literal,)+) => {
        /// What kind of finding an [`Issue`] is. The name is stable and the same in every language.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])+ #[serde(rename = $name)] $variant,)+
        }

        impl Code {
            /// Every code there is, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable name, for example `context_too_large`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

codes! {
    /// A variable's name breaks the policy's name rule.
    InvalidName = "invalid_name",
    /// A variable's name has more code points than the policy allows.
    NameTooLong = "name_too_long",
    /// A variable's name starts with a prefix that is kept for the platform.
    ReservedPrefix = "reserved_prefix",
    /// A context key that the platform itself writes.
    PlatformKey = "platform_key",
    /// A context key that can be written but not read back in a flow.
    UnreadableKey = "unreadable_key",
    /// A variable is `null` where the policy takes no `null`.
    NullValue = "null_value",
    /// NaN, an infinity, or a number beyond the range of a 64-bit float.
    NonFiniteNumber = "non_finite_number",
    /// An integer beyond ±(2^53−1), which a JavaScript peer rounds.
    UnsafeInteger = "unsafe_integer",
    /// Half of a surrogate pair: text that UTF-8 cannot carry.
    LoneSurrogate = "lone_surrogate",
    /// An object key that is not a string.
    NonStringKey = "non_string_key",
    /// The same key twice in one object.
    DuplicateKey = "duplicate_key",
    /// Nested deeper than the policy, or than anything accepts.
    NestingTooDeep = "nesting_too_deep",
    /// One variable is larger than the policy allows.
    ValueTooLarge = "value_too_large",
    /// The body that would be sent is larger than the policy allows.
    PayloadTooLarge = "payload_too_large",
    /// The context would be larger than the policy allows.
    ContextTooLarge = "context_too_large",
    /// A size is within its limit, but close to it.
    NearLimit = "near_limit",
    /// The platform would silently put an error text in the place of this key's value.
    WouldBeReplaced = "would_be_replaced",
    /// A value that has no JSON form.
    UnserializableType = "unserializable_type",
    /// A container that holds itself.
    CircularReference = "circular_reference",
    /// Text that is not JSON.
    InvalidJson = "invalid_json",
    /// A value cannot be read as the type that its hint names.
    CoercionFailed = "coercion_failed",
    /// A document breaks its JSON Schema.
    SchemaViolation = "schema_violation",
    /// The same key and scope twice in one payload.
    DuplicateVariable = "duplicate_variable",
    /// A scope that the operation does not know.
    InvalidScope = "invalid_scope",
    /// A time that is not RFC 3339.
    InvalidTimestamp = "invalid_timestamp",
    /// A time that has passed.
    Expired = "expired",
    /// A required field is missing.
    MissingField = "missing_field",
    /// A value of another kind than the one that is asked for.
    WrongType = "wrong_type",
    /// An update that updates nothing.
    EmptyUpdate = "empty_update",
    /// An id that is empty or would change the path of a request.
    InvalidId = "invalid_id",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One finding.
///
/// Messages hold paths, kinds and sizes, never values: context data is personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// What was found.
    pub code: Code,
    /// Whether it stops the data from being sent.
    pub severity: Severity,
    /// Where, as a JSON Pointer (RFC 6901); `""` is the whole value.
    pub path: String,
    /// What was found, in a sentence.
    pub message: Cow<'static, str>,
    /// The limit that was hit, in the unit the message names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The figure that was found, in the same unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<u64>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Cow<'static, str>>,
}

impl Issue {
    pub(crate) fn new(
        code: Code,
        severity: Severity,
        path: String,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            code,
            severity,
            path,
            message: message.into(),
            limit: None,
            actual: None,
            hint: None,
        }
    }

    pub(crate) fn error(code: Code, path: String, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(code, Severity::Error, path, message)
    }

    pub(crate) fn warning(code: Code, path: String, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(code, Severity::Warning, path, message)
    }

    pub(crate) fn figures(mut self, limit: u64, actual: u64) -> Self {
        self.limit = Some(limit);
        self.actual = Some(actual);
        self
    }

    pub(crate) fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(Cow::Borrowed(hint));
        self
    }
}

/// One line: severity, code, place, sentence, figures.
impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.severity, self.code)?;
        if self.path.is_empty() {
            f.write_str(" in the whole")?;
        } else {
            // A key may hold line breaks, which would forge lines of a log.
            f.write_str(" at ")?;
            for c in self.path.chars() {
                if c.is_control() { write!(f, "{}", c.escape_default())? } else { f.write_char(c)? }
            }
        }
        write!(f, ": {}", self.message)?;
        match (self.limit, self.actual) {
            (Some(limit), Some(actual)) => write!(f, " (limit {limit}, actual {actual})")?,
            (Some(limit), None) => write!(f, " (limit {limit})")?,
            _ => {}
        }
        Ok(())
    }
}
