//! Context managers: size limit, time to live, pruning, and random sequences of operations.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cognigy_context::context::UpdateResult;
use cognigy_context::{Clock, Code, ContextManager, ContextOptions, ManualClock, measure};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::seed;

#[derive(Clone, Debug)]
enum Step {
    Update(Value),
    Wait(u64),
    Reset,
    Sweep,
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        "[a-z]{0,30}".prop_map(Value::from),
        any::<u8>().prop_map(Value::from),
        proptest::collection::vec(any::<u8>(), 0..6).prop_map(Value::from),
        Just(json!({})),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        proptest::collection::btree_map("[ab/~]|__x", inner, 0..4)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => document().prop_map(Step::Update),
        3 => (0..200u64).prop_map(Step::Wait),
        1 => Just(Step::Reset),
        1 => Just(Step::Sweep),
    ];
    proptest::collection::vec(step, 1..24)
}

/// Collects the leaves of a value by JSON Pointer, independently of the core. An empty object is a leaf.
fn leaves(prefix: &str, value: &Value, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                leaves(&format!("{prefix}/{key}"), value, found);
            }
        }
        leaf if !prefix.is_empty() => drop(found.insert(prefix.to_owned(), leaf.clone())),
        _ => {}
    }
}

proptest! {
    #![proptest_config(seed::cases(2_000))]

    #[test]
    fn a_context_stays_within_its_limit_and_ttl_and_failed_updates_change_nothing(
        steps in steps(),
        lru in any::<bool>(),
        limit in 10u64..200,
    ) {
        let clock = Arc::new(ManualClock::at(Duration::from_secs(1_700_000_000)));
        let manager = ContextManager::new(ContextOptions {
            max_size_bytes: limit,
            ttl: Duration::from_secs(100),
            prune_paths: vec!["/a".to_owned(), "/b/a".to_owned()],
            lru,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            ..ContextOptions::default()
        });
        // The time of the last update of each leaf.
        let mut update_times: BTreeMap<String, Duration> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Wait(seconds) => clock.advance(Duration::from_secs(seconds)),
                Step::Reset => {
                    manager.reset("s");
                    prop_assert!(manager.inspect("s").current_context.is_empty());
                }
                Step::Sweep => drop(manager.sweep()),
                Step::Update(data) => {
                    let before = manager.inspect("s");
                    match manager.update("s", &data) {
                        Ok(UpdateResult { context, .. }) => {
                            prop_assert!(measure(&context).unwrap().json_bytes <= limit);
                            prop_assert_eq!(&manager.inspect("s").current_context, &context);
                            let mut updated_leaves = BTreeMap::new();
                            leaves("", &data, &mut updated_leaves);
                            update_times.extend(updated_leaves.into_keys().map(|leaf| (leaf, clock.now())));
                        }
                        Err(error) => {
                            prop_assert!(error.has(Code::ContextTooLarge) || error.has(Code::WrongType));
                            let after = manager.inspect("s");
                            prop_assert_eq!(&after.current_context, &before.current_context);
                            prop_assert_eq!(&after.ttl_registry, &before.ttl_registry);
                        }
                    }
                }
            }
            let mut present = BTreeMap::new();
            leaves("", &Value::Object(manager.inspect("s").current_context), &mut present);
            for (leaf, value) in present {
                prop_assert!(!leaf.contains("/__x"), "{leaf}");
                // A cleared object expires with the last of its former leaves. This can be later than the expiry of
                // an earlier leaf at the path of the object.
                if let Some(time) = update_times.get(&leaf) {
                    let age = clock.now() - *time;
                    prop_assert!(age < Duration::from_secs(100) || value == json!({}), "{leaf} {age:?}");
                }
            }
        }
    }
}

#[test]
fn an_update_reports_what_expired_and_was_pruned() {
    let clock = Arc::new(ManualClock::default());
    let manager = ContextManager::new(ContextOptions {
        max_size_bytes: 120,
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        ..ContextOptions::default()
    });
    manager.update("s", &json!({"old": 1})).unwrap();
    // The default time to live is 300 s.
    clock.advance(Duration::from_secs(300));
    let updated = manager
        .update("s", &json!({"user_profile": {"name": "Ada", "preferences": vec!["x"; 40]}}))
        .unwrap();
    assert_eq!(updated.expired, ["/old"]);
    assert_eq!(updated.pruned, ["/user_profile/preferences"]);
    let expected = json!({"user_profile": {"name": "Ada", "preferences": []}});
    assert_eq!(Value::Object(updated.context), expected);
}

#[test]
fn a_cleared_value_expires_when_its_leaves_would_have() {
    let clock = Arc::new(ManualClock::default());
    let manager = ContextManager::new(ContextOptions {
        max_size_bytes: 42,
        prune_paths: vec!["/text".to_owned(), "/object".to_owned(), "/list".to_owned()],
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        ..ContextOptions::default()
    });
    for (key, value) in [
        ("text", json!("xxxxxxxx")),
        ("object", json!({"a": {"b": 1234}})),
        ("list", json!([1, 2])),
    ] {
        manager.reset("s");
        manager.update("s", &json!({ key: value })).unwrap();
        clock.advance(Duration::from_secs(200));
        let updated = manager.update("s", &json!({"new": "x".repeat(20)})).unwrap();
        assert_eq!(updated.pruned, [format!("/{key}")]);
        clock.advance(Duration::from_secs(100));
        let updated = manager.update("s", &json!({})).unwrap();
        assert_eq!(updated.expired, [format!("/{key}")]);
    }
}

#[test]
fn a_context_too_large_error_names_the_largest_paths() {
    let options = ContextOptions { max_size_bytes: 40, ..ContextOptions::default() };
    let manager = ContextManager::new(options);
    manager.update("s", &json!({"kept": true})).unwrap();
    let error = manager.update("s", &json!({"big": {"text": "x".repeat(50)}})).unwrap_err();
    let issue = &error.report().issues[0];
    assert_eq!(
        (issue.code, issue.limit, issue.actual),
        (Code::ContextTooLarge, Some(40), Some(81))
    );
    assert!(issue.message.contains("/big/text (52)"), "{}", issue.message);
    let inspection = manager.inspect("s");
    assert_eq!(Value::Object(inspection.current_context), json!({"kept": true}));
    let actions: Vec<&str> =
        inspection.recent_audit_trail.iter().map(|entry| entry.action).collect();
    assert_eq!(actions, ["update", "update_refused"]);
}

#[test]
fn lru_pruning_drops_the_least_recently_updated_leaves_first() {
    let manager = ContextManager::new(ContextOptions {
        max_size_bytes: 60,
        lru: true,
        ..ContextOptions::default()
    });
    // All three values exceed 60 bytes; the second and the third together fit.
    manager.update("s", &json!({"first": "x".repeat(20)})).unwrap();
    manager.update("s", &json!({"second": "y".repeat(10)})).unwrap();
    let updated = manager.update("s", &json!({"third": "z".repeat(20)})).unwrap();
    assert_eq!(updated.pruned, ["/first"]);
    assert_eq!(updated.context.keys().collect::<Vec<_>>(), ["second", "third"]);
}

#[test]
fn lru_pruning_never_drops_the_leaves_of_the_current_update() {
    let manager = ContextManager::new(ContextOptions {
        max_size_bytes: 40,
        lru: true,
        ..ContextOptions::default()
    });
    manager.update("s", &json!({"a": 1})).unwrap();
    let error = manager.update("s", &json!({"b": "y".repeat(50)})).unwrap_err();
    assert!(error.has(Code::ContextTooLarge));
    assert_eq!(Value::Object(manager.inspect("s").current_context), json!({"a": 1}));
}

#[test]
fn an_object_cleared_by_its_own_update_expires() {
    let clock = Arc::new(ManualClock::default());
    let manager = ContextManager::new(ContextOptions {
        max_size_bytes: 60,
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        ..ContextOptions::default()
    });
    let preferences = json!({"user_profile": {"preferences": {"k": "x".repeat(60)}}});
    let updated = manager.update("s", &preferences).unwrap();
    assert_eq!(Value::Object(updated.context), json!({"user_profile": {"preferences": {}}}));
    clock.advance(Duration::from_secs(300));
    assert!(manager.inspect("s").current_context.is_empty());
}

#[test]
fn large_documents_and_long_keys_are_updated_and_pruned() {
    // The sizes make quadratic time noticeable: the test would take minutes.
    let limit = 2_000_000;
    let options = ContextOptions { max_size_bytes: limit, lru: true, ..ContextOptions::default() };
    let manager = ContextManager::new(options);
    let flat: Map<String, Value> =
        (0..50_000).map(|index| (format!("k{index}"), Value::from(index))).collect();
    manager.update("flat", &flat).unwrap();
    manager.update("flat", &flat).unwrap();
    let members: Map<String, Value> =
        (0..4_000).map(|index| (format!("k{index}"), Value::from(""))).collect();
    let long = Value::Object(Map::from_iter([("x".repeat(40_000), Value::Object(members))]));
    manager.update("long", &long).unwrap();
    let small = ContextManager::new(ContextOptions {
        max_size_bytes: 90_000,
        lru: true,
        ..ContextOptions::default()
    });
    let first_members: Map<String, Value> = flat.into_iter().take(6_000).collect();
    small.update("s", &first_members).unwrap();
    let updated = small.update("s", &json!({"new": "y".repeat(80_000)})).unwrap();
    assert!(updated.pruned.len() > 4_000);
}

#[test]
fn an_unknown_session_is_empty() {
    let inspection = ContextManager::new(ContextOptions::default()).inspect("unknown");
    assert!(inspection.current_context.is_empty());
    assert!(inspection.ttl_registry.is_empty());
    assert!(inspection.recent_audit_trail.is_empty());
    assert!(inspection.schema_valid);
}

#[test]
fn concurrent_updates_are_all_stored() {
    let manager = ContextManager::new(ContextOptions::default());
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let manager = &manager;
            scope.spawn(move || {
                for index in 0..50 {
                    let key = format!("t{thread}_{index}");
                    manager.update("s", &Map::from_iter([(key, Value::from(index))])).unwrap();
                }
            });
        }
    });
    assert_eq!(manager.inspect("s").current_context.len(), 400);
}

#[test]
fn integers_beyond_64_bits_are_rejected() {
    let manager = ContextManager::new(ContextOptions::default());
    let error = manager.update_json("s", r#"{"a": [1, 12345678901234567890123]}"#).unwrap_err();
    assert!(error.has(Code::UnsafeInteger));
    assert_eq!(error.report().issues[0].path, "/a/1");
    manager.update_json("s", r#"{"a": 18446744073709551615, "b": -9223372036854775808}"#).unwrap();
    assert!(manager.update_json("s", r#"{"a": -9223372036854775809}"#).is_err());
}
