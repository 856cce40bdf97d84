//! A payload of variables, checked and written in one pass; then one with every kind of mistake.

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

    let mistaken = InjectionPayload::new(
        "session-1",
        [
            InjectionVariable::new("first name", json!("Ada")).scope("tenant"),
            InjectionVariable::new("tier", json!("gold")).expires_at("tomorrow"),
        ],
    );
    if let Err(error) = mistaken.to_json(&SystemClock) {
        println!("{error}");
    }
    Ok(())
}
