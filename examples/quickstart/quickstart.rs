//! Checks a context, injects it into a session, and prints what the platform stores.

use cognigy_context::{Client, Policy, check};
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), cognigy_context::Error> {
    let context = json!({"customer": {"tier": "gold", "open_orders": 2}});
    let report = check(&context, Policy::platform()).raise_if_failed()?;
    println!("{} platform bytes", report.sizes.platform_bytes);
    let client = Client::builder().or_from_env().build()?;
    let stored = client.inject_context("session-1", "user-1", &context).await?;
    println!("{}", stored["customer"]);
    Ok(())
}
