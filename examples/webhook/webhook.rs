//! An event of the web-messaging webhook, and the variables that a flow derives from it.

use cognigy_context::{WebhookEvent, hash_session_id};

fn main() -> Result<(), cognigy_context::ValidationError> {
    let event = WebhookEvent::from_json(
        r#"{"sessionId": "session-1", "userId": "user-1", "message": "Where is my order?",
            "channel": "webchat", "timestamp": 1735689600, "custom": {"page": "/orders"}}"#,
    )?;
    println!("key in the store of the service: session:{}", hash_session_id(&event.session_id));
    for (name, value) in event.derived_variables() {
        println!("{name} = {value}");
    }

    if let Err(error) = WebhookEvent::from_json(r#"{"sessionId": "", "timestamp": "soon"}"#) {
        println!("{error}");
    }
    Ok(())
}
