//! The platform's replacement of keys against a simple simulation with whole values.
//!
//! The first two bytes are the context's limit. The existing context and the injected one follow, separated by a zero
//! byte.

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use cognigy_context::{CheckOptions, Code, ExistingContext, Policy};
use serde_json::{Map, Value, json};
use support::{parse, platform_bytes, split_once};

/// Checks one injection.
pub fn run(data: &[u8]) {
    let Some((limit, rest)) = data.split_first_chunk::<2>() else { return };
    let limit = u64::from(u16::from_le_bytes(*limit));
    let (existing, injected) = split_once(rest);
    let (Some(Value::Object(existing)), Some(Value::Object(injected))) =
        (parse(existing), parse(injected))
    else {
        return;
    };
    let Ok(sizes) = ExistingContext::of(&existing) else { return };
    assert_eq!(sizes.platform_bytes(), platform_bytes(&Value::Object(existing.clone())));
    let policy = Policy {
        max_context_bytes: Some(limit),
        max_payload_bytes: None,
        ..Policy::platform().clone()
    };
    let report = CheckOptions::new(&policy).existing(&sizes).value(&injected);
    let replaced: Vec<&str> = report
        .issues
        .iter()
        .filter(|issue| issue.code == Code::WouldBeReplaced)
        .map(|issue| issue.path.as_str())
        .collect();
    let (expected, required) = simulate(existing, &injected, limit);
    assert_eq!(replaced, expected);
    let too_large = report.issues.iter().find(|issue| issue.code == Code::ContextTooLarge);
    assert_eq!(too_large.and_then(|issue| issue.actual), (required > limit).then_some(required));
}

/// Writes the members one by one, as the platform does. Returns the pointers of the replaced members, and the size
/// of the context if nothing were replaced.
fn simulate(
    existing: Map<String, Value>,
    injected: &Map<String, Value>,
    limit: u64,
) -> (Vec<String>, u64) {
    let mut whole = Value::Object(existing.clone());
    let mut context = Value::Object(existing);
    let mut replaced = Vec::new();
    for (key, value) in injected {
        whole[key] = value.clone();
        context[key] = value.clone();
        if platform_bytes(&context) > limit {
            let text = format!(
                "Cannot add value to context for key {key}: exceeded maximum context size."
            );
            context[key] = json!({"error": text});
            replaced.push(format!("/{}", key.replace('~', "~0").replace('/', "~1")));
        }
    }
    (replaced, platform_bytes(&whole))
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
