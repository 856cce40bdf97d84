//! Events of the web-messaging webhook, and hashes of session ids.

use cognigy_context::__bindings::measure_json_with_sentinels;
use cognigy_context::{ValidationError, WebhookEvent, hash_session_id, hash_session_id_keyed};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::args::parse_id;
use crate::buffer::with_input;
use crate::errors::to_js_error;
use crate::json::to_json;

/// Derives the variables of a flow from the event in the input buffer, and returns them as JSON. The text
/// may contain sentinels when `has_sentinels` is set.
///
/// # Errors
/// JSON of the error with every issue.
#[wasm_bindgen(js_name = webhookVariables)]
pub fn webhook_variables(length: usize, has_sentinels: bool) -> Result<String, JsValue> {
    with_input(0, length, |text| derive_variables(text, has_sentinels)).map_err(to_js_error)
}

fn derive_variables(text: &[u8], has_sentinels: bool) -> Result<String, ValidationError> {
    if has_sentinels {
        // Measured only for its issues: text that passes contains no sentinel.
        measure_json_with_sentinels(text)?;
    }
    let event = WebhookEvent::from_json(text)?;
    Ok(to_json(&event.derived_variables()))
}

/// Returns the hash of a session id in hexadecimal: SHA-256, or HMAC-SHA-256 with `key`. `session_id` is
/// encoded as a JSON string, with its quotes.
///
/// # Errors
/// JSON of the error when the id has a lone surrogate.
#[wasm_bindgen(js_name = hashSessionId)]
pub fn hash(session_id: &str, key: Option<Vec<u8>>) -> Result<String, JsValue> {
    let id = parse_id(session_id, "sessionId").map_err(to_js_error)?;
    Ok(match key {
        Some(key) => hash_session_id_keyed(&id, &key),
        None => hash_session_id(&id),
    })
}
