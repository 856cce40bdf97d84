//! Injects `context.json` into the session named on the command line, then prints the check
//! report of a context that is too large for the platform. Run by `make demo`.

use std::error::Error;

use cognigy_context::{Client, Policy, check};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let session_id = std::env::args().nth(1).ok_or("usage: demo SESSION_ID")?;
    let context: Value = serde_json::from_str(include_str!("context.json"))?;

    let client = Client::builder().or_from_env().build()?;
    let stored = client.inject_context(&session_id, "demo-user", &context).await?;
    println!("injected: the context has {} top-level keys", stored.len());

    let too_large = json!({
        "customer": context["customer"],
        "order_history": "o".repeat(25_000),
        "transcript": "t".repeat(35_000),
        "summary": "s".repeat(10_000),
    });
    println!("{}", check(&too_large, Policy::platform()));
    Ok(())
}
