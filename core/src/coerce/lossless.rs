//! Lossless coercion: a number becomes a value only when the value can be written back as the same text. White space
//! and escapes of JSON, and the case of `true` and `false`, may change.

use std::borrow::Cow;

use super::coerced::Coerced;
use super::json::{self, NumberPolicy};
use super::lexical::{parse_boolean, trim_json};
use super::numbers::canonical_number;

pub(super) fn coerce(text: &str) -> Coerced<'_> {
    let value = match text.as_bytes().first() {
        Some(b't' | b'T' | b'f' | b'F') => parse_boolean(text).map(Coerced::Boolean),
        Some(b'-' | b'0'..=b'9') => canonical_number(text),
        _ => parse_structured(text),
    };
    value.unwrap_or(Coerced::Text(Cow::Borrowed(text)))
}

/// Parses the JSON text of an object, array, string or `null` whose numbers are all canonical.
fn parse_structured(text: &str) -> Option<Coerced<'_>> {
    let inner = trim_json(text);
    match inner.as_bytes().first()? {
        b'{' | b'[' | b'"' | b'n' => json::read(inner, NumberPolicy::Canonical),
        _ => None,
    }
}
