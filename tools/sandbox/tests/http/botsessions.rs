use crate::support::{Tenant, detail_paths, json, problem};
use cognigy_context_sandbox::Options;
use reqwest::Method;
use serde_json::{Value, json};

const VARIABLES: &str = "/api/v2/botsessions/s/variables";

/// Starts a tenant with a page size of 2 and the seeded variables of the session `s`.
fn with_variables(variables: Value) -> Tenant {
    let tenant = Tenant::with_options(Options { page_size: 2, ..Options::default() });
    tenant.sandbox.seed_variables("s", variables).unwrap();
    tenant
}

fn variable(name: &str, value: &str, scope: &str) -> Value {
    json!({"name": name, "value": value, "scope": scope})
}

async fn list(tenant: &Tenant, query: &str) -> Value {
    json(tenant.get(&format!("{VARIABLES}{query}")).await).await
}

fn names(page: &Value) -> Vec<&str> {
    page["variables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variable| variable["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn seeded_variables_are_returned_unchanged() {
    let seeded = json!([
        {"name": "a", "value": "007", "scope": "session", "type": "string", "more": [1]},
        {"name": 5, "value": null, "scope": "nowhere", "type": null},
    ]);
    let tenant = with_variables(seeded.clone());
    assert_eq!(list(&tenant, "").await, json!({"variables": seeded, "pagination": null}));
    assert_eq!(tenant.sandbox.session("s").unwrap()["botVariables"], seeded);
}

#[tokio::test]
async fn variables_are_found_by_name_and_scope() {
    let tenant = with_variables(json!([
        variable("a", "1", "session"),
        variable("a", "2", "user"),
        variable("b c", "3", "user"),
    ]));
    for (query, values) in [
        ("?name=a", vec!["1", "2"]),
        ("?scope=user", vec!["2", "3"]),
        ("?name=a&scope=user", vec!["2"]),
        ("?name=b%20c&scope=user", vec!["3"]),
        ("?name=A", vec![]),
        ("?name=", vec![]),
        ("?more=1&name=a&scope=session", vec!["1"]),
    ] {
        let page = list(&tenant, query).await;
        let found: Vec<_> = page["variables"]
            .as_array()
            .unwrap()
            .iter()
            .map(|variable| &variable["value"])
            .collect();
        assert_eq!(found, values, "{query}");
    }
}

#[tokio::test]
async fn system_variables_are_included_only_on_request() {
    let tenant = with_variables(json!([variable("_s", "1", "bot"), variable("a_", "2", "bot")]));
    assert_eq!(names(&list(&tenant, "").await), ["a_"]);
    assert_eq!(names(&list(&tenant, "?includeSystem=false").await), ["a_"]);
    assert_eq!(names(&list(&tenant, "?includeSystem=true").await), ["_s", "a_"]);
    assert!(names(&list(&tenant, "?name=_s").await).is_empty());
    assert_eq!(names(&list(&tenant, "?name=_s&includeSystem=true").await), ["_s"]);
    let wrong = problem(tenant.get(&format!("{VARIABLES}?includeSystem=1")).await, 400, 1005).await;
    assert_eq!(detail_paths(&wrong), ["includeSystem"]);
}

#[tokio::test]
async fn pages_are_read_with_cursors() {
    let all: Vec<Value> = (0..5).map(|at| variable(&format!("v{at}"), "x", "session")).collect();
    let tenant = with_variables(json!(all));
    let mut found = Vec::new();
    let mut query = String::new();
    for has_next_page in [true, true, false] {
        let page = list(&tenant, &query).await;
        found.extend(names(&page).into_iter().map(str::to_owned));
        assert_eq!(page["pagination"]["total"], 5);
        match page["pagination"]["nextCursor"].as_str() {
            Some(cursor) if has_next_page => query = format!("?next={cursor}"),
            cursor => assert!(!has_next_page && cursor.is_none()),
        }
    }
    assert_eq!(found, ["v0", "v1", "v2", "v3", "v4"]);
}

#[tokio::test]
async fn pagination_is_null_if_one_page_contains_all_variables() {
    let tenant = with_variables(json!([variable("a", "1", "bot"), variable("b", "2", "bot")]));
    assert_eq!(list(&tenant, "").await["pagination"], json!(null));
    tenant.patch("/_sandbox/config", json!({"pageSize": 1})).await;
    assert!(list(&tenant, "").await["pagination"]["nextCursor"].is_string());
}

#[tokio::test]
async fn a_cursor_is_valid_only_for_its_own_session_and_query() {
    let all: Vec<Value> = (0..5).map(|at| variable(&format!("v{at}"), "x", "session")).collect();
    let tenant = with_variables(json!(all));
    tenant.sandbox.seed_variables("t", json!(all)).unwrap();
    let page = list(&tenant, "?scope=session").await;
    let cursor = page["pagination"]["nextCursor"].as_str().unwrap();
    let next = list(&tenant, &format!("?scope=session&next={cursor}")).await;
    assert_eq!(names(&next), ["v2", "v3"]);

    for path in [
        format!("{VARIABLES}?next={cursor}"),
        format!("{VARIABLES}?scope=session&includeSystem=true&next={cursor}"),
        format!("/api/v2/botsessions/t/variables?scope=session&next={cursor}"),
        format!("{VARIABLES}?scope=session&next={cursor}0"),
        format!("{VARIABLES}?next=2"),
        format!("{VARIABLES}?next="),
        format!("{VARIABLES}?next=%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80"),
    ] {
        let wrong = problem(tenant.get(&path).await, 400, 1005).await;
        assert_eq!(detail_paths(&wrong), ["next"], "{path}");
    }
}

#[tokio::test]
async fn injected_variables_are_listed_as_text_after_seeded_ones() {
    let tenant = with_variables(json!([variable("a", "seeded", "bot")]));
    tenant.patch("/_sandbox/config", json!({"pageSize": 10})).await;
    let injected = json!({
        "variables": [
            {"key": "text", "value": "42", "scope": "user", "expiresAt": null},
            {"key": "number", "value": 42.0, "scope": "session", "expiresAt": null},
            {"key": "object", "value": {"a": [true, null]}, "scope": "global", "expiresAt": null},
        ],
        "mergeStrategy": "atomic_put",
    });
    assert_eq!(tenant.put("/api/v2/sessions/s/context", injected).await.status(), 200);
    assert_eq!(
        list(&tenant, "").await["variables"],
        json!([
            variable("a", "seeded", "bot"),
            variable("text", "42", "user"),
            variable("number", "42", "session"),
            variable("object", r#"{"a":[true,null]}"#, "global"),
        ])
    );
    assert_eq!(names(&list(&tenant, "?scope=global").await), ["object"]);
}

#[tokio::test]
async fn a_session_that_was_not_seeded_is_404() {
    let tenant = Tenant::start();
    problem(tenant.get(VARIABLES).await, 404, 1002).await;
    tenant.sandbox.seed_session("s", json!({})).unwrap();
    assert_eq!(list(&tenant, "").await, json!({"variables": [], "pagination": null}));
}

#[tokio::test]
async fn a_get_with_a_body_is_403() {
    let tenant = with_variables(json!([]));
    let request = tenant.request(Method::GET, VARIABLES).body("{}");
    problem(request.send().await.unwrap(), 403, 403).await;
}

#[tokio::test]
async fn seeding_variables_over_http_keeps_the_document_and_rejects_non_objects() {
    let tenant = Tenant::start();
    tenant.sandbox.seed_session("s", json!({"document": {"kept": true}})).unwrap();
    let seed = json!({"variables": [variable("a", "1", "bot")]});
    let response = tenant.put("/_sandbox/botsessions/s", seed.clone()).await;
    let described = json(response).await;
    assert_eq!(described["botVariables"], seed["variables"]);
    assert_eq!(described["document"], json!({"kept": true}));

    let wrong = tenant.put("/_sandbox/botsessions/s", json!({"variables": [1, {}]})).await;
    assert_eq!(detail_paths(&problem(wrong, 400, 1005).await), ["variables.0"]);
}
