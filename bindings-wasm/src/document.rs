//! Context documents as text, and merged.

use cognigy_context::__bindings::serialize_json_reusing_text;
use cognigy_context::{ValidationError, deep_merge};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::buffer::with_input;
use crate::failure::thrown;
use crate::json::json;
use crate::text::value_of;

/// The document in the input buffer as compact JSON text, without its internal keys; nothing when it
/// has none and is that text already.
///
/// # Errors
/// JSON of the error when a part of it has no JSON form.
#[wasm_bindgen(js_name = serializeContext)]
pub fn serialize(length: usize) -> Result<Option<String>, JsValue> {
    with_input(0, length, |text| serialize_json_reusing_text(text)).map_err(thrown)
}

/// Merges two values in the input buffer, the second into the first. Answers JSON.
///
/// # Errors
/// JSON of the error when a part of either has no JSON form.
#[wasm_bindgen(js_name = deepMerge)]
pub fn merge(base: usize, update: usize) -> Result<String, JsValue> {
    merged(base, update).map_err(thrown)
}

fn merged(base: usize, update: usize) -> Result<String, ValidationError> {
    let mut whole = with_input(0, base, value_of)?;
    deep_merge(&mut whole, with_input(base, update, value_of)?);
    Ok(json(&whole))
}
