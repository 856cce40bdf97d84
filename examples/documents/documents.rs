//! A context document with a schema and a size limit.

use std::sync::Arc;

use cognigy_context::{ContextManager, ContextOptions, Schema};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let schema = Schema::new(serde_json::from_str(include_str!("profile.schema.json"))?)?;
    let manager = ContextManager::new(ContextOptions {
        schema: Some(Arc::new(schema)),
        max_size_bytes: 300,
        ..ContextOptions::default()
    });

    manager.update("session-1", &json!({"user_profile": {"name": "Ada", "age": 36}}))?;
    let updated = manager.update(
        "session-1",
        &json!({"user_profile": {"preferences": vec!["a long preference"; 20]}}),
    )?;
    println!("{:#}", Value::Object(updated.context));
    println!("pruned to fit: {:?}", updated.pruned);

    if let Err(error) = manager.update("session-1", &json!({"user_profile": {"age": -1}})) {
        println!("{error}");
    }
    Ok(())
}
