//! Events of the web-messaging webhook, and hashes of session ids.

use cognigy_context::__bindings::measure_json_with_sentinels;
use cognigy_context::{ValidationError, WebhookEvent, hash_session_id, hash_session_id_keyed};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::buffer::with_input;
use crate::failure::thrown;
use crate::json::json;
use crate::text::id_of;

/// The variables that are derived of the event in the input buffer, as JSON. `marked` when the text
/// may hold marks.
///
/// # Errors
/// JSON of the error with every issue.
#[wasm_bindgen(js_name = webhookVariables)]
pub fn webhook_variables(length: usize, marked: bool) -> Result<String, JsValue> {
    with_input(0, length, |text| derived(text, marked)).map_err(thrown)
}

fn derived(text: &[u8], marked: bool) -> Result<String, ValidationError> {
    if marked {
        // Only for its issues: without a mark it is plain JSON.
        measure_json_with_sentinels(text)?;
    }
    let event = WebhookEvent::from_json(text)?;
    Ok(json(&event.derived_variables()))
}

/// The hash of a session id, which is given as a JSON string; under a key where one is given.
///
/// # Errors
/// JSON of the error when the id holds half of a surrogate pair.
#[wasm_bindgen(js_name = hashSessionId)]
pub fn hash(session_id: &str, key: Option<Vec<u8>>) -> Result<String, JsValue> {
    let id = id_of(session_id, "sessionId").map_err(thrown)?;
    Ok(match key {
        Some(key) => hash_session_id_keyed(&id, &key),
        None => hash_session_id(&id),
    })
}
