//! Injection payloads: variables of a key, a scope, an expiry time and a value, all separated by zero bytes.

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use std::collections::HashSet;
use std::time::Duration;

use cognigy_context::{Code, InjectionPayload, InjectionVariable, ManualClock};
use serde_json::Value;
use support::{parse, text_of};

/// Writes one payload.
pub fn run(data: &[u8]) {
    let Some(text) = text_of(data) else { return };
    let fields: Vec<&str> = text.split('\0').collect();
    let variables: Vec<InjectionVariable> = fields
        .chunks_exact(4)
        .map(|fields| {
            let [key, scope, expires_at, value] = fields else { unreachable!("chunks of four") };
            let value = parse(value.as_bytes()).unwrap_or_else(|| Value::from(*value));
            let mut variable = InjectionVariable::new(*key, value).scope(*scope);
            variable.expires_at = Some((*expires_at).to_owned()).filter(|time| !time.is_empty());
            variable
        })
        .collect();
    let mut names = HashSet::new();
    let has_duplicate =
        variables.iter().any(|variable| !names.insert((&variable.key, &variable.scope)));
    let mut payload = InjectionPayload::new("s", variables.clone());
    payload.merge_strategy = fields.last().copied().unwrap_or_default().to_owned();
    let written = payload.to_json(&ManualClock::at(Duration::from_secs(1_700_000_000)));
    match written {
        Ok(written) => {
            assert!(!has_duplicate);
            let body = parse(&written.body).expect("a body is JSON");
            assert_eq!(body["mergeStrategy"], payload.merge_strategy);
            let sent = body["variables"].as_array().expect("the variables are a list");
            assert_eq!(sent.len(), variables.len());
            for (sent, variable) in sent.iter().zip(&variables) {
                assert_eq!(sent["key"], variable.key);
                assert_eq!(sent["value"], variable.value);
                assert_eq!(sent["scope"], variable.scope);
            }
        }
        Err(error) => assert_eq!(error.has(Code::DuplicateVariable), has_duplicate),
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
