//! An update of the state of a dialog, and a larger update, split into several requests.

use cognigy_context::StateUpdate;
use serde_json::json;

fn main() -> Result<(), cognigy_context::ValidationError> {
    let update = StateUpdate::default()
        .session("order", json!({"id": "A-1001", "confirmed": true}))
        .user("language", json!("de"))
        .next_step("payment");
    println!("{}", String::from_utf8_lossy(&update.to_json()?.body));

    let large = StateUpdate::default()
        .session("transcript", json!("t".repeat(400_000)))
        .session("history", json!("h".repeat(400_000)))
        .next_step("payment");
    for part in large.split()? {
        let names: Vec<&String> = part.session.keys().collect();
        println!("{} bytes: {names:?}, then {:?}", part.to_json()?.body.len(), part.next_step);
    }
    Ok(())
}
