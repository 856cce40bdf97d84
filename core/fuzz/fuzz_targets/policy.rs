//! Policies as JSON: a policy, and a text to check with it, separated by a zero byte.

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use cognigy_context::{CheckOptions, Policy};
use support::{parse, split_once};

/// Checks one text with one policy.
pub fn run(data: &[u8]) {
    let (spec, text) = split_once(data);
    let Some(spec) = parse(spec) else { return };
    let policy = match Policy::from_spec(&spec) {
        Ok(policy) => policy,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    // The written form of a policy describes the same policy.
    let written = serde_json::to_value(&policy).expect("a policy has a JSON form");
    let again = Policy::from_spec(&written).expect("a written policy can be read");
    assert_eq!(again, policy);
    let options = CheckOptions::new(&policy).body("{\"context\":", "}");
    let report = options.json(text);
    match options.json_to_json(text) {
        Ok(written) => {
            assert_eq!(written.report, report);
            if let Some(limit) = policy.max_payload_bytes {
                assert!(written.body.len() as u64 <= limit);
            }
            let depth = policy.max_depth.is_some_and(|limit| report.sizes.depth > limit);
            assert!(!depth || !report.issues.is_empty());
        }
        Err(error) => assert_eq!(error.report(), &report),
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
