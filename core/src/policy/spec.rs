//! Policies written as JSON: a preset's name, or a preset with the fields that differ.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{NameRule, Policy, Preset, Unit};
use crate::issue::Severity;

/// A description of a policy that describes none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// No preset has this name.
    #[error(
        "unknown policy: expected one of `injection`, `context`, `state`, `platform`, `platform_app`"
    )]
    UnknownPreset,
    /// A field that a policy does not have, or a value of the wrong kind.
    #[error("not a policy: {0}")]
    Invalid(String),
    /// `warn_from` is not a share.
    #[error("not a policy: `warn_from` must be above 0 and at most 1")]
    WarnFrom,
}

/// The fields of a policy that a description names. A limit that is named as `null` is taken off,
/// hence the option inside an option.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Overrides {
    preset: Option<String>,
    names: Option<NameRule>,
    reserved_prefixes: Option<Vec<String>>,
    #[serde(default, deserialize_with = "named")]
    max_name_length: Option<Option<u64>>,
    allow_null: Option<bool>,
    strip_internal: Option<bool>,
    #[serde(default, deserialize_with = "named")]
    max_value_bytes: Option<Option<u64>>,
    #[serde(default, deserialize_with = "named")]
    max_payload_bytes: Option<Option<u64>>,
    #[serde(default, deserialize_with = "named")]
    max_context_bytes: Option<Option<u64>>,
    context_unit: Option<Unit>,
    #[serde(default, deserialize_with = "named")]
    max_depth: Option<Option<u32>>,
    #[serde(default, deserialize_with = "named")]
    warn_from: Option<Option<f64>>,
    unsafe_integers: Option<Severity>,
}

/// What is wrong, behind the field that it is wrong with: serde names only fields that it does not know.
/// Of the others its words would name Rust's types, and repeat the value.
fn told_by_field(fields: &Map<String, Value>, problem: &serde_json::Error) -> String {
    let wrong = fields.iter().find_map(|(name, value)| {
        let alone = Value::Object(Map::from_iter([(name.clone(), value.clone())]));
        let problem = Overrides::deserialize(alone).err()?;
        Some(match expected(name) {
            Some(expected) => format!("`{name}` must be {expected}"),
            None => format!("`{name}`: {problem}"),
        })
    });
    wrong.unwrap_or_else(|| problem.to_string())
}

/// What a field can be.
fn expected(name: &str) -> Option<&'static str> {
    Some(match name {
        "preset" => "the name of a preset",
        "names" => "one of `any`, `injection`, `identifier`, `platform`",
        "reserved_prefixes" => "a list of strings",
        "max_name_length" | "max_value_bytes" | "max_payload_bytes" | "max_context_bytes" => {
            "a whole number, at least 0 and less than 2^64"
        }
        "max_depth" => "a whole number, at least 0 and less than 2^32",
        "allow_null" | "strip_internal" => "true or false",
        "context_unit" => "`json` or `platform`",
        "warn_from" => "a number above 0 and at most 1",
        "unsafe_integers" => "`error` or `warning`",
        _ => return None,
    })
}

/// Present is `Some`, whatever it holds.
fn named<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

impl Policy {
    /// The policy that `spec` describes: a preset's name (`"state"`), or an object of the fields
    /// that differ from the preset it names (`{"preset": "state", "max_depth": 5}`; without
    /// `preset`, from `platform`). A limit given as `null` is taken off.
    ///
    /// ```
    /// use cognigy_context::Policy;
    /// use serde_json::json;
    ///
    /// let policy = Policy::from_spec(&json!({"preset": "state", "max_depth": null}))?;
    /// assert_eq!(policy.max_depth, None);
    /// assert!(Policy::from_spec(&json!("statue")).is_err());
    /// let error = Policy::from_spec(&json!({"max_depth": "5"})).unwrap_err();
    /// assert!(error.to_string().contains("`max_depth`"));
    /// # Ok::<(), cognigy_context::PolicyError>(())
    /// ```
    ///
    /// # Errors
    /// [`PolicyError`] for an unknown preset or field, or a value of the wrong kind.
    pub fn from_spec(spec: &Value) -> Result<Cow<'static, Self>, PolicyError> {
        if let Value::String(name) = spec {
            return name.parse::<Preset>().map(|preset| Cow::Borrowed(preset.policy()));
        }
        // On its own serde takes a list of the fields in order, too.
        let Value::Object(fields) = spec else {
            return Err(PolicyError::Invalid(
                "expected a preset's name, or an object of fields".to_owned(),
            ));
        };
        let overrides = Overrides::deserialize(spec)
            .map_err(|problem| PolicyError::Invalid(told_by_field(fields, &problem)))?;
        let preset = match overrides.preset.as_deref() {
            Some(name) => name.parse()?,
            None => Preset::Platform,
        };
        if let Some(Some(share)) = overrides.warn_from
            && !(share > 0.0 && share <= 1.0)
        {
            return Err(PolicyError::WarnFrom);
        }
        let base = preset.policy();
        Ok(Cow::Owned(Self {
            preset,
            names: overrides.names.unwrap_or(base.names),
            reserved_prefixes: match overrides.reserved_prefixes {
                Some(prefixes) => prefixes.into_iter().map(Cow::Owned).collect(),
                None => base.reserved_prefixes.clone(),
            },
            max_name_length: overrides.max_name_length.unwrap_or(base.max_name_length),
            allow_null: overrides.allow_null.unwrap_or(base.allow_null),
            strip_internal: overrides.strip_internal.unwrap_or(base.strip_internal),
            max_value_bytes: overrides.max_value_bytes.unwrap_or(base.max_value_bytes),
            max_payload_bytes: overrides.max_payload_bytes.unwrap_or(base.max_payload_bytes),
            max_context_bytes: overrides.max_context_bytes.unwrap_or(base.max_context_bytes),
            context_unit: overrides.context_unit.unwrap_or(base.context_unit),
            max_depth: overrides.max_depth.unwrap_or(base.max_depth),
            warn_from: overrides.warn_from.unwrap_or(base.warn_from),
            unsafe_integers: overrides.unsafe_integers.unwrap_or(base.unsafe_integers),
        }))
    }
}
