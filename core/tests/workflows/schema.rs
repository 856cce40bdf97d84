//! Schemas: defaults, violations, references, and context managers with a schema.

use std::sync::Arc;

use cognigy_context::{Code, ContextManager, ContextOptions, Report, Schema};
use serde_json::{Map, Value, json};

/// Returns a schema with defaults, types and limits.
fn profile_schema() -> Value {
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
    let schema = Schema::new(profile_schema()).unwrap();
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
            "/user_profile", // the unknown property `extra`
            "/user_profile/age",
            "/user_profile/name",
            "/user_profile/preferences/1",
        ],
    );
    // Messages must not contain values, which may be private.
    assert!(!error.to_string().contains("1.5"), "{error}");
}

#[test]
fn references_to_other_documents_are_rejected() {
    assert!(Schema::new(json!({"$ref": "https://example.com/schema.json"})).is_err());
    assert!(Schema::new(json!({"$ref": "file:///etc/hostname"})).is_err());
}

#[test]
fn an_invalid_schema_is_rejected() {
    assert!(Schema::new(json!({"type": 7})).is_err());
}

#[test]
fn a_recursive_schema_fills_finitely_many_defaults() {
    let schema = Schema::new(json!({
        "type": "object", "properties": {"child": {"$ref": "#"}, "n": {"default": 1}},
    }))
    .unwrap();
    // The test hangs if the recursion does not end. How many levels of `child` are filled is not fixed.
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
        // In a reference, `%20` means a space.
        "$defs": {"a name": {"type": "string"}, "p": {"type": "object"}},
        "properties": {
            "a": {"$ref": "#/$defs/a%20name", "default": "x"},
            "b": {"$ref": "#/$defs/p", "default": {"z": 1}},
        },
    }))
    .unwrap();
    assert_eq!(schema.apply(json!({})).unwrap(), json!({"a": "x", "b": {"z": 1}}));
}

#[test]
fn all_of_provides_defaults_and_required_properties() {
    let schema = Schema::new(json!({
        "properties": {"a": {"default": "x"}},
        "allOf": [{"allOf": [{"properties": {"c": {"default": 3}}, "required": ["c"]}]}],
    }))
    .unwrap();
    assert_eq!(schema.apply(json!({})).unwrap(), json!({"a": "x", "c": 3}));
    assert!(schema.requires(["c"]));
    assert!(!schema.requires(["a"]));
}

#[test]
fn messages_name_missing_properties() {
    let schema = Schema::new(json!({"required": ["b", "c"]})).unwrap();
    let error = schema.apply(json!({})).unwrap_err();
    let messages: Vec<&str> = error.report().issues.iter().map(|i| i.message.as_ref()).collect();
    assert!(messages[0].contains("\"b\"") && messages[1].contains("\"c\""), "{messages:?}");
}

#[test]
fn a_document_with_20000_levels_has_only_a_nesting_issue() {
    let schema = Schema::new(json!({"properties": {"a": {"$ref": "#"}}})).unwrap();
    let deep = (0..20_000)
        .fold(json!({}), |inner, _| Value::Object(Map::from_iter([("a".to_owned(), inner)])));
    assert!(!schema.is_valid(&deep));
    let issues = schema.violations(&deep);
    assert_eq!(issues.iter().map(|issue| issue.code).collect::<Vec<_>>(), [Code::NestingTooDeep]);
    // Dropping a value this deep would overflow the stack.
    std::mem::forget(deep);
}

#[test]
fn dollar_schema_selects_the_draft() {
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
fn removing_the_last_value_keeps_a_required_object() {
    let schema = json!({"required": ["user"], "properties": {"user": {"type": "object"}}});
    let manager = ContextManager::new(ContextOptions {
        schema: Some(Arc::new(Schema::new(schema).unwrap())),
        // Room for one text of 30 bytes. `lru` removes the values that were not updated for the longest
        // time instead of failing.
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
        schema: Some(Arc::new(Schema::new(profile_schema()).unwrap())),
        ..ContextOptions::default()
    });
    manager.update("s", &json!({"user_profile": {"age": 36}})).unwrap();
    let before = manager.inspect("s").current_context;
    let error = manager.update("s", &json!({"user_profile": {"age": -1}})).unwrap_err();
    assert!(error.has(Code::SchemaViolation));
    assert_eq!(manager.inspect("s").current_context, before);
    assert!(manager.inspect("s").schema_valid);
}

#[test]
fn apply_rejects_a_violation_whose_issue_exceeds_the_issue_budget() {
    let schema = Schema::new(json!({"additionalProperties": false})).unwrap();
    let name = "x".repeat(Report::ISSUE_BUDGET + 1);
    let document = Value::Object(Map::from_iter([(name, json!(1))]));
    let error = schema.apply(document).unwrap_err();
    assert_eq!(error.report().issues[0].code, Code::SchemaViolation);
}
