//! Properties of checks for random values: both sizes equal simple implementations, all walkers return the same report,
//! and the scanner accepts the same texts as `serde_json`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed assumption should fail the test"
)]

#[path = "support/seed.rs"]
mod seed;

use cognigy_context::__bindings::{
    BODY_PLACEHOLDER, check_json_with_sentinels, write_json_reusing_text,
};
use cognigy_context::{
    CheckOptions, Code, Policy, Preset, Report, check, check_json, measure, measure_json,
};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Generates text with escapes, wide characters and plain runs of many lengths.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z_.-]{0,12}",
        2 => "[ -~]{0,40}",
        2 => proptest::collection::vec(
            prop_oneof![
                Just('"'), Just('\\'), Just('\n'), Just('\u{1}'), Just('\u{1f}'), Just('\u{7f}'),
                Just('ü'), Just('€'), Just('\u{ffff}'), Just('😀'), Just('x'), any::<char>(),
            ],
            0..24,
        )
        .prop_map(|chars| chars.into_iter().collect()),
    ]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1000..1000i64).prop_map(Value::from),
        ((1i64 << 53) - 3..(1 << 53) + 3).prop_map(Value::from),
        proptest::num::f64::NORMAL.prop_map(Value::from),
        (-1000..1000i32).prop_map(|n| Value::from(f64::from(n) / 8.0)),
    ]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number(),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            proptest::collection::vec((text(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn context() -> impl Strategy<Value = Value> {
    proptest::collection::vec((text(), json()), 0..6)
        .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()))
}

/// Returns the platform bytes of a value by the platform's rule in its simplest form.
fn naive_platform_bytes(value: &Value) -> u64 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 4,
        Value::Number(_) => 8,
        Value::String(text) => 2 * text.encode_utf16().count() as u64,
        Value::Array(items) => items.iter().map(naive_platform_bytes).sum(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| 2 * key.encode_utf16().count() as u64 + naive_platform_bytes(value))
            .sum(),
    }
}

fn naive_depth(value: &Value) -> u32 {
    match value {
        Value::Array(items) => 1 + items.iter().map(naive_depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(naive_depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn policies() -> impl Strategy<Value = &'static Policy> {
    proptest::sample::select(Preset::ALL).prop_map(Preset::policy)
}

/// Adds white space and escapes to compact JSON text without changing its value. `choices` select them.
fn reformat(compact: &str, choices: &[u8]) -> String {
    let mut out = String::new();
    let mut in_string = false;
    // The number of characters left in an escape. Directly after the backslash it is not known yet.
    const AFTER_BACKSLASH: u32 = u32::MAX;
    let mut escape = 0;
    for (index, c) in compact.chars().enumerate() {
        let choice = choices.get(index % choices.len().max(1)).copied().unwrap_or(0);
        if escape > 0 {
            escape = match (escape, c) {
                (AFTER_BACKSLASH, 'u') => 4,
                (AFTER_BACKSLASH, _) => 0,
                (left, _) => left - 1,
            };
            out.push(c);
        } else if in_string {
            if c != '"' && c != '\\' && choice % 7 == 0 {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04X}"));
                }
            } else {
                out.push(c);
            }
            escape = if c == '\\' { AFTER_BACKSLASH } else { 0 };
            in_string = c != '"';
        } else {
            let space = [" ", "\n", "\t", "\r", ""][usize::from(choice) % 5];
            if "{}[]:,".contains(c) {
                out.push_str(space);
                out.push(c);
                out.push_str(space);
            } else {
                out.push(c);
            }
            in_string = c == '"';
        }
    }
    out
}

proptest! {
    #![proptest_config(seed::cases(10_000))]

    #[test]
    fn sizes_equal_simple_implementations(value in json()) {
        let sizes = measure(&value).unwrap();
        prop_assert_eq!(sizes.platform_bytes, naive_platform_bytes(&value));
        prop_assert_eq!(sizes.json_bytes, serde_json::to_string(&value).unwrap().len() as u64);
        let depth = match &value {
            Value::Object(map) => map.values().map(naive_depth).max().unwrap_or(0),
            other => naive_depth(other),
        };
        prop_assert_eq!(sizes.depth, depth);
    }
}

proptest! {
    #![proptest_config(seed::cases(3_000))]

    #[test]
    fn all_walkers_return_the_same_report(value in context(), policy in policies(), choices in any::<Vec<u8>>()) {
        let by_value = check(&value, policy);
        let compact = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(&by_value, &check_json(&compact, policy));
        prop_assert_eq!(&by_value, &check_json(reformat(&compact, &choices), policy));
        prop_assert_eq!(&by_value, &check_json_with_sentinels(&CheckOptions::new(policy), &compact));
    }

    #[test]
    fn written_json_equals_serde_json(value in context(), choices in any::<Vec<u8>>()) {
        let policy = Policy { max_payload_bytes: None, unsafe_integers: cognigy_context::Severity::Warning,
            ..Policy::injection().clone() };
        let policy = Policy { names: cognigy_context::policy::NameRule::Any, ..policy };
        let expected = serde_json::to_string(&value).unwrap();
        let check = CheckOptions::new(&policy);
        let written = check.value_to_json(&value).unwrap();
        prop_assert_eq!(std::str::from_utf8(&written.body).unwrap(), &expected);
        let written = check.json_to_json(reformat(&expected, &choices)).unwrap();
        prop_assert_eq!(std::str::from_utf8(&written.body).unwrap(), &expected);
        prop_assert_eq!(written.report.sizes.json_bytes, expected.len() as u64);
    }

    #[test]
    fn body_that_reuses_text_equals_the_written_body(
        mut value in context(),
        internal in proptest::option::of(json()),
        policy in policies(),
    ) {
        if let (Value::Object(members), Some(internal)) = (&mut value, internal) {
            members.insert("__cache".to_owned(), internal);
        }
        let text = value.to_string();
        let check = CheckOptions::new(policy).body("{\"userId\":\"u\",\"context\":", "}");
        let written = check.json_to_json(&text);
        let reused = write_json_reusing_text(&check, &text);
        match (written, reused) {
            (Ok(written), Ok(reused)) => {
                let body = String::from_utf8(reused.body).unwrap();
                prop_assert_eq!(body.replace(BODY_PLACEHOLDER, &text), String::from_utf8(written.body).unwrap());
                prop_assert_eq!(reused.report, written.report);
            }
            (Err(written), Err(reused)) => prop_assert_eq!(reused.report(), written.report()),
            (written, reused) => prop_assert!(false, "{:?} but {:?}", written, reused),
        }
    }

    /// Changes, removes and inserts bytes of valid text, or cuts the text off.
    #[test]
    fn scanner_accepts_what_serde_json_accepts(
        value in json(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 0..4),
        inserted in "[\\[\\]{}:,\"\\\\0-9eE+.truefalsn \\-u]{1,4}",
    ) {
        let mut text = serde_json::to_vec(&value).unwrap();
        for (index, byte, kind) in edits {
            let position = index.index(text.len() + 1);
            match kind {
                0 if position < text.len() => text[position] = byte,
                1 if position < text.len() => drop(text.remove(position)),
                2 => text.insert(position, inserted.as_bytes()[usize::from(byte) % inserted.len()]),
                _ => text.truncate(position),
            }
        }
        compare_with_serde_json(&text)?;
    }

    #[test]
    fn scanner_agrees_with_serde_json_on_any_bytes(bytes in any::<Vec<u8>>()) {
        compare_with_serde_json(&bytes)?;
    }

    #[test]
    fn scanner_agrees_with_serde_json_on_json_characters(text in "[\\[\\]{}:,\"\\\\0-9eE+.a-f \\-u\n]{0,40}") {
        compare_with_serde_json(text.as_bytes())?;
    }
}

/// Checks that the scanner reports `invalid_json` only for texts that `serde_json` rejects. For halves of surrogate
/// pairs and numbers out of range, which `serde_json` rejects too, the scanner has separate codes.
fn compare_with_serde_json(text: &[u8]) -> Result<(), TestCaseError> {
    let theirs = serde_json::from_slice::<Value>(text);
    let ours = measure_json(text);
    let codes: Vec<Code> = match &ours {
        Ok(_) => Vec::new(),
        Err(error) => error.report().issues.iter().map(|issue| issue.code).collect(),
    };
    let is_json = !codes.contains(&Code::InvalidJson);
    match &theirs {
        Ok(value) => {
            prop_assert!(is_json, "rejected: {:?}", String::from_utf8_lossy(text));
            if let Ok(sizes) = ours {
                prop_assert_eq!(sizes.platform_bytes, naive_platform_bytes(value));
            }
        }
        Err(_)
            if codes.contains(&Code::LoneSurrogate) || codes.contains(&Code::NonFiniteNumber) => {}
        Err(error) => {
            prop_assert!(!is_json, "accepted: {:?}: {error}", String::from_utf8_lossy(text));
        }
    }
    Ok(())
}

#[test]
fn report_serialises_to_the_form_that_bindings_read() {
    let report: Report = check_json(r#"{"a-b": 1}"#, Policy::platform());
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["ok"], true);
    assert_eq!(json["issues"][0]["code"], "unreadable_key");
    assert_eq!(json["sizes"]["json_bytes"], 9);
    assert_eq!(json["omitted"], 0);
}

/// Each issue below a long key contains the key in its path. The total size of the issues is bounded, and the time stays
/// linear in the input.
#[test]
fn issues_beyond_the_budget_are_only_counted() {
    let key = "k".repeat(200_000);
    let numbers = vec!["9007199254740993"; 20_000].join(",");
    let report = check_json(format!(r#"{{"{key}":[{numbers}]}}"#), Policy::platform());
    assert!(!report.ok());
    let kept_bytes: usize = report.issues.iter().map(|issue| issue.path.len()).sum();
    assert!(kept_bytes <= Report::ISSUE_BUDGET);
    let unsafe_integers =
        report.issues.iter().filter(|issue| issue.code == Code::UnsafeInteger).count() as u64;
    assert!(report.omitted > 0 && unsafe_integers + report.omitted >= 20_000);
}

#[test]
fn a_value_nested_too_deeply_is_one_omitted_issue() {
    let key = "k".repeat(200_000);
    let numbers = vec!["9007199254740993"; 200].join(",");
    let deep = format!("{}1{}", "[".repeat(129), "]".repeat(129));
    let policy = Policy { max_name_length: None, ..Policy::state().clone() };
    let report = check_json(format!(r#"{{"{key}":[{numbers}],"deep":{deep}}}"#), &policy);
    assert!(report.omitted > 0 && !report.ok());
    // 200 warnings about the integers and one error about the nesting, but no warning about the nesting.
    assert_eq!(report.issues.len() as u64 + report.omitted, 201);
}
