//! JSON between Rust and TypeScript. These functions write and read bytes, because each other kind of writer
//! or reader would add its own copy of the code to the module.

use serde::{Deserialize, Serialize};

/// Returns the JSON text of a value that always has one.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Appends the JSON text of a value that always has one.
pub(crate) fn append_json<T: Serialize + ?Sized>(text: &mut Vec<u8>, value: &T) {
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(text, value);
}

/// Parses JSON text.
pub(crate) fn from_json<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, serde_json::Error> {
    serde_json::from_slice(text.as_bytes())
}
