//! The client's methods by name, with their results as JSON.

use std::time::Duration;

use cognigy_context::api::botsessions::VariablesQuery;
use cognigy_context::client::UpdateOptions;
use cognigy_context::{
    Client, Error, ExistingContext, InjectionPayload, InjectionVariable, StateUpdate,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Calls a method. Returns its result or its error as JSON; a validation error has its codes in `issues`.
pub(crate) async fn call(client: &Client, name: &str, args: &Value) -> Result<Value, Value> {
    call_method(client, name, args).await.map_err(|error| {
        let mut json = serde_json::to_value(&error).unwrap();
        if let Error::Validation(error) = &error {
            let codes = error.report().errors().map(|issue| issue.code.as_str());
            json["issues"] = codes.collect();
        }
        json
    })
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn update_of(args: &Value) -> (StateUpdate, UpdateOptions) {
    let update = StateUpdate {
        session: object(&args["session"]),
        user: object(&args["user"]),
        next_step: args["next_step"].as_str().map(str::to_owned),
    };
    let options = UpdateOptions {
        if_match: args["if_match"].as_str().map(str::to_owned),
        rebase: args["rebase"].as_bool().unwrap_or(false),
    };
    (update, options)
}

fn payload_of(args: &Value) -> InjectionPayload {
    let variables =
        args["variables"].as_array().unwrap().iter().map(|variable| InjectionVariable {
            key: variable["key"].as_str().unwrap().to_owned(),
            value: variable["value"].clone(),
            scope: variable["scope"].as_str().unwrap_or("session").to_owned(),
            expires_at: variable["expires_at"].as_str().map(str::to_owned),
        });
    InjectionPayload::new(args["session_id"].as_str().unwrap(), variables)
}

async fn call_method(client: &Client, name: &str, args: &Value) -> Result<Value, Error> {
    let text = |name: &str| args[name].as_str().unwrap_or_default();
    let session = text("session_id");
    let query = VariablesQuery {
        name: args["name"].as_str(),
        scope: args["scope"].as_str(),
        include_system: args["include_system"].as_bool().unwrap_or(false),
    };
    Ok(match name {
        "inject" => {
            let crm_payload = args.get("crm_payload").cloned();
            json(&client.inject(&payload_of(args), crm_payload).await?)
        }
        "get_injected" => {
            let injected = client.get_injected(session).await?;
            json!({"variables": injected.variables, "tag": injected.tag})
        }
        "session_exists" => json(&client.session_exists(session).await?),
        "append_variables" => json(&client.append_variables(session, &args["variables"]).await?),
        "get_document" => {
            let document = client.get_document(session).await?;
            json!({"document": document.document, "tag": document.tag})
        }
        "sync_context" => json(&client.sync_context(session, &args["data"]).await?),
        "get_variables" => {
            let variables = client.get_variables(session, &query).await?;
            let values = variables.iter().map(|variable| {
                let value = json!({"value": variable.value, "scope": variable.scope});
                (variable.name.clone(), value)
            });
            Value::Object(values.collect())
        }
        "debug_snapshot" => json(&client.debug_snapshot(session, &query).await?),
        "get_state" => {
            let state = client.get_state(text("dialog_id")).await?;
            json!({"state": state.state, "tag": state.tag})
        }
        "update_state" => {
            let (update, options) = update_of(args);
            json(&client.update_state(text("dialog_id"), &update, options).await?)
        }
        "update_state_parts" => {
            let (update, options) = update_of(args);
            json(&client.update_state_parts(text("dialog_id"), &update, options).await?)
        }
        "inject_context" => {
            let context = &args["context"];
            match args.get("existing") {
                None => json(&client.inject_context(session, text("user_id"), context).await?),
                Some(existing) => {
                    let existing = ExistingContext::of(existing)?;
                    let user = text("user_id");
                    json(&client.inject_context_onto(&existing, session, user, context).await?)
                }
            }
        }
        "reset_context" => {
            let (flow, entry) = (text("flow_reference_id"), text("entrypoint"));
            json(&client.reset_context(session, text("user_id"), flow, entry).await?)
        }
        "inject_state" => {
            json(&client.inject_state(session, text("user_id"), text("state")).await?)
        }
        "reset_state" => json(&client.reset_state(session, text("user_id")).await?),
        "list_profiles" => json(&client.list_profiles(&[]).await?),
        "create_profile" => json(&client.create_profile(&args["fields"]).await?),
        "get_profile" => json(&client.get_profile(text("profile_id")).await?),
        "update_profile" => {
            json(&client.update_profile(text("profile_id"), &args["fields"]).await?)
        }
        "delete_profile" => json(&client.delete_profile(text("profile_id")).await?),
        "metrics" => json(&client.metrics()),
        "state_metrics" => json(&client.state_metrics()),
        "audit_trail" => json(&client.audit_trail(args["count"].as_u64().unwrap() as usize)),
        "drain" => {
            let timeout = Duration::from_secs_f64(args["seconds"].as_f64().unwrap());
            json(&client.drain(timeout).await)
        }
        other => panic!("unknown method {other}"),
    })
}

/// Serialises a value as JSON.
fn json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap()
}
