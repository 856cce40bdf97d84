//! Arguments of calls, which TypeScript writes as JSON text.

#[cfg(any(feature = "client", all(feature = "rules", not(feature = "small"))))]
mod options;

use std::time::Duration;

use cognigy_context::__bindings::{
    Path, ValueVisitor, id_is_not_text, measure_json_with_sentinels, measure_with,
};
#[cfg(any(feature = "rules", feature = "client"))]
use cognigy_context::ConfigurationError;
use cognigy_context::ValidationError;
use cognigy_context::check::CheckedBody;
use cognigy_context::policy::MAX_NESTING;
use serde::Deserialize;
#[cfg(any(feature = "rules", feature = "client"))]
use serde_json::Map;
use serde_json::Value;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::json::from_json;

/// Parses JSON text that may contain sentinels.
///
/// # Errors
/// [`ValidationError`] with one issue per sentinel, or when the text is not JSON or nests too deeply.
pub(crate) fn parse_value(text: &[u8]) -> Result<Value, ValidationError> {
    measure_json_with_sentinels(text)?;
    let mut parser = serde_json::Deserializer::from_slice(text);
    // The measurement has already rejected text that nests too deeply.
    parser.disable_recursion_limit();
    Ok(Value::deserialize(&mut parser).unwrap_or_default())
}

/// Parses an id from a JSON string; `field` is the field's name in the API.
///
/// # Errors
/// [`ValidationError`] when the id has a lone surrogate or is not a string.
pub(crate) fn parse_id(json: &str, field: &'static str) -> Result<String, ValidationError> {
    from_json(json).map_err(|_| id_is_not_text(field))
}

/// Returns the error about half of a surrogate pair in the text at `at`.
pub(crate) fn lone_surrogate(at: &Path<'_>) -> Option<ValidationError> {
    measure_with(|checker| checker.lone_surrogate(at)).err()
}

/// Returns a body if no argument has an issue.
///
/// # Errors
/// [`ValidationError`] with the issues of the argument, then those of the body.
pub(crate) fn merge_issues(
    invalid: Option<ValidationError>,
    written: Result<CheckedBody, ValidationError>,
) -> Result<CheckedBody, ValidationError> {
    let Some(invalid) = invalid else { return written };
    let mut report = match &written {
        Ok(written) => written.report.clone(),
        Err(error) => error.report().clone(),
    };
    report.issues.splice(0..0, invalid.into_report().issues);
    report.raise_if_failed()?;
    written
}

/// Parses arguments from JSON.
///
/// # Errors
/// [`ConfigurationError`] when a string has a lone surrogate. The message does not repeat the string.
#[cfg(any(feature = "rules", feature = "client"))]
pub(crate) fn parse_args<'t, T: Deserialize<'t>>(json: &'t str) -> Result<T, ConfigurationError> {
    from_json(json).map_err(|_| {
        ConfigurationError::new(
            "an id, URL or key contains half of a surrogate pair. Pass well-formed Unicode text.",
        )
    })
}

/// Converts seconds to a duration. Returns `None` for a negative number, NaN or an infinity.
pub(crate) fn duration_from_seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

/// The named arguments of a call: the members of a JSON object.
#[cfg(any(feature = "rules", feature = "client"))]
pub(crate) struct Args(Map<String, Value>);

#[cfg(any(feature = "rules", feature = "client"))]
impl Args {
    /// Parses the JSON object.
    ///
    /// # Errors
    /// [`ConfigurationError`] when a string has a lone surrogate.
    pub(crate) fn parse(json: &str) -> Result<Self, ConfigurationError> {
        parse_args(json).map(Self)
    }

    /// Takes a string.
    ///
    /// # Errors
    /// [`ConfigurationError`] when the argument is missing or is not a string.
    pub(crate) fn required(&mut self, name: &str) -> Result<String, ConfigurationError> {
        self.optional(name)
            .ok_or_else(|| ConfigurationError::new(format!("{name} is missing or is not a string")))
    }

    /// Takes a string. Returns `None` when the argument is missing or is not a string.
    pub(crate) fn optional(&mut self, name: &str) -> Option<String> {
        match self.0.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Takes an id, which TypeScript wrote as a JSON string. `name` is also the field's name in the
    /// API.
    ///
    /// # Errors
    /// [`ValidationError`] when the id is missing, has a lone surrogate or is not a string.
    pub(crate) fn id(&mut self, name: &'static str) -> Result<String, ValidationError> {
        parse_id(&self.optional(name).unwrap_or_default(), name)
    }

    /// Returns whether the argument is `true`.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.0.get(name) == Some(&Value::Bool(true))
    }

    /// Returns a number, or 0 when the argument is missing or is not a number.
    pub(crate) fn number(&self, name: &str) -> f64 {
        self.0.get(name).and_then(Value::as_f64).unwrap_or_default()
    }

    /// Returns a number of bytes in the input buffer, or 0 when the argument is missing.
    pub(crate) fn length(&self, name: &str) -> usize {
        self.optional_length(name).unwrap_or_default()
    }

    /// Returns a number of bytes in the input buffer, or `None` when the argument is missing.
    pub(crate) fn optional_length(&self, name: &str) -> Option<usize> {
        self.0.get(name).and_then(Value::as_u64).and_then(|length| usize::try_from(length).ok())
    }
}

/// Returns the greatest number of nesting levels of a value, without the outermost object.
#[must_use]
#[wasm_bindgen(js_name = maxNesting)]
pub fn max_nesting() -> u32 {
    MAX_NESTING
}
