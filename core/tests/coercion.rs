//! Properties of coercion, resolution and merging for random input.

#![allow(clippy::unwrap_used, reason = "a failed assumption should fail the test")]

#[path = "support/seed.rs"]
mod seed;

use cognigy_context::__bindings::{Coerced, coerce_text};
use cognigy_context::coerce::Mode;
use cognigy_context::{deep_merge, scope};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Generates text that often resembles a typed value.
fn value_like_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[-+0-9eE._ ]{0,24}",
        "(true|false|TRUE|nUll|null|NaN|Infinity|0|-0|00)",
        any::<f64>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        "[\\[\\]{}:,\"0-9a-z \\\\]{0,24}",
        json().prop_map(|value| value.to_string()),
        json().prop_map(|value| format!(" {value:#}\n")),
    ]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-64i32..64).prop_map(|n| Value::from(f64::from(n) / 4.0)),
        "[a-zü\"\\\\ ]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map("[a-c]{1,2}", inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Generates an object of numbers, `null` and nested objects.
fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![any::<u8>().prop_map(Value::from), Just(Value::Null)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        proptest::collection::btree_map("[a-c]", inner, 0..4)
            .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()))
    })
    .prop_map(|value| if value.is_object() { value } else { Value::Object(Map::new()) })
}

fn merged(base: &Value, update: &Value) -> Value {
    let mut merged = base.clone();
    deep_merge(&mut merged, update.clone());
    merged
}

/// Returns whether no path is an object in one value and something else in the other.
fn have_same_kinds(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => a
            .iter()
            .all(|(key, value)| b.get(key).is_none_or(|other| have_same_kinds(value, other))),
        (a, b) => a.is_object() == b.is_object(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..seed::cases(5_000) })]

    #[test]
    fn lossless_values_can_be_written_back_as_the_text(text in value_like_text()) {
        match coerce_text(&text, Mode::Lossless, None).unwrap() {
            Coerced::Text(unchanged) if unchanged == text => {}
            // A quoted string, without its quotes.
            Coerced::Text(unquoted) => {
                prop_assert_eq!(serde_json::from_str::<String>(&text).unwrap(), unquoted.as_ref());
            }
            Coerced::Null => prop_assert_eq!(text.trim(), "null"),
            Coerced::Boolean(value) => prop_assert_eq!(text.to_lowercase(), value.to_string()),
            Coerced::Integer(digits) => {
                let value: i64 = digits.parse().unwrap();
                prop_assert!(value.unsigned_abs() < 1 << 53);
                prop_assert_eq!(value.to_string(), text);
            }
            // Rust and ECMAScript write the same digits, but start to use an exponent at different sizes.
            Coerced::Float(value) => {
                prop_assert_eq!(text.parse::<f64>().unwrap(), value);
                if (1e-5..1e15).contains(&value.abs()) {
                    prop_assert_eq!(value.to_string(), text);
                }
            }
            Coerced::Json { text: inner, .. } => {
                prop_assert_eq!(inner, text.trim_matches([' ', '\n', '\t', '\r']));
                let value: Value = serde_json::from_str(inner).unwrap();
                let without_space = |text: &str| text.replace([' ', '\n', '\t', '\r'], "");
                if !inner.contains('\\') {
                    prop_assert_eq!(without_space(&value.to_string()), without_space(inner));
                }
            }
        }
    }

    #[test]
    fn compat_coercion_never_fails(text in value_like_text()) {
        let coerced = coerce_text(&text, Mode::Compat, None).unwrap();
        if let Coerced::Float(value) = coerced {
            prop_assert!(value.is_finite());
        }
    }

    #[test]
    fn merging_an_empty_object_or_itself_changes_nothing(document in document()) {
        let empty = Value::Object(Map::new());
        prop_assert_eq!(&merged(&document, &empty), &document);
        prop_assert_eq!(&merged(&empty, &document), &document);
        prop_assert_eq!(&merged(&document, &document), &document);
    }

    #[test]
    fn merging_takes_the_values_of_the_update(base in document(), update in document()) {
        let merged = merged(&base, &update);
        for (key, value) in update.as_object().unwrap() {
            if !(value.is_object() && base.get(key).is_some_and(Value::is_object)) {
                prop_assert_eq!(&merged[key], value);
            }
        }
        for (key, value) in base.as_object().unwrap() {
            if update.get(key).is_none() {
                prop_assert_eq!(&merged[key], value);
            }
        }
    }

    #[test]
    fn merging_is_associative_where_no_path_changes_kind(a in document(), b in document(), c in document()) {
        prop_assume!(have_same_kinds(&a, &b) && have_same_kinds(&b, &c) && have_same_kinds(&a, &c));
        prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
    }

    #[test]
    fn resolution_depends_on_the_order_only_for_equal_scopes(
        variables in proptest::collection::vec(
            ("[a-c]", proptest::sample::select(vec!["global", "bot", "session", "user", "tenant"])), 0..12),
        seed in any::<u64>(),
    ) {
        let mut shuffled: Vec<_> = variables.iter().enumerate().collect();
        shuffled.sort_by_key(|(index, _)| (*index as u64 ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let resolved_scopes = |list: &[(String, &str)]| -> std::collections::BTreeMap<String, u8> {
            scope::resolve(list.iter().map(|(name, scope)| (name.as_str(), *scope)))
                .resolved
                .into_iter()
                .filter_map(|index| list.get(index))
                .map(|(name, scope)| (name.clone(), scope::precedence(scope)))
                .collect()
        };
        let list: Vec<(String, &str)> = variables.clone();
        let other: Vec<(String, &str)> = shuffled.into_iter().map(|(_, v)| v.clone()).collect();
        prop_assert_eq!(resolved_scopes(&list), resolved_scopes(&other));
        let resolution = scope::resolve(list.iter().map(|(name, scope)| (name.as_str(), *scope)));
        prop_assert_eq!(resolution.resolved.len() + resolution.shadowed.len(), list.len());
    }
}
