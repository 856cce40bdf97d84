//! One issue of a check: its [`Code`], severity, path, message and hint.

use std::borrow::Cow;
use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};

/// Whether an issue prevents sending the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The data would be rejected, lost or changed. Operations that send reject it.
    Error,
    /// The data can be sent, but may behave unexpectedly.
    Warning,
}

impl Severity {
    /// Returns the name in every language: `error` or `warning`.
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

/// Generates the enum, its list and its names from one table.
macro_rules! codes {
    ($($(#[$doc:meta])+ $variant:ident = $name:literal,)+) => {
        /// The kind of an [`Issue`]. Its name is stable and the same in every language.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])+ #[serde(rename = $name)] $variant,)+
        }

        impl Code {
            /// All codes, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the stable name, for example `context_too_large`.
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
    /// A variable's name starts with a prefix that is reserved for the platform.
    ReservedPrefix = "reserved_prefix",
    /// A context key that the platform itself writes.
    PlatformKey = "platform_key",
    /// A context key that can be written but not read back in a flow.
    UnreadableKey = "unreadable_key",
    /// A variable is `null`, and the policy does not allow `null`.
    NullValue = "null_value",
    /// NaN, an infinity, or a number beyond the range of a 64-bit float.
    NonFiniteNumber = "non_finite_number",
    /// An integer beyond ±(2^53−1), which a JavaScript peer rounds.
    UnsafeInteger = "unsafe_integer",
    /// Half of a surrogate pair, which UTF-8 cannot encode.
    LoneSurrogate = "lone_surrogate",
    /// An object key that is not a string.
    NonStringKey = "non_string_key",
    /// An object has the same key more than once.
    DuplicateKey = "duplicate_key",
    /// A value is nested deeper than the policy or the hard limit of 128 levels allows.
    NestingTooDeep = "nesting_too_deep",
    /// One variable is larger than the policy allows.
    ValueTooLarge = "value_too_large",
    /// The body that would be sent is larger than the policy allows.
    PayloadTooLarge = "payload_too_large",
    /// The context would be larger than the policy allows.
    ContextTooLarge = "context_too_large",
    /// A size is within its limit, but close to it.
    NearLimit = "near_limit",
    /// The platform would replace the value of this key with an error text, or has replaced it.
    WouldBeReplaced = "would_be_replaced",
    /// A value that has no JSON form.
    UnserializableType = "unserializable_type",
    /// A list or object that contains itself.
    CircularReference = "circular_reference",
    /// Text that is not JSON.
    InvalidJson = "invalid_json",
    /// A value cannot be converted to the type of its hint.
    CoercionFailed = "coercion_failed",
    /// A document violates its JSON Schema.
    SchemaViolation = "schema_violation",
    /// Validating a document, or filling its defaults, exceeds a limit of the schema.
    SchemaLimit = "schema_limit",
    /// A payload has the same key and scope more than once.
    DuplicateVariable = "duplicate_variable",
    /// A scope that the operation does not accept.
    InvalidScope = "invalid_scope",
    /// A time that is not RFC 3339.
    InvalidTimestamp = "invalid_timestamp",
    /// A time that has passed.
    Expired = "expired",
    /// A required field is missing.
    MissingField = "missing_field",
    /// A value of the wrong type.
    WrongType = "wrong_type",
    /// An update without variables and without a transition.
    EmptyUpdate = "empty_update",
    /// An id that is empty or too long, lacks the required prefix, or would change the path of a request; or a tag
    /// for `If-Match` that is not a strong entity tag.
    InvalidId = "invalid_id",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One issue of a check.
///
/// Messages contain paths, types and sizes, never values, because context data is personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// The kind of issue.
    pub code: Code,
    /// Whether the issue prevents sending the data.
    pub severity: Severity,
    /// The JSON Pointer (RFC 6901) of the value; `""` is the root value.
    pub path: String,
    /// What is wrong, with the actual figure and the limit if there are any.
    pub message: Cow<'static, str>,
    /// The limit, in the unit that the message states; `None` for an issue without a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The actual figure, in the same unit; `None` for an issue without a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<u64>,
    /// What to do, as a full sentence; `None` for an issue without advice.
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

    /// Returns the number of bytes that the issue counts against [`Report::ISSUE_BUDGET`](crate::Report::ISSUE_BUDGET).
    pub(crate) fn budget_bytes(&self) -> usize {
        size_of::<Self>() + self.path.len() + self.message.len()
    }

    pub(crate) fn with_figures(mut self, limit: u64, actual: u64) -> Self {
        self.limit = Some(limit);
        self.actual = Some(actual);
        self
    }

    pub(crate) fn with_hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(Cow::Borrowed(hint));
        self
    }
}

/// Formats one line: the code, the path, the message and the hint. A warning starts with `warning`.
impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.severity == Severity::Warning {
            f.write_str("warning ")?;
        }
        write!(f, "{}", self.code)?;
        if !self.path.is_empty() {
            // Escapes line breaks in keys, which could forge lines of a log.
            f.write_str(" at ")?;
            for c in self.path.chars() {
                if c.is_control() { write!(f, "{}", c.escape_default())? } else { f.write_char(c)? }
            }
        }
        write!(f, ": {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, ". {hint}"),
            None => Ok(()),
        }
    }
}
