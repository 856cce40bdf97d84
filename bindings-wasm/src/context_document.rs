//! Context documents: serialization and merging.

use cognigy_context::__bindings::serialize_json_reusing_text;
use cognigy_context::{ValidationError, deep_merge};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::args::parse_value;
use crate::buffer::with_input;
use crate::errors::to_js_error;
use crate::json::to_json;

/// Returns the document in the input buffer as compact JSON text without its internal keys, or `None`
/// when the text is the same as in the buffer.
///
/// # Errors
/// JSON of the error when part of the document has no JSON form.
#[wasm_bindgen(js_name = serializeContext)]
pub fn serialize(length: usize) -> Result<Option<String>, JsValue> {
    with_input(0, length, |text| serialize_json_reusing_text(text)).map_err(to_js_error)
}

/// Merges the second value in the input buffer into the first and returns the result as JSON. `base` and
/// `update`: the number of bytes of each value.
///
/// # Errors
/// JSON of the error when part of either value has no JSON form.
#[wasm_bindgen(js_name = deepMerge)]
pub fn merge(base: usize, update: usize) -> Result<String, JsValue> {
    merge_values(base, update).map_err(to_js_error)
}

fn merge_values(base: usize, update: usize) -> Result<String, ValidationError> {
    let mut merged = with_input(0, base, parse_value)?;
    deep_merge(&mut merged, with_input(base, update, parse_value)?);
    Ok(to_json(&merged))
}
