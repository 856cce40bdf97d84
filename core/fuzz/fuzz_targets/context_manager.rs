//! Sequences of updates of a context manager, against a manager that updates a copy of the document each time.
//!
//! The first two bytes are the size limit, the third selects the options. Each step is separated by a zero byte: a
//! first byte that selects the step, then the JSON text of an update.

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cognigy_context::__bindings::update_shared;
use cognigy_context::{ContextManager, ContextOptions, ManualClock, Schema, ValidationError};
use serde_json::{Value, json};

/// The maximum steps of one sequence.
const MAX_STEPS: usize = 64;

/// Runs one sequence.
pub fn run(data: &[u8]) {
    let Some((&[low, high, choice], rest)) = data.split_first_chunk::<3>() else { return };
    let clock = Arc::new(ManualClock::at(Duration::from_secs(1_700_000_000)));
    let options = ContextOptions {
        max_size_bytes: u64::from(u16::from_le_bytes([low, high])).max(2),
        ttl: Duration::from_secs(u64::from(choice & 0x3f)),
        prune_paths: vec!["/a/b".to_owned(), "/c".to_owned(), String::new()],
        lru: choice & 0x40 != 0,
        schema: (choice & 0x80 != 0).then(schema),
        clock: clock.clone(),
        instance_seed: Some(1),
    };
    let in_place = ContextManager::new(options.clone());
    let on_copy = ContextManager::new(options);
    // A second owner of the document prevents an update in place.
    let mut second_owner = None;
    for step in rest.split(|byte| *byte == 0).take(MAX_STEPS) {
        let Some((&kind, text)) = step.split_first() else { continue };
        match kind {
            b'w' => clock.advance(Duration::from_secs(text.len() as u64)),
            b'r' => {
                in_place.reset("s");
                on_copy.reset("s");
            }
            b's' => assert_eq!(in_place.sweep(), on_copy.sweep()),
            _ => {
                let result = update_shared(&in_place, "s", Ok(step.to_vec()));
                let copied = update_shared(&on_copy, "s", Ok(step.to_vec()));
                match (result, copied) {
                    (Ok(result), Ok(copied)) => {
                        assert_eq!(result.context.to_string(), copied.context.to_string());
                        assert_eq!(
                            (result.expired, result.pruned),
                            (copied.expired, copied.pruned)
                        );
                        second_owner = Some(copied.context);
                    }
                    (Err(result), Err(copied)) => assert_eq!(issues(&result), issues(&copied)),
                    (result, copied) => panic!("{:?} but {:?}", result.is_ok(), copied.is_ok()),
                }
            }
        }
        let (result, copied) = (in_place.inspect("s"), on_copy.inspect("s"));
        assert_eq!(
            Value::Object(result.current_context).to_string(),
            Value::Object(copied.current_context).to_string()
        );
        assert_eq!(result.ttl_registry, copied.ttl_registry);
        assert_eq!(result.schema_valid, copied.schema_valid);
    }
    drop(second_owner);
}

fn issues(error: &ValidationError) -> String {
    format!("{:?}", error.report().issues)
}

fn schema() -> Arc<Schema> {
    static SCHEMA: OnceLock<Arc<Schema>> = OnceLock::new();
    Arc::clone(SCHEMA.get_or_init(|| {
        let document = json!({
            "type": "object",
            "required": ["c"],
            "properties": {
                "a": {"type": "object", "properties": {"b": {"type": ["string", "number", "null"], "default": "x"}}},
                "c": {"default": 0},
                "n": {"type": "integer", "maximum": 9},
            },
        });
        Arc::new(Schema::new(document).expect("the schema is valid"))
    }))
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
