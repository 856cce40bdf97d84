use crate::support::{INJECT, Tenant, json, problem};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const GET_PROFILES: &[&str] = &["GET /new/v2.0/profiles HTTP/1.1"];

/// Lists the profiles and returns the status.
async fn profiles_status(tenant: &Tenant) -> u16 {
    tenant.get("/new/v2.0/profiles").await.status().as_u16()
}

#[tokio::test]
async fn a_status_fault_returns_a_problem_with_its_retry_after() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"status": 429, "retryAfter": 2, "times": 1})).await;
    let response = tenant.get("/new/v2.0/profiles").await;
    assert_eq!(response.headers()["retry-after"], "2");
    problem(response, 429, 429).await;
    assert_eq!(profiles_status(&tenant).await, 200);
}

#[tokio::test]
async fn a_fault_without_times_lasts_until_it_is_cleared() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"status": 503})).await;
    for _ in 0..5 {
        assert_eq!(profiles_status(&tenant).await, 503);
    }
    let faults = json(tenant.get("/_sandbox/faults").await).await;
    assert_eq!(faults["faults"][0]["status"], 503);
    assert_eq!(faults["faults"][0]["times"], Value::Null);
    assert_eq!(tenant.delete("/_sandbox/faults").await.status(), 204);
    assert_eq!(profiles_status(&tenant).await, 200);
}

#[tokio::test]
async fn a_fault_skips_the_given_number_of_requests() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"status": 500, "skip": 2, "times": 1})).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(profiles_status(&tenant).await);
    }
    assert_eq!(statuses, [200, 200, 500, 200]);
}

#[tokio::test]
async fn a_path_prefix_limits_a_fault_to_its_paths() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"status": 500, "pathPrefix": "/new/v2.0/sessions/"})).await;
    assert_eq!(profiles_status(&tenant).await, 200);
    problem(tenant.post(INJECT, json!({"userId": "u", "context": {}})).await, 500, 500).await;
}

#[tokio::test]
async fn latency_delays_an_otherwise_unchanged_response() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"latencyMs": 150, "times": 1})).await;
    let start = Instant::now();
    assert_eq!(profiles_status(&tenant).await, 200);
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_dropped_connection_is_closed_without_a_response() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"drop": true, "times": 2})).await;
    assert_eq!(tenant.send_raw(GET_PROFILES), b"");
    // Repeats the request with an HTTP client, which must report an error.
    let error = tenant.request(Method::GET, "/new/v2.0/profiles").send().await.unwrap_err();
    assert!(error.is_request(), "{error:?}");
    assert!(tenant.send_raw(GET_PROFILES).starts_with(b"HTTP/1.1 200 OK\r\n"));
    // The dropped requests are logged without a status.
    assert_eq!(tenant.logged_values("status").await, [Value::Null, Value::Null, json!(200)]);
}

#[tokio::test]
async fn a_fault_applies_before_or_after_the_request_takes_effect() {
    let tenant = Tenant::start();
    let inject = || {
        let body = json!({"userId": "u", "context": {"a": 1}});
        tenant.request(Method::POST, INJECT).json(&body).send()
    };
    tenant.add_fault(json!({"drop": true, "times": 1})).await;
    inject().await.unwrap_err();
    assert_eq!(tenant.get("/_sandbox/sessions/s").await.status(), 404);

    tenant.add_fault(json!({"drop": true, "times": 1, "after": true})).await;
    inject().await.unwrap_err();
    let session = json(tenant.get("/_sandbox/sessions/s").await).await;
    assert_eq!(session["context"], json!({"a": 1}));
}

#[tokio::test]
async fn faults_apply_to_the_token_route_but_not_to_the_control_routes() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"drop": true})).await;
    assert_eq!(tenant.get("/_sandbox/health").await.status(), 200);
    tenant.anonymous(Method::POST, "/auth/oauth2/token").send().await.unwrap_err();
}

#[tokio::test]
async fn an_invalid_fault_is_rejected() {
    let tenant = Tenant::start();
    for fault in [
        json!({}),
        json!({"times": 3}),
        json!({"status": 99}),
        json!({"status": "500"}),
        json!({"status": 500, "times": 0}),
        json!({"status": 500, "skip": -1}),
        json!({"status": 500, "drop": true}),
        json!({"latencyMs": 1e9}),
        json!({"status": 429, "retryAfter": "a\nb"}),
        json!({"stauts": 500}),
    ] {
        problem(tenant.post("/_sandbox/faults", fault).await, 400, 1005).await;
    }
    assert_eq!(json(tenant.get("/_sandbox/faults").await).await, json!({"faults": []}));
}
