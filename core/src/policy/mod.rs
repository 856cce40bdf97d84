//! The rules of a check as data: [`Policy`] and the five [`Preset`]s.
//!
//! `preset.rs` has the limits of the presets.

mod name;
mod overrides;
mod preset;
pub(crate) mod unicode;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub(crate) use name::NameCheck;
pub use overrides::PolicyError;
pub use preset::Preset;

use crate::issue::Severity;

/// The maximum nesting of a variable, in levels, in every policy. It protects every reader of the data,
/// including this crate, from a stack overflow. The object that contains the variables is not counted.
pub const MAX_NESTING: u32 = 128;

/// The largest integer that JavaScript represents exactly: 2^53 − 1.
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// The rule for the names of variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameRule {
    /// Any text.
    Any,
    /// Letters and numbers of any script (general categories L* and N*), `_` and `-`, with at
    /// least one letter or number.
    Injection,
    /// A Unicode identifier: `XID_Start` or `_`, then `XID_Continue`.
    Identifier,
    /// Not empty. `.`, `-` and the keys that the platform itself writes are warnings.
    Platform,
}

/// The unit of the context limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Bytes of compact UTF-8 JSON. A context over the limit is one error.
    Json,
    /// The platform's own count (see [`Sizes::platform_bytes`](crate::Sizes)). Over the limit the platform replaces
    /// values one by one, so each value that would be replaced is a separate error.
    Platform,
}

/// The rules of a check. Start from a preset and change the fields that differ. A limit that is `None` does not apply.
///
/// ```
/// use cognigy_context::{check, Policy};
/// use serde_json::json;
///
/// let policy = Policy { max_context_bytes: Some(20), ..Policy::context().clone() };
/// let report = check(&json!({"note": "more than twenty bytes"}), &policy);
/// assert_eq!(report.issues[0].code.as_str(), "context_too_large");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Policy {
    /// The preset on which this policy is based.
    pub preset: Preset,
    /// The rule for the names of variables.
    pub names: NameRule,
    /// Prefixes that a name must not have.
    pub reserved_prefixes: Cow<'static, [Cow<'static, str>]>,
    /// Maximum length of a name, in code points.
    pub max_name_length: Option<u64>,
    /// Whether the value of a variable may be `null`. Inside a value `null` is always allowed.
    pub allow_null: bool,
    /// Whether keys that start with `__` are internal and left out, at every depth.
    pub strip_internal: bool,
    /// Maximum JSON bytes of one variable's value.
    pub max_value_bytes: Option<u64>,
    /// Maximum JSON bytes of one request body. In an injection payload it limits the `variables` array alone.
    pub max_payload_bytes: Option<u64>,
    /// Maximum size of the context, in the unit [`context_unit`](Self::context_unit).
    pub max_context_bytes: Option<u64>,
    /// The unit of `max_context_bytes`.
    pub context_unit: Unit,
    /// The nesting of one variable, in levels, above which a check warns. Nesting above [`MAX_NESTING`] is an error in
    /// every policy.
    pub max_depth: Option<u32>,
    /// The share of a limit, above 0 and up to 1, from which a check warns with `near_limit`; `None` for no warning.
    pub warn_from: Option<f64>,
    /// The severity of an integer beyond ±(2^53−1).
    pub unsafe_integers: Severity,
}

impl Policy {
    /// Returns whether a key is internal and left out.
    #[inline(always)]
    pub(crate) fn is_internal(&self, key: &str) -> bool {
        self.strip_internal && key.starts_with("__")
    }
}
