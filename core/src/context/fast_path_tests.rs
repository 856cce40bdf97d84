//! Compares the results of the fast path and of the update of a copy.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::results::SharedUpdateResult;
use super::{ContextManager, ContextOptions};
use crate::clock::ManualClock;
use crate::report::ValidationError;
use crate::seed::{SeededCase, first_seed};

fn manager(clock: &Arc<ManualClock>) -> ContextManager {
    let options = ContextOptions {
        max_size_bytes: 220,
        ttl: Duration::from_secs(10),
        prune_paths: vec!["/notes".to_owned()],
        lru: true,
        clock: Arc::<ManualClock>::clone(clock),
        instance_seed: Some(1),
        #[cfg(feature = "schema")]
        schema: Some(Arc::new(schema())),
    };
    ContextManager::new(options)
}

#[cfg(feature = "schema")]
fn schema() -> crate::schema::Schema {
    crate::schema::Schema::new(json!({
        "type": "object",
        "properties": {
            "user": {
                "type": "object",
                "properties": {"tier": {"enum": ["gold", "basic"], "default": "basic"}},
            },
            "turn": {"type": "integer", "default": 0},
        },
    }))
    .expect("the schema is valid")
}

/// Returns the next number of a deterministic sequence, less than 2^31.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).expect("31 bits fit")
}

fn some_data(state: &mut u64) -> Value {
    let pieces = [
        json!({"turn": 1}),
        json!({"turn": "no number"}),
        json!({"user": {"tier": "gold"}}),
        json!({"user": {"tier": "lead", "name": "Ada"}, "new": [1, 2]}),
        json!({"user": {"name": "Grace", "more": {"deep": true}}}),
        json!({"user": 7}),
        json!({"user": {}}),
        json!({"notes": "n".repeat(60)}),
        json!({"notes": {"a": "b".repeat(40)}, "c": null}),
        json!({"large": "l".repeat(90)}),
        json!({"huge": "h".repeat(400), "turn": 2}),
        json!({}),
        json!({"odd": {"x": {}}, "turn": 3}),
    ];
    pieces[next(state) % pieces.len()].clone()
}

fn summary_of(outcome: &Result<SharedUpdateResult, ValidationError>) -> String {
    match outcome {
        Ok(update) => format!("{} {:?} {:?}", update.context, update.expired, update.pruned),
        Err(error) => format!("{:?}", error.report().issues),
    }
}

#[test]
fn the_fast_path_has_the_result_of_an_update_of_a_copy() {
    let mut error_count = 0;
    for case in 0..60 {
        let seed = first_seed().wrapping_add(case);
        let _case = SeededCase { name: "the fast path", seed };
        let mut state = seed;
        let clock = Arc::new(ManualClock::default());
        let (fast_path, on_copy) = (manager(&clock), manager(&clock));
        // A second owner of the document forces the next update to work on a copy.
        let mut second_owner = None;
        for _ in 0..40 {
            let data = some_data(&mut state).to_string().into_bytes();
            let in_place = fast_path.update_shared("s", Ok(data.clone()));
            let copied = on_copy.update_shared("s", Ok(data));
            assert_eq!(summary_of(&in_place), summary_of(&copied), "seed {seed}");
            error_count += usize::from(in_place.is_err());
            if let Ok(update) = copied {
                second_owner = Some(update.context);
            }
            let (in_place, copied) = (fast_path.inspect("s"), on_copy.inspect("s"));
            assert_eq!(
                serde_json::to_string(&in_place.current_context).ok(),
                serde_json::to_string(&copied.current_context).ok(),
                "seed {seed}"
            );
            assert_eq!(in_place.ttl_registry, copied.ttl_registry, "seed {seed}");
            let recorded_size = in_place.recent_audit_trail.last().map(|entry| entry.payload_size);
            let stored_size =
                fast_path.stored_document("s").map(|document| document.to_string().len() as u64);
            assert_eq!(recorded_size, stored_size, "seed {seed}");
            clock.advance(Duration::from_secs(next(&mut state) as u64 % 4));
        }
        assert!(second_owner.is_some());
    }
    // The comparison must also include many updates that fail.
    assert!(error_count > 50, "{error_count}");
}
