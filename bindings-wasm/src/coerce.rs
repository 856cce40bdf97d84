//! Coercion of the text in the input buffer.

use cognigy_context::__bindings::{Coerced, IntegerRange, coerce_text_within};
use cognigy_context::Error;
use cognigy_context::{coerce::Mode, coerce::TypeHint};
use serde_json::Number;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::buffer::with_input;
use crate::errors::to_js_error;
use crate::json::append_json;

/// Coerces the first `length` bytes of the input buffer, which are plain text and not JSON. Returns
/// the value as JSON, or `None` when the value stays text.
///
/// # Errors
/// JSON of the error for an unknown mode, or text that does not have the type that `hint` names. An unknown
/// hint is ignored.
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = coerceInput)]
pub fn coerce_input(
    length: usize,
    mode: &str,
    hint: Option<String>,
) -> Result<Option<String>, JsValue> {
    coerce(length, mode, hint.as_deref()).map_err(to_js_error)
}

fn coerce(length: usize, mode: &str, hint: Option<&str>) -> Result<Option<String>, Error> {
    let mode: Mode = mode.parse()?;
    with_input(0, length, |text| {
        let text = std::str::from_utf8(text).unwrap_or_default();
        let coerced =
            coerce_text_within(text, mode, hint.and_then(TypeHint::of), IntegerRange::Safe)
                .map_err(|failed| failed.into_error(String::new()))?;
        let is_unchanged = matches!(&coerced, Coerced::Text(same) if same == text);
        Ok(if is_unchanged { None } else { coerced_json(&coerced) })
    })
}

/// Returns the JSON text of a value, or `None` when JavaScript cannot represent it exactly.
fn coerced_json(coerced: &Coerced<'_>) -> Option<String> {
    let mut json = Vec::new();
    append_coerced(&mut json, coerced).then(|| String::from_utf8(json).unwrap_or_default())
}

/// Appends the JSON text of a value. Returns `false` and appends nothing when JavaScript cannot
/// represent the value exactly.
pub(crate) fn append_coerced(json: &mut Vec<u8>, coerced: &Coerced<'_>) -> bool {
    if coerced.integer_range() != IntegerRange::Safe {
        return false;
    }
    match coerced {
        Coerced::Text(text) => append_json(json, text.as_ref()),
        Coerced::Null => json.extend_from_slice(b"null"),
        Coerced::Boolean(value) => append_json(json, value),
        Coerced::Integer(digits) => json.extend_from_slice(digits.as_bytes()),
        Coerced::Float(value) => match Number::from_f64(*value) {
            Some(number) => json.extend_from_slice(number.to_string().as_bytes()),
            None => return false,
        },
        Coerced::Json { text, .. } => json.extend_from_slice(text.as_bytes()),
    }
    true
}
