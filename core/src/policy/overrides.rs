//! Policies as JSON: the name of a preset, or an object of the fields that differ from a preset.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{NameRule, Policy, Preset, Unit};
use crate::display_text::Suggestion;
use crate::issue::Severity;

/// The error for an invalid description of a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// No preset has this name.
    #[error("unknown policy{0}")]
    UnknownPreset(Suggestion),
    /// An unknown field or a value of the wrong type, which the text names; or a description that is neither a name
    /// nor an object.
    #[error("invalid policy: {0}")]
    Invalid(String),
    /// `warn_from` is out of range.
    #[error("invalid policy: `warn_from` must be above 0 and at most 1")]
    WarnFrom,
}

/// The fields of a policy that its JSON description sets. For a limit the outer option is `None` when the field is
/// absent, and the inner one is `None` when it is `null`, which removes the limit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Overrides {
    preset: Option<String>,
    names: Option<NameRule>,
    reserved_prefixes: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    max_name_length: Option<Option<u64>>,
    allow_null: Option<bool>,
    strip_internal: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    max_value_bytes: Option<Option<u64>>,
    #[serde(default, deserialize_with = "present")]
    max_payload_bytes: Option<Option<u64>>,
    #[serde(default, deserialize_with = "present")]
    max_context_bytes: Option<Option<u64>>,
    context_unit: Option<Unit>,
    #[serde(default, deserialize_with = "present")]
    max_depth: Option<Option<u32>>,
    #[serde(default, deserialize_with = "present")]
    warn_from: Option<Option<f64>>,
    unsafe_integers: Option<Severity>,
}

/// Returns the message for a description that serde rejected with `error`. For a known field it does not contain
/// serde's own text, which contains Rust types and the value.
fn field_error(fields: &Map<String, Value>, error: &serde_json::Error) -> String {
    let message = fields.iter().find_map(|(name, value)| {
        let only_field = Value::Object(Map::from_iter([(name.clone(), value.clone())]));
        let own_error = Overrides::deserialize(only_field).err()?;
        Some(match allowed_values(name) {
            Some(allowed) => format!("`{name}` must be {allowed}"),
            None => format!("`{name}`: {own_error}"),
        })
    });
    message.unwrap_or_else(|| error.to_string())
}

/// Describes the values that a field allows; `None` for an unknown field.
fn allowed_values(name: &str) -> Option<&'static str> {
    Some(match name {
        "preset" => "the name of a preset",
        "names" => "one of `any`, `injection`, `identifier`, `platform`",
        "reserved_prefixes" => "a list of strings",
        "max_name_length" | "max_value_bytes" | "max_payload_bytes" | "max_context_bytes" => {
            "an integer from 0 to 2^64 − 1"
        }
        "max_depth" => "an integer from 0 to 2^32 − 1",
        "allow_null" | "strip_internal" => "true or false",
        "context_unit" => "`json` or `platform`",
        "warn_from" => "a number above 0 and at most 1",
        "unsafe_integers" => "`error` or `warning`",
        _ => return None,
    })
}

/// Reads a field that is present as `Some`, also when it is `null`.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

impl Policy {
    /// Returns the policy that `spec` describes: the name of a preset (`"state"`), or an object of the fields that
    /// differ from a preset (`{"preset": "state", "max_depth": 5}`). The default preset is `platform`; `null` removes
    /// a limit.
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
    /// [`PolicyError`] for an unknown preset or field, or a value of the wrong type or out of range.
    pub fn from_spec(spec: &Value) -> Result<Cow<'static, Self>, PolicyError> {
        if let Value::String(name) = spec {
            return name.parse::<Preset>().map(|preset| Cow::Borrowed(preset.policy()));
        }
        // Without this check serde would also accept an array of the fields in order.
        let Value::Object(fields) = spec else {
            return Err(PolicyError::Invalid(
                "expected the name of a preset, or an object of fields".to_owned(),
            ));
        };
        let overrides = Overrides::deserialize(spec)
            .map_err(|error| PolicyError::Invalid(field_error(fields, &error)))?;
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
