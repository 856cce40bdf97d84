use crate::support::{INJECT, Tenant, json, problem};
use cognigy_context_sandbox::{Config, Server};
use reqwest::Method;
use serde_json::{Value, json};

/// Returns the value that replaces a value over the limit.
fn error_value(key: &str) -> Value {
    let error =
        format!("Cannot add value to context for key {key}: exceeded maximum context size.");
    json!({ "error": error })
}

async fn platform_bytes(tenant: &Tenant) -> Value {
    json(tenant.get("/_sandbox/sessions/s").await).await["platformBytes"].clone()
}

#[tokio::test]
async fn a_context_of_exactly_the_limit_is_accepted() {
    let tenant = Tenant::start();
    // 2 bytes per UTF-16 unit: a key of 1 unit and a string of 31,999 units are 64,000 bytes.
    let text = "x".repeat(31_999);
    tenant.inject(json!({"k": &text})).await;
    assert_eq!(platform_bytes(&tenant).await, 64_000);
    let session = json(tenant.get("/_sandbox/sessions/s").await).await;
    assert_eq!(session["context"]["k"], text.as_str());
}

#[tokio::test]
async fn a_value_one_unit_over_the_limit_is_replaced_by_the_platforms_error() {
    let tenant = Tenant::start();
    let response_body = tenant.inject(json!({"k": "x".repeat(32_000)})).await;
    assert_eq!(
        response_body,
        r#"{"k":{"error":"Cannot add value to context for key k: exceeded maximum context size."}}"#
    );
}

#[tokio::test]
async fn a_surrogate_pair_counts_four_platform_bytes() {
    let tenant = Tenant::start();
    // 2 + 15,999 × 4 = 63,998 bytes fit, 2 + 16,000 × 4 = 64,002 do not. Both are within the body limit.
    tenant.inject(json!({"k": "😀".repeat(15_999)})).await;
    assert_eq!(platform_bytes(&tenant).await, 63_998);
    let response_body = tenant.inject(json!({"k": "😀".repeat(16_000)})).await;
    assert_eq!(serde_json::from_str::<Value>(&response_body).unwrap()["k"], error_value("k"));
}

#[tokio::test]
async fn keys_after_one_that_exceeds_the_limit_are_still_written() {
    let tenant = Tenant::with_config(Config { context_limit: 1_000, ..Config::default() });
    let response_body = tenant
        .inject(json!({"a": "x".repeat(100), "b": "x".repeat(600), "c": "x".repeat(100), "d": 1}))
        .await;
    let context: Value = serde_json::from_str(&response_body).unwrap();
    assert_eq!(context["a"], "x".repeat(100));
    assert_eq!(context["b"], error_value("b"));
    assert_eq!(context["c"], "x".repeat(100));
    assert_eq!(context["d"], 1);
    let keys: Vec<_> = context.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["a", "b", "c", "d"]);
}

#[tokio::test]
async fn overwriting_a_value_with_a_smaller_one_frees_space() {
    let tenant = Tenant::with_config(Config { context_limit: 500, ..Config::default() });
    tenant.inject(json!({"a": "x".repeat(200)})).await;
    let response_body = tenant.inject(json!({"a": "small", "b": "x".repeat(200)})).await;
    let context: Value = serde_json::from_str(&response_body).unwrap();
    assert_eq!(context["b"], "x".repeat(200));
}

#[tokio::test]
async fn values_injected_into_a_context_over_the_limit_are_replaced() {
    let tenant = Tenant::with_config(Config { context_limit: 100, ..Config::default() });
    let seed = json!({"context": {"a": "x".repeat(100)}});
    tenant.request(Method::PUT, "/_sandbox/sessions/s").json(&seed).send().await.unwrap();
    let response_body = tenant.inject(json!({"b": 1})).await;
    let context: Value = serde_json::from_str(&response_body).unwrap();
    assert_eq!(context["a"], "x".repeat(100));
    assert_eq!(context["b"], error_value("b"));
}

#[tokio::test]
async fn a_body_over_the_limit_is_413() {
    let tenant = Tenant::start();
    let body = |length: usize| {
        let frame = r#"{"userId":"u","context":{},"pad":""}"#.len();
        format!(r#"{{"userId":"u","context":{{}},"pad":"{}"}}"#, "x".repeat(length - frame))
    };
    assert_eq!(tenant.post_text(INJECT, body(65_536)).await.status(), 200);
    problem(tenant.post_text(INJECT, body(65_537)).await, 413, 413).await;
    problem(tenant.post_text(INJECT, body(5_000_000)).await, 413, 413).await;
}

#[tokio::test]
async fn nesting_of_512_levels_is_accepted_and_more_is_rejected() {
    let tenant = Tenant::start();
    // The body and the context are the first two levels.
    let body = |levels: usize| {
        let (open, close) = ("[".repeat(levels - 2), "]".repeat(levels - 2));
        format!(r#"{{"userId":"u","context":{{"a":{open}{close}}}}}"#)
    };
    assert_eq!(tenant.post_text(INJECT, body(512)).await.status(), 200);
    assert_eq!(tenant.get("/_sandbox/sessions/s").await.status(), 200);
    problem(tenant.post_text(INJECT, body(513)).await, 400, 1005).await;
    problem(tenant.post_text(INJECT, body(32_000)).await, 400, 1005).await;
    problem(tenant.post_text(INJECT, "[".repeat(65_000)).await, 400, 1005).await;
    // Brackets in a string are text.
    let text = json!({"userId": "u", "context": {"a": "[".repeat(600)}});
    assert_eq!(tenant.post(INJECT, text).await.status(), 200);
}

#[tokio::test]
async fn nesting_of_512_objects_does_not_overflow_the_stack() {
    let (open, close) = (r#"{"a":"#.repeat(510), "}".repeat(510));
    let body = format!(r#"{{"userId":"u","context":{{"a":{open}1{close}}}}}"#);

    let tenant = Tenant::start();
    assert_eq!(tenant.post_text(INJECT, &body).await.status(), 200);
    let session = tenant.get("/_sandbox/sessions/s").await.text().await.unwrap();
    assert!(session.ends_with(&format!(r#""platformBytes":{}}}"#, 511 * 2 + 8)));

    let server = Server::bind(Config::default()).unwrap();
    let url = server.url();
    let server_task = tokio::spawn(server.serve(std::future::pending()));
    let request = tenant.http.post(format!("{url}{INJECT}")).header("X-API-Key", "sandbox-key");
    assert_eq!(request.body(body).send().await.unwrap().status(), 200);
    let response = tenant.http.get(format!("{url}/_sandbox/sessions/s")).send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), session);
    server_task.abort();
}

#[tokio::test]
async fn a_get_with_a_body_is_403() {
    let tenant = Tenant::start();
    let request = tenant.request(Method::GET, "/new/v2.0/profiles").body("{}");
    problem(request.send().await.unwrap(), 403, 403).await;
    assert_eq!(tenant.get("/new/v2.0/profiles").await.status(), 200);
}

#[tokio::test]
async fn unknown_routes_are_404_and_wrong_methods_405() {
    let tenant = Tenant::start();
    for path in ["/", "/new/v2.0/nothing", "/api/v1/sessions/s", "/runtime/v2/dialogs/d"] {
        problem(tenant.get(path).await, 404, 1002).await;
    }
    let response = tenant.get(INJECT).await;
    assert_eq!(response.headers()["allow"], "POST");
    problem(response, 405, 405).await;
}
