//! A payload that is checked and written in one pass, then a payload with three mistakes.

use cognigy_context::{InjectionPayload, InjectionVariable, SystemClock};
use serde_json::json;

fn main() -> Result<(), cognigy_context::ValidationError> {
    let payload = InjectionPayload::new(
        "session-1",
        [
            InjectionVariable::new("tier", json!("gold")),
            InjectionVariable::new("orders", json!([{"id": "A-1001", "total": 129.5}]))
                .scope("user")
                .expires_at("2099-12-31T23:59:59Z"),
        ],
    );
    println!("{}", String::from_utf8_lossy(&payload.to_json(&SystemClock)?.body));

    let invalid = InjectionPayload::new(
        "session-1",
        [
            InjectionVariable::new("first name", json!("Ada")).scope("tenant"),
            InjectionVariable::new("tier", json!("gold")).expires_at("tomorrow"),
        ],
    );
    if let Err(error) = invalid.to_json(&SystemClock) {
        println!("{error}");
    }
    Ok(())
}
