//! Coercion of the text in the input buffer.

use cognigy_context::__bindings::{Coerced, IntegerRange, coerce_text_within};
use cognigy_context::Error;
use cognigy_context::{coerce::Mode, coerce::TypeHint};
use serde_json::Number;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::buffer::with_input;
use crate::failure::thrown;
use crate::json::write;

/// Coerces the first `length` bytes of the input buffer, which are text and not JSON. Answers JSON of
/// the value that they are, or nothing where they stay text.
///
/// # Errors
/// JSON of the error: a mode that is none, text that is not of the type that the hint names.
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = coerceInput)]
pub fn coerce_input(
    length: usize,
    mode: &str,
    hint: Option<String>,
) -> Result<Option<String>, JsValue> {
    coerced(length, mode, hint.as_deref()).map_err(thrown)
}

fn coerced(length: usize, mode: &str, hint: Option<&str>) -> Result<Option<String>, Error> {
    let mode: Mode = mode.parse()?;
    with_input(0, length, |text| {
        let text = std::str::from_utf8(text).unwrap_or_default();
        let coerced =
            coerce_text_within(text, mode, hint.and_then(TypeHint::of), IntegerRange::Safe)
                .map_err(|failed| failed.into_error(String::new()))?;
        let stays = matches!(&coerced, Coerced::Text(same) if same == text);
        Ok(if stays { None } else { json_of(&coerced) })
    })
}

/// The JSON text of a value that JavaScript holds exactly; none for what it does not.
fn json_of(coerced: &Coerced<'_>) -> Option<String> {
    let mut json = Vec::new();
    write_json(&mut json, coerced).then(|| String::from_utf8(json).unwrap_or_default())
}

/// Writes the JSON text of a value that JavaScript holds exactly. `false`: it holds it not, and
/// nothing is written.
pub(crate) fn write_json(json: &mut Vec<u8>, coerced: &Coerced<'_>) -> bool {
    if coerced.integer_range() != IntegerRange::Safe {
        return false;
    }
    match coerced {
        Coerced::Text(text) => write(json, text.as_ref()),
        Coerced::Null => json.extend_from_slice(b"null"),
        Coerced::Boolean(value) => write(json, value),
        Coerced::Integer(digits) => json.extend_from_slice(digits.as_bytes()),
        Coerced::Float(value) => match Number::from_f64(*value) {
            Some(number) => json.extend_from_slice(number.to_string().as_bytes()),
            None => return false,
        },
        Coerced::Json { text, .. } => json.extend_from_slice(text.as_bytes()),
    }
    true
}
