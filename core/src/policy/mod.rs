//! What a check holds a value against, as data: [`Policy`], and the five [`Preset`]s.
//!
//! Every limit of the five families stands in `preset.rs`, with where the figure comes from.

mod name;
mod preset;
mod spec;
pub(crate) mod unicode;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub(crate) use name::NameCheck;
pub use preset::Preset;
pub use spec::PolicyError;

use crate::issue::Severity;

/// No value nests deeper than this, whatever the policy: it keeps every reader of the data, ours
/// included, from running out of stack. Counted per variable, so the whole is one level deeper.
pub const MAX_NESTING: u32 = 128;

/// The largest integer that JavaScript holds exactly: 2^53 − 1.
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// Which names variables may have.
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
    /// Not empty. `.` and `-`, and the keys that the platform itself writes, are warnings.
    Platform,
}

/// The unit in which the context limit is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Bytes of compact UTF-8 JSON. Over the limit is one error for the whole context.
    Json,
    /// The platform's own count (see [`Sizes::platform_bytes`](crate::Sizes)). Over the limit the
    /// platform replaces keys one by one, so each key that would be lost is an error of its own.
    Platform,
}

/// The rules of one check. Take a preset and change the fields that differ.
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
    /// The preset that this policy started from.
    pub preset: Preset,
    /// The rule for the names of variables.
    pub names: NameRule,
    /// Beginnings of a name that are refused.
    pub reserved_prefixes: Cow<'static, [Cow<'static, str>]>,
    /// Longest name, in code points.
    pub max_name_length: Option<u64>,
    /// Whether a variable's own value may be `null`. Below that `null` is always fine.
    pub allow_null: bool,
    /// Whether keys that start with `__` are internal: left out, at every depth.
    pub strip_internal: bool,
    /// Most JSON bytes of one variable's value.
    pub max_value_bytes: Option<u64>,
    /// Most JSON bytes of what is sent in one request.
    pub max_payload_bytes: Option<u64>,
    /// Most bytes of the whole context, in [`context_unit`](Self::context_unit).
    pub max_context_bytes: Option<u64>,
    /// What `max_context_bytes` counts.
    pub context_unit: Unit,
    /// Levels of nesting of one variable beyond which there is a warning. Beyond
    /// [`MAX_NESTING`] it is an error in every policy.
    pub max_depth: Option<u32>,
    /// The share of a limit, above 0 and up to 1, from which `near_limit` warns.
    pub warn_from: Option<f64>,
    /// How grave an integer beyond ±(2^53−1) is.
    pub unsafe_integers: Severity,
}

impl Policy {
    /// Whether a key is internal, and left out.
    #[inline(always)]
    pub(crate) fn strips(&self, key: &str) -> bool {
        self.strip_internal && key.starts_with("__")
    }
}
