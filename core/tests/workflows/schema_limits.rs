//! Schemas that describe far more work than their size suggests.

use cognigy_context::{Code, Schema};
use serde_json::{Map, Value, json};

/// Returns a schema with `count` definitions. `definition` creates each one from a reference to the next.
fn chain(count: usize, last: Value, definition: impl Fn(Value) -> Value) -> Value {
    let reference = |index: usize| json!({"$ref": format!("#/$defs/d{index}")});
    let mut definitions: Map<String, Value> =
        (0..count).map(|index| (format!("d{index}"), definition(reference(index + 1)))).collect();
    definitions.insert(format!("d{count}"), last);
    json!({"$ref": "#/$defs/d0", "$defs": definitions})
}

/// Nests a value in `levels` arrays.
fn nested(levels: usize, leaf: Value) -> Value {
    (0..levels).fold(leaf, |value, _| json!([value]))
}

fn codes(schema: &Schema, document: &Value) -> Vec<Code> {
    schema.violations(document).iter().map(|issue| issue.code).collect()
}

/// Adds subschemas that count as 2^14 ones. Their type never matches, so they take no time.
fn with_costly_definition(mut schema: Value) -> Value {
    for index in 0..14 {
        let next = json!({"$ref": format!("#/$defs/costly{}", index + 1)});
        schema["$defs"][format!("costly{index}")] = json!({"type": "null", "allOf": [next, next]});
    }
    schema["$defs"]["costly14"] = json!({"type": "null"});
    schema
}

#[test]
fn the_branches_of_any_of_do_not_take_all_memory() {
    let branches = |next: Value| {
        let items = json!({"items": next, "not": {"$ref": "#/$defs/costly0"}});
        json!({"anyOf": [items.clone(), items.clone(), items]})
    };
    let schema = chain(18, json!({"type": "integer"}), branches);
    let schema = Schema::new(with_costly_definition(schema)).unwrap();
    assert!(schema.is_valid(&nested(18, json!(1))));
    assert_eq!(codes(&schema, &nested(18, json!("x"))), [Code::SchemaLimit]);
    assert!(!schema.is_valid(&nested(18, json!("x"))));
}

#[test]
fn violations_beyond_the_limit_are_listed_in_part() {
    let schema = Schema::new(json!({"items": {"type": "string"}})).unwrap();
    let issues = schema.violations(&Value::Array(vec![json!(1); 200_000]));
    let (limit, violations) = issues.split_last().unwrap();
    assert_eq!((limit.code, limit.limit), (Code::SchemaLimit, Some(150_000)));
    assert!(violations.len() > 50_000, "{}", violations.len());
    assert!(violations.iter().all(|issue| issue.code == Code::SchemaViolation));
}

#[test]
fn a_long_chain_of_references_is_rejected() {
    let error = Schema::new(chain(3_000, json!({"type": "integer"}), |next| next)).unwrap_err();
    assert!(error.to_string().contains("2,000"), "{error}");
}

#[test]
fn too_many_referenced_definitions_are_rejected() {
    let error = Schema::new(chain(10_001, json!(true), |next| json!({"properties": {"x": next}})))
        .unwrap_err();
    assert!(error.to_string().contains("10,000"), "{error}");
}

#[test]
fn too_many_subschemas_are_rejected() {
    let error = Schema::new(json!({"anyOf": vec![json!({}); 100_001]})).unwrap_err();
    assert!(error.to_string().contains("100,000"), "{error}");
}

#[test]
fn regular_expressions_share_a_memory_limit() {
    let pattern = |index| (format!("p{index}"), json!({"pattern": format!(r"\w{{1000}}{index}")}));
    let few = json!({"properties": (0..2).map(pattern).collect::<Map<_, _>>()});
    assert!(Schema::new(few).is_ok());
    let many = json!({"properties": (0..3_000).map(pattern).collect::<Map<_, _>>()});
    assert!(Schema::new(many).is_err());
}

/// The validator recurses. The test overflows the stack if the limit of the recursion is too high.
#[test]
fn the_deepest_recursion_fits_the_stack() {
    let recursive = |wrap: fn(Value) -> Value, levels: usize| {
        let mut schema = (0..levels).fold(json!({"items": {"$ref": "#"}}), |inner, _| wrap(inner));
        schema["type"] = json!("array");
        Schema::new(schema).unwrap()
    };
    let all_of = recursive(|inner| json!({"allOf": [inner]}), 13);
    let any_of = recursive(|inner| json!({"anyOf": [inner, {"type": "null"}]}), 13);
    for schema in [all_of, any_of] {
        assert!(!schema.violations(&nested(123, json!(1))).is_empty());
        assert_eq!(codes(&schema, &nested(127, json!(1))), [Code::SchemaViolation]);
    }
}

#[test]
fn defaults_of_present_properties_take_steps() {
    let both =
        |next: Value| json!({"properties": {"x": {"allOf": [next.clone(), {"allOf": [next]}]}}});
    // Each level reads the next level's properties in several ways.
    let wide = |next: Value| {
        let members: Vec<Value> = (0..40).map(|_| both(next.clone())).collect();
        json!({"allOf": members})
    };
    let schema = Schema::new(chain(8, json!({"properties": {"y": {"default": 1}}}), wide)).unwrap();
    let document = (0..9).fold(json!({}), |inner, _| json!({"x": inner}));
    let error = schema.apply(document).unwrap_err();
    assert!(error.has(Code::SchemaLimit), "{error}");
}

#[test]
fn a_match_that_takes_too_many_attempts_is_a_limit() {
    let schema =
        Schema::new(json!({"properties": {"a": {"pattern": "^(?:(a|aa)(?=a|$))+b$"}}})).unwrap();
    let issues = schema.violations(&json!({"a": "a".repeat(40)}));
    assert_eq!(issues.len(), 1);
    assert_eq!((issues[0].code, issues[0].path.as_str()), (Code::SchemaLimit, "/a"));
    assert!(schema.is_valid(&json!({"b": 1})));
}

#[test]
fn an_unfinished_match_beside_an_exhausted_budget_lists_what_is_certain() {
    let hostile = json!({"pattern": "^(?:(a|aa)(?=a|$))+b$"});
    let schema = Schema::new(json!({
        "required": ["absent"],
        "properties": {"list": {"items": {"type": "string"}}, "text": hostile},
    }))
    .unwrap();
    let document = json!({"list": vec![1; 100_000], "text": "a".repeat(40)});
    let issues = schema.violations(&document);
    assert!(issues.iter().any(|issue| issue.code == Code::SchemaLimit), "{}", issues.len());
}
