//! How values are measured. The platform's own measure is not the length of their JSON text.

use serde::Serialize;
use serde_json::{Map, Value};
use std::io::{self, Write};

/// Returns the length of the compact JSON text in bytes: the measure of the other API families.
pub(crate) fn json_bytes(value: &impl Serialize) -> usize {
    let mut length = Length(0);
    // Writing values whose keys are text to a counter has no way to fail.
    let _ = serde_json::to_writer(&mut length, value);
    length.0
}

struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a string or a key costs: two for each UTF-16 unit, so 4 for an emoji.
pub(crate) fn platform_bytes_of_text(text: &str) -> usize {
    text.encode_utf16().count().saturating_mul(2)
}

/// What a value costs. `null` and the frame of an array or an object cost nothing.
///
/// Recursive: the depth of a value is bounded where it is read (see `body`).
pub(crate) fn platform_bytes(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 4,
        Value::Number(_) => 8,
        Value::String(text) => platform_bytes_of_text(text),
        Value::Array(items) => items.iter().map(platform_bytes).sum(),
        Value::Object(object) => platform_bytes_of_object(object),
    }
}

/// What an object costs: its keys and its values.
pub(crate) fn platform_bytes_of_object(object: &Map<String, Value>) -> usize {
    object
        .iter()
        .map(|(key, value)| platform_bytes_of_text(key).saturating_add(platform_bytes(value)))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_text_is_measured_in_bytes_as_it_is_written() {
        for (value, text) in [(json!({"é": [1.0, "\n"]}), r#"{"é":[1.0,"\n"]}"#), (json!({}), "{}")]
        {
            assert_eq!(json_bytes(&value), text.len());
        }
    }

    #[test]
    fn each_json_type_has_its_platform_size() {
        assert_eq!(platform_bytes(&json!(null)), 0);
        assert_eq!(platform_bytes(&json!(true)), 4);
        assert_eq!(platform_bytes(&json!(1.5)), 8);
        assert_eq!(platform_bytes(&json!("é")), 2);
        assert_eq!(platform_bytes(&json!("😀")), 4);
        assert_eq!(platform_bytes(&json!([[], {}, null])), 0);
        assert_eq!(platform_bytes(&json!({"ab": [1, "c", {"d": false}]})), 4 + 8 + 2 + 2 + 4);
    }
}
