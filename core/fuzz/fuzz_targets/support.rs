//! Helpers of several fuzz targets.

#![allow(dead_code, reason = "each target uses only a part of this module")]

use serde_json::Value;

/// Returns the data as text; `None` when it is not UTF-8.
pub fn text_of(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// Splits the data at its first zero byte, which occurs in no JSON text. The second part is empty without one.
pub fn split_once(data: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == 0);
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// Parses JSON as serde does, with serde's own limit of nesting.
pub fn parse(data: &[u8]) -> Option<Value> {
    serde_json::from_slice(data).ok()
}

/// Returns the platform bytes of a value by the platform's rule in its simplest form.
pub fn platform_bytes(value: &Value) -> u64 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 4,
        Value::Number(_) => 8,
        Value::String(text) => utf16_bytes(text),
        Value::Array(items) => items.iter().map(platform_bytes).sum(),
        Value::Object(members) => {
            members.iter().map(|(key, value)| utf16_bytes(key) + platform_bytes(value)).sum()
        }
    }
}

/// Returns the bytes of a text in UTF-16.
pub fn utf16_bytes(text: &str) -> u64 {
    2 * text.encode_utf16().count() as u64
}

/// Returns the nesting of a value, in levels: 0 for a scalar.
pub fn nesting(value: &Value) -> u32 {
    match value {
        Value::Array(items) => 1 + items.iter().map(nesting).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(nesting).max().unwrap_or(0),
        _ => 0,
    }
}

/// Returns whether every number of a value is an integer within ±(2^53−1), so that its text is unique.
pub fn has_only_safe_integers(value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            number.as_i64().is_some_and(|integer| integer.unsigned_abs() < 1 << 53)
        }
        Value::Array(items) => items.iter().all(has_only_safe_integers),
        Value::Object(members) => members.values().all(has_only_safe_integers),
        _ => true,
    }
}
