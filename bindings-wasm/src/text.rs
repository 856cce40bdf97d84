//! JSON text that TypeScript wrote of a caller's value, read as a value.

use std::time::Duration;

use cognigy_context::__bindings::id_is_not_text;
use cognigy_context::__bindings::measure_json_with_sentinels;
#[cfg(any(feature = "rules", feature = "client"))]
use cognigy_context::ConfigurationError;
use cognigy_context::ValidationError;
use cognigy_context::policy::MAX_NESTING;
use serde::Deserialize;
#[cfg(any(feature = "rules", feature = "client"))]
use serde_json::Map;
use serde_json::Value;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::json::read;

/// Reads text in which marks may stand for what has no JSON form; every mark is an issue.
pub(crate) fn value_of(text: &[u8]) -> Result<Value, ValidationError> {
    measure_json_with_sentinels(text)?;
    let mut parser = serde_json::Deserializer::from_slice(text);
    // The measure has capped the nesting.
    parser.disable_recursion_limit();
    Ok(Value::deserialize(&mut parser).unwrap_or_default())
}

/// Reads an id that TypeScript wrote as a JSON string; `field` is its name on the wire.
pub(crate) fn id_of(json: &str, field: &'static str) -> Result<String, ValidationError> {
    read(json).map_err(|_| id_is_not_text(field))
}

/// Seconds of the host's clock or of the caller; none for a figure that can be no duration.
pub(crate) fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

/// The fields of an address, as TypeScript wrote them.
#[cfg(any(feature = "rules", feature = "client"))]
pub(crate) struct Fields(pub(crate) Map<String, Value>);

#[cfg(any(feature = "rules", feature = "client"))]
impl Fields {
    pub(crate) fn read(json: &str) -> Result<Self, ConfigurationError> {
        ids(json).map(Self)
    }

    /// A text that must be there.
    pub(crate) fn required(&mut self, name: &str) -> Result<String, ConfigurationError> {
        self.optional(name).ok_or_else(no_text)
    }

    /// A text that may be there.
    pub(crate) fn optional(&mut self, name: &str) -> Option<String> {
        match self.0.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.0.get(name) == Some(&Value::Bool(true))
    }
}

/// Reads JSON that TypeScript wrote of strings. It can only fail for text that is not well-formed,
/// whose content must not be repeated.
#[cfg(any(feature = "rules", feature = "client"))]
pub(crate) fn ids<'t, T: Deserialize<'t>>(json: &'t str) -> Result<T, ConfigurationError> {
    read(json).map_err(|_| no_text())
}

#[cfg(any(feature = "rules", feature = "client"))]
fn no_text() -> ConfigurationError {
    ConfigurationError::new("an id, URL or key is missing or holds half of a surrogate pair")
}

/// No value nests deeper than this.
#[must_use]
#[wasm_bindgen(js_name = maxNesting)]
pub fn max_nesting() -> u32 {
    MAX_NESTING
}
