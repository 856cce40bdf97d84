//! Merges: a document and an update, separated by a zero byte, against a simple recursive merge.

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use cognigy_context::deep_merge;
use serde_json::Value;
use support::{parse, split_once};

/// Merges one update into one document.
pub fn run(data: &[u8]) {
    let (base, update) = split_once(data);
    let (Some(base), Some(update)) = (parse(base), parse(update)) else { return };
    let mut merged = base.clone();
    deep_merge(&mut merged, update.clone());
    let mut expected = base;
    merge(&mut expected, update.clone());
    // The text also compares the order of the members.
    assert_eq!(merged.to_string(), expected.to_string());
    let once = merged.clone();
    deep_merge(&mut merged, update);
    assert_eq!(merged, once, "a second merge of the same update changes nothing");
}

fn merge(base: &mut Value, update: Value) {
    match (base, update) {
        (Value::Object(base), Value::Object(update)) => {
            for (key, value) in update {
                match base.get_mut(&key) {
                    Some(old) => merge(old, value),
                    None => {
                        base.insert(key, value);
                    }
                }
            }
        }
        (base, update) => *base = update,
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
