//! Events of the web-messaging webhook, and hashes of session ids.

use std::time::Duration;

use cognigy_context::__bindings::measure_json_with_sentinels;
use cognigy_context::{ValidationError, WebhookEvent, hash_session_id, hash_session_id_keyed};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::args::parse_id;
use crate::buffer::with_input;
use crate::errors::to_js_error;
use crate::json::to_json;

/// Derives the variables of a flow from the event in the input buffer, and returns them as JSON. The text
/// may contain sentinels when `has_sentinels` is set. With `now`, the seconds since 1970, checks that the
/// timestamp is not too far ahead.
///
/// # Errors
/// JSON of the error with every issue.
#[wasm_bindgen(js_name = webhookVariables)]
pub fn webhook_variables(
    length: usize,
    has_sentinels: bool,
    now: Option<f64>,
) -> Result<String, JsValue> {
    with_input(0, length, |text| derive_variables(text, has_sentinels, now)).map_err(to_js_error)
}

fn derive_variables(
    text: &[u8],
    has_sentinels: bool,
    now: Option<f64>,
) -> Result<String, ValidationError> {
    if has_sentinels {
        // Measured only for its issues: text that passes contains no sentinel.
        measure_json_with_sentinels(text)?;
    }
    let event = WebhookEvent::from_json(text)?;
    if let Some(seconds) = now {
        // A time before 1970 counts as 1970.
        event.check_timestamp(Duration::try_from_secs_f64(seconds).unwrap_or_default())?;
    }
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
