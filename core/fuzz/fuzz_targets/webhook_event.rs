//! Webhook events: the derived variables, and the id of an event in another spelling.

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use cognigy_context::{Policy, WebhookEvent, check, event_id};
use serde_json::Value;
use support::parse;

/// Reads one event.
pub fn run(data: &[u8]) {
    let event = WebhookEvent::from_json(data);
    if let Ok(event) = &event {
        assert!(!event.session_id.is_empty() && !event.user_id.is_empty());
        let derived = event.derived_variables();
        assert_eq!(derived.len(), 4);
        assert!(
            derived
                .get("custom_data")
                .and_then(Value::as_str)
                .and_then(|text| parse(text.as_bytes()))
                .is_some_and(|custom| custom.is_object())
        );
        let _ = check(&derived, Policy::injection());
    }
    if let (Ok(id), Some(value)) = (event_id(data), parse(data)) {
        assert_eq!(event_id(value.to_string()).ok(), Some(id));
        assert_eq!(WebhookEvent::from_value(value), event);
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
