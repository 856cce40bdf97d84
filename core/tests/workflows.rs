//! Splitting state updates and managing contexts, with random sequences of operations.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should stop there"
)]

#[path = "support/seed.rs"]
mod seed;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cognigy_context::context::UpdateResult;
use cognigy_context::{
    Clock, Code, ContextManager, ContextOptions, ManualClock, Policy, StateUpdate, measure,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn variables() -> impl Strategy<Value = Map<String, Value>> {
    proptest::collection::btree_map("[a-zü]{1,6}", "[a-z\"ü]{0,60}", 0..12)
        .prop_map(|map| map.into_iter().map(|(name, text)| (name, Value::from(text))).collect())
}

proptest! {
    #![proptest_config(seed::cases(3_000))]

    #[test]
    fn split_parts_fit_the_limit_and_add_up_to_the_update(
        session in variables(),
        user in variables(),
        next_step in proptest::option::of("[a-z]{1,30}"),
        limit in 30u64..400,
    ) {
        let policy = Policy { max_payload_bytes: Some(limit), ..Policy::state().clone() };
        let update = StateUpdate { session, user, next_step };
        match update.split_with_policy(&policy) {
            Ok(parts) => {
                let mut whole = StateUpdate::default();
                for (index, part) in parts.iter().enumerate() {
                    let body = part.to_json_with_policy(&policy).unwrap().body;
                    prop_assert!(body.len() as u64 <= limit);
                    prop_assert!(part.next_step.is_none() || index + 1 == parts.len());
                    whole.session.extend(part.session.clone());
                    whole.user.extend(part.user.clone());
                    whole.next_step = whole.next_step.or_else(|| part.next_step.clone());
                }
                prop_assert_eq!(&whole, &update);
                if update.to_json_with_policy(&policy).is_ok() {
                    prop_assert_eq!(parts.len(), 1);
                }
            }
            Err(error) => {
                for issue in &error.report().issues {
                    match issue.code {
                        Code::EmptyUpdate => prop_assert_eq!(&update, &StateUpdate::default()),
                        Code::PayloadTooLarge => {
                            prop_assert!(issue.actual.unwrap() > limit);
                            prop_assert!(issue.path.matches('/').count() == 2 || issue.path == "/transition");
                        }
                        other => prop_assert!(false, "{other}"),
                    }
                }
            }
        }
    }
}

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

/// Collects the leaves of a value by JSON Pointer, independently of the core.
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
        // When an update last wrote each leaf.
        let mut written: BTreeMap<String, Duration> = BTreeMap::new();
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
                            let mut touched = BTreeMap::new();
                            leaves("", &data, &mut touched);
                            written.extend(touched.into_keys().map(|leaf| (leaf, clock.now())));
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
                // An object that pruning cleared expires with the last of its former leaves, which
                // can be later than an earlier leaf at its path.
                if let Some(at) = written.get(&leaf) {
                    let age = clock.now() - *at;
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
fn a_cleared_object_expires() {
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
fn large_documents_and_long_keys_take_time_linear_in_their_size() {
    let limit = 2_000_000;
    let options = ContextOptions { max_size_bytes: limit, lru: true, ..ContextOptions::default() };
    let manager = ContextManager::new(options);
    let flat: Map<String, Value> =
        (0..50_000).map(|index| (format!("k{index}"), Value::from(index))).collect();
    manager.update("flat", &flat).unwrap();
    manager.update("flat", &flat).unwrap();
    let below: Map<String, Value> =
        (0..4_000).map(|index| (format!("k{index}"), Value::from(""))).collect();
    let long = Value::Object(Map::from_iter([("x".repeat(40_000), Value::Object(below))]));
    manager.update("long", &long).unwrap();
    let small = ContextManager::new(ContextOptions {
        max_size_bytes: 90_000,
        lru: true,
        ..ContextOptions::default()
    });
    let some: Map<String, Value> = flat.into_iter().take(6_000).collect();
    small.update("s", &some).unwrap();
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
fn concurrent_updates_are_all_kept() {
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

#[cfg(feature = "schema")]
mod with_a_schema {
    use cognigy_context::Schema;

    use super::*;

    pub(super) fn profile() -> Value {
        json!({
            "type": "object",
            "properties": {
                "user_profile": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {
                        "name": {"type": "string", "default": ""},
                        "age": {"type": "integer", "minimum": 0, "default": 0},
                        "preferences": {"type": "array", "items": {"type": "string"}, "default": []},
                    },
                },
                "session_metadata": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {
                        "turn_count": {"type": "integer", "minimum": 0, "default": 0},
                        "last_intent": {"type": "string", "default": ""},
                        "confidence": {"type": "number", "minimum": 0, "maximum": 1, "default": 0},
                    },
                },
            },
        })
    }

    #[test]
    fn apply_fills_defaults_and_reports_every_violation() {
        let schema = Schema::new(profile()).unwrap();
        assert_eq!(
            schema.apply(json!({"user_profile": {"name": "Ada"}})).unwrap(),
            json!({
                "user_profile": {"name": "Ada", "age": 0, "preferences": []},
                "session_metadata": {"turn_count": 0, "last_intent": "", "confidence": 0},
            }),
        );
        let error = schema
            .apply(json!({
                "user_profile": {"name": 7, "age": -1, "preferences": ["a", 2], "extra": true},
                "session_metadata": {"confidence": 1.5},
            }))
            .unwrap_err();
        let mut paths: Vec<&str> =
            error.report().issues.iter().map(|issue| issue.path.as_str()).collect();
        paths.sort_unstable();
        assert_eq!(
            paths,
            [
                "/session_metadata/confidence",
                "/user_profile",
                "/user_profile/age",
                "/user_profile/name",
                "/user_profile/preferences/1",
            ],
        );
        assert!(!error.to_string().contains("1.5"), "{error}");
    }

    #[test]
    fn remote_references_are_rejected() {
        assert!(Schema::new(json!({"$ref": "https://example.com/schema.json"})).is_err());
        assert!(Schema::new(json!({"$ref": "file:///etc/hostname"})).is_err());
        assert!(Schema::new(json!({"type": 7})).is_err());
    }

    #[test]
    fn a_recursive_schema_fills_finitely_many_defaults() {
        let schema = Schema::new(json!({
            "type": "object", "properties": {"child": {"$ref": "#"}, "n": {"default": 1}},
        }))
        .unwrap();
        let filled = schema.apply(json!({})).unwrap();
        assert_eq!(filled["n"], 1);
    }

    #[test]
    fn a_doubly_recursive_schema_fills_finitely_many_defaults() {
        let schema = Schema::new(json!({
            "$ref": "#/$defs/n",
            "$defs": {"n": {"type": "object", "default": {},
                "properties": {"l": {"$ref": "#/$defs/n"}, "r": {"$ref": "#/$defs/n"}}}},
        }))
        .unwrap();
        assert_eq!(schema.apply(json!({})).unwrap(), json!({"l": {}, "r": {}}));
    }

    #[test]
    fn a_default_beside_a_reference_is_used() {
        let schema = Schema::new(json!({
            "$defs": {"a name": {"type": "string"}, "p": {"type": "object"}},
            "properties": {
                "a": {"$ref": "#/$defs/a%20name", "default": "x"},
                "b": {"$ref": "#/$defs/p", "default": {"z": 1}},
            },
            "allOf": [{"allOf": [{"properties": {"c": {"default": 3}}, "required": ["c"]}]}],
        }))
        .unwrap();
        assert_eq!(schema.apply(json!({})).unwrap(), json!({"a": "x", "b": {"z": 1}, "c": 3}));
        assert!(schema.requires(["c"]));
        assert!(!schema.requires(["a"]));
    }

    #[test]
    fn violations_name_missing_properties_and_reject_deep_nesting() {
        let schema =
            Schema::new(json!({"required": ["b", "c"], "properties": {"a": {"$ref": "#"}}}))
                .unwrap();
        let error = schema.apply(json!({})).unwrap_err();
        let messages: Vec<&str> =
            error.report().issues.iter().map(|i| i.message.as_ref()).collect();
        assert!(messages[0].contains("\"b\"") && messages[1].contains("\"c\""), "{messages:?}");
        let deep = (0..20_000)
            .fold(json!({}), |inner, _| Value::Object(Map::from_iter([("a".to_owned(), inner)])));
        assert!(!schema.is_valid(&deep));
        assert_eq!(schema.violations(&deep)[0].code, Code::NestingTooDeep);
        // Dropping a value this deep would overflow the stack.
        std::mem::forget(deep);
    }

    #[test]
    fn schema_uses_the_draft_that_it_names() {
        // In draft 4 exclusiveMinimum is a boolean, later a number.
        let four = json!({
            "$schema": "http://json-schema.org/draft-04/schema#",
            "properties": {"n": {"minimum": 1, "exclusiveMinimum": true}},
        });
        let four = Schema::new(four).unwrap();
        assert!(!four.is_valid(&json!({"n": 1})));
        let latest = Schema::new(json!({"properties": {"n": {"exclusiveMinimum": 1}}})).unwrap();
        assert!(!latest.is_valid(&json!({"n": 1})));
    }

    #[test]
    fn pruning_keeps_a_required_object_after_its_last_leaf() {
        let schema = json!({"required": ["user"], "properties": {"user": {"type": "object"}}});
        let manager = ContextManager::new(ContextOptions {
            schema: Some(Arc::new(Schema::new(schema).unwrap())),
            max_size_bytes: 60,
            lru: true,
            ..ContextOptions::default()
        });
        manager.update("s", &json!({"user": {"note": "x".repeat(30)}})).unwrap();
        let updated = manager.update("s", &json!({"b": "y".repeat(30)})).unwrap();
        assert_eq!(updated.pruned, ["/user/note"]);
        assert_eq!(updated.context["user"], json!({}));
    }

    #[test]
    fn an_update_that_violates_the_schema_changes_nothing() {
        let manager = ContextManager::new(ContextOptions {
            schema: Some(Arc::new(Schema::new(profile()).unwrap())),
            ..ContextOptions::default()
        });
        manager.update("s", &json!({"user_profile": {"age": 36}})).unwrap();
        let before = manager.inspect("s").current_context;
        let error = manager.update("s", &json!({"user_profile": {"age": -1}})).unwrap_err();
        assert!(error.has(Code::SchemaViolation));
        assert_eq!(manager.inspect("s").current_context, before);
        assert!(manager.inspect("s").schema_valid);
    }
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
