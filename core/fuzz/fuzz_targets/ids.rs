//! Ids: an id never changes the path of a request, its encoding is reversible, and its hash does not contain it.

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use cognigy_context::api::botsessions::{VariablesQuery, get_variables};
use cognigy_context::api::{
    BaseUrl, PreparedRequest, Secret, encode_id, platform, platform_sessions, profiles, runtime_v2,
    sessions_v1, sessions_v2,
};
use cognigy_context::{ValidationError, hash_session_id, hash_session_id_keyed};
use serde_json::json;
use support::text_of;

/// Builds the requests of all families with one id.
pub fn run(data: &[u8]) {
    let Some(id) = text_of(data) else { return };
    let encoded = encode_id(id);
    assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
    assert_eq!(decode(&encoded).as_deref(), Some(id.as_bytes()));
    let query = VariablesQuery { name: Some(id), scope: Some(id), include_system: false };
    check(id, &format!("/api/v2/sessions/{encoded}/context"), sessions_v2::get_injected(id, None));
    check(id, &format!("/api/v2/sessions/{encoded}"), sessions_v2::session_exists(id, None));
    check(id, &format!("/api/v1/sessions/{encoded}/context"), sessions_v1::get_document(id, None));
    check(id, &format!("/runtime/v2/dialogs/{encoded}/state"), runtime_v2::get_state(id));
    check(id, &format!("/new/v2.0/profiles/{encoded}"), profiles::get_profile(id));
    check(
        id,
        &format!("/new/v2.0/sessions/{encoded}/state/reset"),
        platform_sessions::reset_state(id, None, id),
    );
    check(
        id,
        &format!(
            "/api/v2/botsessions/{encoded}/variables?name={encoded}&scope={encoded}&next={encoded}"
        ),
        get_variables(id, None, &query, Some(id)),
    );
    let injection = platform::InjectContext::new(id, id).context(&json!({"a": 1}));
    check(
        id,
        &format!("/new/v2.0/sessions/{encoded}/context/inject"),
        injection.map(|injection| injection.prepared_request().clone()),
    );
    let hash = hash_session_id(id);
    assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_ne!(hash, hash_session_id_keyed(id, id.as_bytes()));
    if let Ok(secret) = Secret::new(id) {
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }
}

/// Checks the URL of a request, or that the id was rejected.
fn check(id: &str, path: &str, prepared: Result<PreparedRequest, ValidationError>) {
    let is_rejected = matches!(id, "" | "." | "..");
    let Ok(prepared) = prepared else {
        return assert!(is_rejected || id.len() > MAX_ACCEPTED_BYTES, "{id:?}");
    };
    assert!(!is_rejected);
    let base: BaseUrl = "https://h".parse().expect("the base URL is valid");
    let request = prepared.request(&base, None);
    assert_eq!(request.url, format!("https://h{path}"));
    if let Some(body) = request.body {
        assert!(serde_json::from_slice::<serde_json::Value>(&body).is_ok());
    }
    assert!(id.len() < 8 || !format!("{prepared:?}").contains(id));
}

/// An id of up to this many bytes may not be rejected for its length.
const MAX_ACCEPTED_BYTES: usize = 256;

/// Reverses the percent-encoding.
fn decode(encoded: &str) -> Option<Vec<u8>> {
    let mut bytes = encoded.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
        } else {
            byte
        });
    }
    Some(decoded)
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
