//! Reads a page with serde. Its result decides whether text is a page; the scanner must agree with it.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Page, PageValue, RawVariable};
use crate::check::measure_json;

/// Reads a page; `None` when the text is not a page, or a value cannot be read without loss.
pub(super) fn read_page(bytes: &[u8]) -> Option<Page<'_>> {
    let FromObject(page) = serde_json::from_slice::<FromObject<WirePage<'_>>>(bytes).ok()?;
    let entries = page.variables.into_iter().map(|FromObject(entry)| entry.into_lossless());
    let entries = entries.collect::<Option<_>>()?;
    Some(Page { entries, next_cursor: cursor_of(page.pagination) })
}

#[derive(Deserialize)]
struct WirePage<'a> {
    #[serde(borrow)]
    variables: Vec<FromObject<WireEntry<'a>>>,
    #[serde(borrow, default)]
    pagination: Option<FromObject<Pagination<'a>>>,
}

#[derive(Deserialize)]
struct WireEntry<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    value: &'a RawValue,
    #[serde(borrow)]
    scope: Cow<'a, str>,
    #[serde(borrow, default, rename = "type")]
    stated_type: Option<Cow<'a, str>>,
}

impl<'a> WireEntry<'a> {
    /// Returns the variable; `None` when its value cannot be read without loss.
    fn into_lossless(self) -> Option<RawVariable<'a>> {
        let Self { name, value, scope, stated_type } = self;
        let json = value.get();
        if !is_lossless(json) {
            return None;
        }
        let value = string_text(json).map_or(PageValue::Json(json), PageValue::Text);
        Some(RawVariable { name, value, scope, stated_type })
    }
}

#[derive(Deserialize)]
pub(super) struct Pagination<'a> {
    #[serde(borrow, default, rename = "nextCursor")]
    next_cursor: Option<&'a RawValue>,
}

/// Returns the cursor of the next page; `None` when it is absent or not a string.
pub(super) fn cursor_of(pagination: Option<FromObject<Pagination<'_>>>) -> Option<String> {
    let cursor = pagination.and_then(|FromObject(pagination)| pagination.next_cursor)?;
    serde_json::from_str(cursor.get()).ok()
}

/// Deserialises `T` from an object only. Without this type, serde would also accept an array of the fields in order.
pub(super) struct FromObject<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for FromObject<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<T, M::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_map(Object(PhantomData)).map(Self)
    }
}

/// A JSON string, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Returns the text of a JSON string, or `None` for another value.
pub(super) fn string_text(json: &str) -> Option<Cow<'_, str>> {
    match unescaped_text(json) {
        Some(text) => Some(Cow::Borrowed(text)),
        None => serde_json::from_str::<Text<'_>>(json).ok().map(|Text(text)| text),
    }
}

/// Returns the text of a JSON string without escapes.
fn unescaped_text(json: &str) -> Option<&str> {
    let text = json.strip_prefix('"')?.strip_suffix('"')?;
    (!text.as_bytes().contains(&b'\\')).then_some(text)
}

/// Returns whether a value can be read without loss: no duplicate key, no half of a surrogate pair, no number beyond
/// the range of a 64-bit float, and no nesting beyond the limit.
fn is_lossless(value: &str) -> bool {
    match value.as_bytes().first() {
        // A short number is finite.
        Some(b'-' | b'0'..=b'9') if value.len() < 16 && !value.contains(['e', 'E']) => true,
        Some(b't' | b'f' | b'n') => true,
        // A string without an escape has no half of a surrogate pair.
        Some(b'"') if unescaped_text(value).is_some() => true,
        _ => measure_json(value).is_ok(),
    }
}
