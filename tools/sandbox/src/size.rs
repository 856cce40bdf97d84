//! Measures values in JSON bytes and in platform bytes.

use serde::Serialize;
use serde_json::{Map, Value};
use std::io::{self, Write};

/// Returns the length of the compact JSON text in bytes, the measure of the integration APIs.
pub(crate) fn json_bytes(value: &impl Serialize) -> usize {
    let mut counter = ByteCounter(0);
    // Cannot fail: all keys are strings and the writer only counts.
    let _ = serde_json::to_writer(&mut counter, value);
    counter.0
}

struct ByteCounter(usize);

impl Write for ByteCounter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the platform bytes of a string or a key: two for each UTF-16 code unit, so four for an emoji.
pub(crate) fn platform_bytes_of_text(text: &str) -> usize {
    text.encode_utf16().count().saturating_mul(2)
}

/// Returns the platform bytes of a value. `null` and the brackets of arrays and objects count 0.
///
/// The function is recursive. The module `body` limits the depth of the values in requests.
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

/// Returns the platform bytes of the keys and values of an object.
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
    fn json_bytes_is_the_length_of_the_compact_text() {
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
