use crate::support::{Tenant, detail_paths, etag, json, problem};
use cognigy_context_sandbox::Options;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const SESSION: &str = "/api/v2/sessions/s";
const CONTEXT: &str = "/api/v2/sessions/s/context";

/// Starts a tenant with the empty session `s`.
fn with_session(options: Options) -> Tenant {
    let tenant = Tenant::with_options(options);
    tenant.sandbox.seed_session("s", json!({})).unwrap();
    tenant
}

fn injection_body(variables: Value) -> Value {
    json!({"variables": variables, "mergeStrategy": "atomic_put"})
}

fn variable(key: &str, value: Value, scope: &str) -> Value {
    json!({"key": key, "value": value, "scope": scope, "expiresAt": null})
}

async fn inject(tenant: &Tenant, variables: Value) -> Response {
    tenant.put(CONTEXT, injection_body(variables)).await
}

async fn read(tenant: &Tenant) -> Value {
    json(tenant.get(CONTEXT).await).await["variables"].clone()
}

#[tokio::test]
async fn a_session_that_was_not_seeded_is_404() {
    let tenant = with_session(Options::default());
    let response_body = json(tenant.get(SESSION).await).await;
    assert_eq!(response_body["sessionId"], "s");
    assert!(response_body["createdAt"].as_str().unwrap().ends_with('Z'));

    problem(tenant.get("/api/v2/sessions/other").await, 404, 1002).await;
    problem(tenant.get("/api/v2/sessions/other/context").await, 404, 1002).await;
    problem(
        tenant.put("/api/v2/sessions/other/context", injection_body(json!([]))).await,
        404,
        1002,
    )
    .await;
}

#[tokio::test]
async fn injecting_merges_key_by_key_within_a_scope() {
    let tenant = with_session(Options::default());
    let first =
        json!(
            [variable("a", json!({"x": 1}), "session"), variable("b", json!("kept"), "session"),]
        );
    assert_eq!(inject(&tenant, first).await.status(), 200);
    let response = inject(&tenant, json!([variable("a", json!({"y": 2}), "session")])).await;
    let etag_of_put = etag(&response);
    let response_body = json(response).await;
    assert_eq!(response_body["sessionId"], "s");
    assert_eq!(response_body["variables"], json!({"a": {"y": 2}, "b": "kept"}));
    assert!(response_body["updatedAt"].is_string());

    let response = tenant.get(CONTEXT).await;
    assert_eq!(etag(&response), etag_of_put);
    assert_eq!(json(response).await, json!({"variables": {"a": {"y": 2}, "b": "kept"}}));
}

#[tokio::test]
async fn the_scope_with_the_highest_precedence_is_used() {
    let tenant = with_session(Options::default());
    let all = json!([
        variable("k", json!("user's"), "user"),
        variable("k", json!("session's"), "session"),
        variable("k", json!("global's"), "global"),
        variable("l", json!("global's"), "global"),
        variable("l", json!(null), "session"),
    ]);
    let response_body = json(inject(&tenant, all).await).await;
    assert_eq!(response_body["variables"], json!({"k": "user's", "l": null}));
    let session = tenant.sandbox.session("s").unwrap();
    let scopes: Vec<_> =
        session["variables"].as_array().unwrap().iter().map(|stored| &stored["scope"]).collect();
    assert_eq!(scopes, ["global", "session", "user", "global", "session"]);
}

#[tokio::test]
async fn a_variable_with_a_past_expiry_is_not_stored() {
    let tenant = with_session(Options::default());
    let mut past = variable("past", json!(1), "session");
    past["expiresAt"] = json!("2020-01-01T00:00:00+02:00");
    let mut future = variable("future", json!(1), "session");
    future["expiresAt"] = json!("9999-01-01T00:00:00.5Z");
    inject(&tenant, json!([past, future])).await;
    assert_eq!(read(&tenant).await, json!({"future": 1}));
}

#[tokio::test]
async fn an_expired_variable_is_removed() {
    let tenant = with_session(Options::default());
    let soon = OffsetDateTime::now_utc() + Duration::from_millis(300);
    let mut expiring = variable("expiring", json!(1), "session");
    expiring["expiresAt"] = json!(soon.format(&Rfc3339).unwrap());
    let lasting = variable("lasting", json!(1), "session");
    assert_eq!(inject(&tenant, json!([expiring, lasting])).await.status(), 200);
    let removal = async {
        while read(&tenant).await != json!({"lasting": 1}) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), removal).await.unwrap();
}

#[tokio::test]
async fn all_errors_of_an_injection_are_reported_at_once() {
    let tenant = with_session(Options::default());
    let long = "x".repeat(129);
    let wrong = json!({
        "variables": [
            variable("good", json!(1), "session"),
            variable("a.b", json!(1), "session"),
            variable("_-", json!(1), "session"),
            variable("", json!(1), "session"),
            variable(&long, json!(1), "session"),
            variable("scope", json!(1), "bot"),
            {"key": "time", "value": 1, "scope": "user", "expiresAt": "tomorrow"},
            {"key": "time-of-day", "value": 1, "scope": "user", "expiresAt": 5},
            {"scope": "user", "expiresAt": null},
            "secret",
            variable("good", json!(2), "session"),
            variable("good", json!(2), "user"),
            {"key": 5, "value": 1, "scope": null},
        ],
        "mergeStrategy": "secret",
    });
    let problem = problem(tenant.put(CONTEXT, wrong).await, 400, 1005).await;
    let mut found = detail_paths(&problem);
    found.sort_unstable();
    let mut expected = [
        "mergeStrategy",
        "variables.1.key",
        "variables.2.key",
        "variables.3.key",
        "variables.4.key",
        "variables.5.scope",
        "variables.6.expiresAt",
        "variables.7.expiresAt",
        "variables.8.key",
        "variables.8.value",
        "variables.9",
        "variables.10",
        "variables.12.key",
        "variables.12.scope",
    ];
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert!(!problem.to_string().contains("secret"));
    assert_eq!(read(&tenant).await, json!({}));
}

#[tokio::test]
async fn variables_and_merge_strategy_are_required() {
    let tenant = with_session(Options::default());
    let missing = problem(tenant.put(CONTEXT, json!({})).await, 400, 1005).await;
    assert_eq!(detail_paths(&missing), ["variables", "mergeStrategy"]);
    let wrong = json!({"variables": {}, "mergeStrategy": 1});
    let wrong = problem(tenant.put(CONTEXT, wrong).await, 400, 1005).await;
    assert_eq!(detail_paths(&wrong), ["variables", "mergeStrategy"]);
    assert_eq!(tenant.put(CONTEXT, injection_body(json!([]))).await.status(), 200);
    // Unknown fields are ignored, and `expiresAt` is optional.
    let more = json!([{"key": "a", "value": 1, "scope": "user", "more": true}]);
    assert_eq!(inject(&tenant, more).await.status(), 200);
}

#[tokio::test]
async fn a_name_has_letters_digits_underscores_and_hyphens() {
    let tenant = with_session(Options::default());
    let longest = "é".repeat(128);
    for valid in ["a", "7", "user-tier", "_x", "Größe", "名前", longest.as_str()] {
        let response = inject(&tenant, json!([variable(valid, json!(1), "session")])).await;
        assert_eq!(response.status(), 200, "{valid}");
    }
    for invalid in ["a b", "a/b", "😀", "-", "a\u{301}"] {
        let response = inject(&tenant, json!([variable(invalid, json!(1), "session")])).await;
        problem(response, 400, 1005).await;
    }
}

#[tokio::test]
async fn variables_of_262_144_bytes_are_accepted_and_one_more_is_413() {
    let tenant = with_session(Options::default());
    let of_length = |length: usize| {
        let frame = serde_json::to_string(&json!([variable("k", json!(""), "user")])).unwrap();
        injection_body(json!([variable("k", json!("x".repeat(length - frame.len())), "user")]))
    };
    assert_eq!(tenant.put(CONTEXT, of_length(262_144)).await.status(), 200);
    problem(tenant.put(CONTEXT, of_length(262_145)).await, 413, 413).await;
    // White space is not counted.
    let spaced = serde_json::to_string_pretty(&of_length(262_144)).unwrap();
    let response = tenant.request(Method::PUT, CONTEXT).body(spaced).send().await.unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn an_injection_with_an_old_etag_has_no_effect_and_the_configured_conflict_status() {
    let tenant = with_session(Options::default());
    let old = etag(&tenant.get(CONTEXT).await);
    let mine = injection_body(json!([variable("mine", json!(1), "session")]));
    let first = tenant.send_if_match(&old, Method::PUT, CONTEXT, mine.clone()).await;
    assert_eq!(first.status(), 200);
    let new = etag(&first);
    problem(
        tenant.send_if_match(&old, Method::PUT, CONTEXT, injection_body(json!([]))).await,
        409,
        1004,
    )
    .await;
    let other = injection_body(json!([variable("other", json!(1), "session")]));
    problem(tenant.send_if_match(&old, Method::PUT, CONTEXT, other.clone()).await, 409, 1004).await;
    assert_eq!(read(&tenant).await, json!({"mine": 1}));
    assert_eq!(tenant.send_if_match(&new, Method::PUT, CONTEXT, other).await.status(), 200);

    tenant.patch("/_sandbox/config", json!({"v2ConflictStatus": 412})).await;
    problem(tenant.send_if_match(&old, Method::PUT, CONTEXT, mine).await, 412, 412).await;
}

#[tokio::test]
async fn without_etags_responses_have_none_and_if_match_is_ignored() {
    let tenant = with_session(Options { v2_etag: false, ..Options::default() });
    let response =
        tenant.send_if_match("\"any\"", Method::PUT, CONTEXT, injection_body(json!([]))).await;
    assert_eq!(response.status(), 200);
    assert!(response.headers().get("etag").is_none());
    assert!(tenant.get(CONTEXT).await.headers().get("etag").is_none());
}

#[tokio::test]
async fn a_fault_can_fail_an_injection_before_or_after_its_effect() {
    let tenant = with_session(Options::default());
    let mine = |value: u64| json!([variable("mine", json!(value), "session")]);
    tenant.add_fault(json!({"status": 409, "method": "PUT", "times": 1})).await;
    assert_eq!(inject(&tenant, mine(1)).await.status(), 409);
    assert_eq!(read(&tenant).await, json!({}));

    for status in [409, 500] {
        let fault = json!({"status": status, "applied": true, "method": "PUT", "times": 1});
        tenant.add_fault(fault).await;
        assert_eq!(inject(&tenant, mine(status)).await.status(), status as u16);
        assert_eq!(read(&tenant).await, json!({"mine": status}));
    }
    tenant.add_fault(json!({"drop": true, "applied": true, "method": "PUT", "times": 1})).await;
    let request = tenant.request(Method::PUT, CONTEXT).json(&injection_body(mine(2)));
    request.send().await.unwrap_err();
    assert_eq!(read(&tenant).await, json!({"mine": 2}));
}

#[tokio::test]
async fn variables_can_be_seeded_and_are_validated() {
    let tenant = Tenant::start();
    let seed = json!({"variables": [variable("a", json!([1]), "user")]});
    tenant.sandbox.seed_session("s", seed.clone()).unwrap();
    assert_eq!(read(&tenant).await, json!({"a": [1]}));
    let described = tenant.sandbox.session("s").unwrap();
    assert_eq!(described["variables"], seed["variables"]);

    let wrong = json!({"variables": [{"key": "a", "value": 1, "scope": "bot"}]});
    let error = tenant.sandbox.seed_session("s", wrong).unwrap_err();
    assert!(error.to_string().contains("variables.0.scope"), "{error}");
}
