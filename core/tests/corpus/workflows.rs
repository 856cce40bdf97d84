//! Runs the operations of the workflows, such as coercion, scopes, payloads, context documents and webhook events.

use std::sync::Arc;
use std::time::Duration;

use cognigy_context::api::botsessions::{VariablesQuery, variables_url};
use cognigy_context::coerce::{Mode, TypeHint};
use cognigy_context::context::{ContextManager, ContextOptions};
use cognigy_context::{
    Clock, Error, InjectionPayload, InjectionVariable, ManualClock, StateUpdate, ValidationError,
    Variable, WebhookEvent, coerce, debug_view, deep_merge, hash_session_id, hash_session_id_keyed,
    parse_variables, scope, serialize_context,
};
use serde_json::{Value, json};

use crate::expand::{Host, expand};
use crate::run::{Outcome, compare, compare_issue_list, compare_issues, difference};

/// The `now` of every case as a Unix time: 2026-01-01T00:00:00Z.
const NOW: Duration = Duration::from_secs(1_767_225_600);

pub(crate) fn run(operation: &str, case: &Value, by_text: bool) -> Outcome {
    let input = case.get("input").map(expand).unwrap_or_default();
    match operation {
        "coerce" => {
            let hint = case["hint"].as_str().and_then(TypeHint::of);
            value_or_issues(case, coerce(&input, mode_of(case), hint))
        }
        "resolve_scopes" => {
            let list = input.as_array().unwrap();
            let pairs =
                list.iter().map(|v| (v["name"].as_str().unwrap(), v["scope"].as_str().unwrap()));
            let resolved = scope::resolve(pairs).resolved;
            compare_value(case, resolved.into_iter().map(|index| list[index].clone()).collect())
        }
        "debug_view" => {
            let list: Vec<Variable> = input.as_array().unwrap().iter().map(variable_of).collect();
            compare_value(case, serde_json::to_value(debug_view(&list)).unwrap())
        }
        "parse_variables" => run_parse_variables(case),
        "variables_url" => {
            let query = VariablesQuery {
                name: input["name"].as_str(),
                scope: input["scope"].as_str(),
                include_system: input["include_system"] == true,
            };
            let base = input["base_url"].as_str().unwrap().parse().unwrap();
            let url = variables_url(&base, input["session_id"].as_str().unwrap(), &query);
            value_or_issues(case, url.map(Value::from))
        }
        "injection_payload" => run_injection_payload(case, &input),
        "state_update" => body_or_issues(case, update_of(&input).to_json()),
        "split_state_update" => match update_of(&input).split() {
            Err(error) => compare_issues(case, error.report()),
            Ok(parts) => {
                let parts = parts.iter().map(|part| -> Value {
                    serde_json::from_slice(&part.to_json().unwrap().body).unwrap()
                });
                compare("parts", &expand(&case["expect"]["parts"]), &parts.collect())
            }
        },
        "serialize_context" => {
            value_or_issues(case, serialize_context(&Host(&input)).map(Value::from))
        }
        "deep_merge" => {
            let mut base = input["base"].clone();
            deep_merge(&mut base, input["update"].clone());
            compare_value(case, base)
        }
        "webhook_event" => {
            let event = if by_text {
                WebhookEvent::from_json(input.to_string())
            } else {
                WebhookEvent::from_value(input)
            };
            let event = event.and_then(|event| {
                if case.get("now").is_some() {
                    event.check_timestamp(NOW)?;
                }
                Ok(event)
            });
            value_or_issues(case, event.map(|event| Value::Object(event.derived_variables())))
        }
        "hash_session_id" => {
            let id = input.as_str().unwrap();
            let hash = case["key"].as_str().map_or_else(
                || hash_session_id(id),
                |key| hash_session_id_keyed(id, key.as_bytes()),
            );
            compare_value(case, Value::from(hash))
        }
        "schema_apply" => run_schema_apply(case, input),
        "context_manager" => run_context_manager(&input),
        other => Err(format!("unknown operation {other}")),
    }
}

fn mode_of(case: &Value) -> Mode {
    case["mode"].as_str().unwrap_or("lossless").parse().unwrap()
}

/// Compares a value with the expected value of the case.
fn compare_value(case: &Value, got: Value) -> Outcome {
    let expected = expand(&case["expect"]["value"]);
    if are_equal(&expected, &got) { Ok(()) } else { Err(difference("value", &expected, &got)) }
}

/// Returns whether two values are equal. 1 and 1.0 are equal too, because they are the same number in the other
/// languages.
fn are_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| are_equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.keys().eq(b.keys()) && a.values().zip(b.values()).all(|(a, b)| are_equal(a, b))
        }
        (a, b) => a == b,
    }
}

fn value_or_issues(case: &Value, outcome: Result<Value, ValidationError>) -> Outcome {
    match outcome {
        Ok(got) if case["expect"].get("issues").is_none() => compare_value(case, got),
        Ok(_) => Err("expected an error".to_owned()),
        Err(error) => compare_issues(case, error.report()),
    }
}

fn body_or_issues(
    case: &Value,
    outcome: Result<cognigy_context::check::CheckedBody, ValidationError>,
) -> Outcome {
    match (outcome, case["expect"].get("body")) {
        (Ok(written), Some(body)) => {
            compare_issues(case, &written.report)?;
            let expected = serde_json::to_string(&expand(body)).unwrap();
            compare("body", &expected.into(), &String::from_utf8(written.body).unwrap().into())
        }
        (Err(error), None) => compare_issues(case, error.report()),
        (Ok(_), None) => Err("expected an error".to_owned()),
        (Err(error), Some(_)) => Err(error.to_string()),
    }
}

fn variable_of(json: &Value) -> Variable {
    Variable {
        name: json["name"].as_str().unwrap().to_owned(),
        value: json["value"].clone(),
        scope: json["scope"].as_str().unwrap().to_owned(),
        stated_type: json["type"].as_str().map(str::to_owned),
    }
}

fn run_parse_variables(case: &Value) -> Outcome {
    let pages = case["pages"].as_array().unwrap().iter().map(|page| page.as_str().unwrap());
    let expect = &case["expect"];
    match (parse_variables(pages, mode_of(case)), expect.get("protocol")) {
        (Ok(variables), None) => {
            if let Some(view) = expect.get("view") {
                compare("view", view, &serde_json::to_value(variables.debug_view()).unwrap())?;
            }
            if let Some(cursor) = expect.get("next_cursor") {
                compare("next_cursor", cursor, &json!(variables.next_cursor))?;
            }
            compare_issue_list(case, &variables.issues)
        }
        (Err(Error::Api(failure)), Some(path)) => {
            let message = failure.to_string();
            let path = path.as_str().unwrap();
            if message.contains(path) { Ok(()) } else { Err(format!("{path} is not in {message}")) }
        }
        (outcome, _) => Err(format!("unexpected {:?}", outcome.err())),
    }
}

fn run_injection_payload(case: &Value, input: &Value) -> Outcome {
    let variables = input["variables"].as_array().unwrap().iter().map(|json| {
        let mut variable =
            InjectionVariable::new(json["key"].as_str().unwrap(), json["value"].clone());
        if let Some(scope) = json["scope"].as_str() {
            variable = variable.scope(scope);
        }
        variable.expires_at = json["expires_at"].as_str().map(str::to_owned);
        variable
    });
    let mut payload = InjectionPayload::new("s-1", variables);
    if let Some(strategy) = input["merge_strategy"].as_str() {
        payload.merge_strategy = strategy.to_owned();
    }
    assert_eq!(case["now"], "2026-01-01T00:00:00Z");
    let clock = ManualClock::at(NOW);
    body_or_issues(case, payload.to_json(&clock))
}

fn update_of(input: &Value) -> StateUpdate {
    let part = |name: &str| input[name].as_object().cloned().unwrap_or_default();
    StateUpdate {
        session: part("session"),
        user: part("user"),
        next_step: input["next_step"].as_str().map(str::to_owned),
    }
}

#[cfg(feature = "schema")]
fn run_schema_apply(case: &Value, input: Value) -> Outcome {
    match cognigy_context::Schema::new(case["schema"].clone()) {
        Ok(schema) => value_or_issues(case, schema.apply(input)),
        Err(_) => compare("error", &case["expect"]["error"], &json!("configuration")),
    }
}

/// Passes every case without a check, because schemas are not compiled in.
#[cfg(not(feature = "schema"))]
fn run_schema_apply(_: &Value, _: Value) -> Outcome {
    Ok(())
}

#[cfg(feature = "schema")]
fn with_schema(options: &mut ContextOptions, schema: &Value) {
    if !schema.is_null() {
        let schema = cognigy_context::Schema::new(schema.clone()).unwrap();
        options.schema = Some(Arc::new(schema));
    }
}

#[cfg(not(feature = "schema"))]
fn with_schema(_: &mut ContextOptions, _: &Value) {}

fn run_context_manager(input: &Value) -> Outcome {
    let option_values = &input["options"];
    if cfg!(not(feature = "schema")) && option_values.get("schema").is_some() {
        return Ok(()); // Schemas are not compiled in.
    }
    let clock = Arc::new(ManualClock::at(NOW));
    let mut options =
        ContextOptions { clock: Arc::clone(&clock) as Arc<dyn Clock>, ..ContextOptions::default() };
    with_schema(&mut options, &option_values["schema"]);
    if let Some(bytes) = option_values["max_size_bytes"].as_u64() {
        options.max_size_bytes = bytes;
    }
    if let Some(seconds) = option_values["ttl_seconds"].as_u64() {
        options.ttl = Duration::from_secs(seconds);
    }
    if let Some(paths) = option_values["prune_paths"].as_array() {
        options.prune_paths = paths.iter().map(|path| path.as_str().unwrap().to_owned()).collect();
    }
    options.lru = option_values["lru"] == true;
    let manager = ContextManager::new(options);
    for (index, step) in input["steps"].as_array().unwrap().iter().enumerate() {
        run_step(&manager, &clock, step).map_err(|reason| format!("step {index}: {reason}"))?;
    }
    Ok(())
}

fn run_step(manager: &ContextManager, clock: &ManualClock, step: &Value) -> Outcome {
    if let Some(seconds) = step["wait"].as_u64() {
        clock.advance(Duration::from_secs(seconds));
        return Ok(());
    }
    if let Some(session) = step["reset"].as_str() {
        manager.reset(session);
        return Ok(());
    }
    if let Some(session) = step["inspect"].as_str() {
        let found = manager.inspect(session);
        compare("context", &step["context"], &Value::Object(found.current_context))?;
        compare("schema_valid", &step["schema_valid"], &found.schema_valid.into())?;
        if let Some(paths) = step.get("ttl_paths") {
            compare("ttl_paths", paths, &json!(found.ttl_registry.keys().collect::<Vec<_>>()))?;
        }
        if let Some(actions) = step.get("actions") {
            let recorded: Vec<_> =
                found.recent_audit_trail.iter().map(|entry| entry.action).collect();
            compare("actions", actions, &json!(recorded))?;
        }
        return Ok(());
    }
    let session = step["session_id"].as_str().unwrap();
    match (manager.update(session, &step["update"]), step.get("issues")) {
        (Ok(updated), None) => {
            compare("context", &step["context"], &Value::Object(updated.context))?;
            compare("expired", &step["expired"], &json!(updated.expired))?;
            compare("pruned", &step["pruned"], &json!(updated.pruned))
        }
        (Err(error), Some(issues)) => {
            let case = json!({"expect": {"issues": issues}});
            compare_issues(&case, error.report())
        }
        (outcome, _) => Err(format!("unexpected {:?}", outcome.map_err(|error| error.to_string()))),
    }
}
