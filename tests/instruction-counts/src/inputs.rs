//! The inputs of the paths: data of the types that CRMs and flows have.

use serde_json::{Map, Value, json};

/// Generates a context of about 60 kB, with non-ASCII and escaped text.
pub(crate) fn context() -> Value {
    let note = |index: usize| match index {
        _ if index.is_multiple_of(11) => "wichtig: „später“ liefern",
        _ if index.is_multiple_of(13) => "two lines:\n\t\"quoted\"",
        _ => "ship with the next order",
    };
    let order = |index: usize| {
        json!({
            "id": format!("A-{index:05}"),
            "total": index as f64 * 1.25,
            "items": index % 7,
            "open": index.is_multiple_of(3),
            "note": note(index),
        })
    };
    Value::Object((0..560).map(|index| (format!("order_{index}"), order(index))).collect())
}

/// Generates variables with values of all JSON types except `null`.
pub(crate) fn variables(count: usize) -> Map<String, Value> {
    let values = [
        json!("gold, since the spring"),
        json!(42),
        json!(129.5),
        json!(true),
        json!(["crm", 7]),
        json!({"id": "A-1001", "open": true}),
    ];
    let values = values.iter().cycle().take(count);
    values.enumerate().map(|(index, value)| (format!("variable_{index}"), value.clone())).collect()
}

/// Generates names of several scripts and lengths.
pub(crate) fn names() -> Value {
    let stems = ["tier", "last_order_of_the_customer", "größe", "имя", "名前", "x"];
    let stems = stems.iter().cycle().take(600);
    Value::Object(
        stems.enumerate().map(|(index, stem)| (format!("{stem}_{index}"), json!(1))).collect(),
    )
}

/// Values as flows store them: as text.
pub(crate) const TEXTS: [&str; 14] = [
    "gold since spring",
    "42",
    "-129.5",
    "1.50",
    "007",
    "true",
    "FALSE",
    "+49 170 000000",
    "1e300",
    "0.1",
    "9007199254740993",
    r#"{"id":"A-1001","open":true,"lines":[1,2.5,"x"]}"#,
    "[not json",
    "2026-01-31T12:00:00Z",
];

/// Generates a response with 1,000 variables. Every eighth variable repeats the name of the previous one in another
/// scope, so there are 875 names.
pub(crate) fn response() -> Vec<u8> {
    let texts = TEXTS.iter().cycle().take(1_000);
    let scopes = ["session", "bot", "user", "global"].iter().cycle();
    let variables: Vec<Value> = texts
        .zip(scopes)
        .enumerate()
        .map(|(index, (text, scope))| {
            let number = if index % 8 == 7 { index - 1 } else { index };
            json!({"name": format!("variable_{number}"), "value": text, "scope": scope, "type": null})
        })
        .collect();
    json!({ "variables": variables }).to_string().into_bytes()
}

/// Generates a context document of about 5.1 kB.
pub(crate) fn document() -> Value {
    let preferences = (0..40).map(|index| (format!("preference_{index}"), json!("as it was")));
    let order = |index: usize| {
        json!({
            "order": format!("O-{index:05}"),
            "total": index as f64 + 0.5,
            "open": index.is_multiple_of(2),
            "items": ["shoes", "socks"],
        })
    };
    json!({
        "user_profile": {
            "id": "A-1001",
            "tier": "gold",
            "email": "customer@example.org",
            "preferences": Map::from_iter(preferences),
        },
        "session": {"channel": "web", "turns": 0, "last_intent": "greeting"},
        "orders": (0..54).map(order).collect::<Vec<_>>(),
    })
}
