//! JSON that TypeScript reads and writes: one writer and one reader, because a second of either,
//! over another kind of text, would be a second time its code.

use serde::{Deserialize, Serialize};

/// The JSON text of what always has one.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The same behind what is written already.
pub(crate) fn write<T: Serialize + ?Sized>(text: &mut Vec<u8>, value: &T) {
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(text, value);
}

/// Reads JSON text.
pub(crate) fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, serde_json::Error> {
    serde_json::from_slice(text.as_bytes())
}
