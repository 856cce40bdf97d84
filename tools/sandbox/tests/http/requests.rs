use crate::support::{INJECT, Tenant, json};
use cognigy_context_sandbox::Options;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn the_log_contains_requests_without_queries_bodies_or_credentials_and_can_be_cleared() {
    let tenant = Tenant::start();
    let body = r#"{"userId":"u","context":{"a":"confidential"}}"#;
    tenant.post_text(INJECT, body).await;
    tenant
        .anonymous(Method::GET, "/new/v2.0/profiles?confidential=1")
        .header("Authorization", "Bearer confidential")
        .send()
        .await
        .unwrap();
    tenant.anonymous(Method::GET, "/nowhere").send().await.unwrap();

    let log = tenant.get("/_sandbox/requests").await.text().await.unwrap();
    assert!(!log.contains("confidential") && !log.contains("sandbox-key"));
    assert_eq!(tenant.logged_values("method").await, ["POST", "GET", "GET"]);
    assert_eq!(tenant.logged_values("path").await, [INJECT, "/new/v2.0/profiles", "/nowhere"]);
    assert_eq!(tenant.logged_values("status").await, [200, 401, 404]);
    assert_eq!(tenant.logged_values("auth").await, ["api-key", "bearer", "none"]);
    assert_eq!(tenant.logged_values("bytes").await, [body.len(), 0, 0]);

    assert_eq!(tenant.delete("/_sandbox/requests").await.status(), 204);
    assert!(tenant.logged_values("path").await.is_empty());
}

#[tokio::test]
async fn the_log_contains_header_names_and_selected_values() {
    let tenant = Tenant::start();
    tenant
        .request(Method::PUT, "/api/v1/sessions/s/context")
        .header("Authorization", "Bearer confidential")
        .header("If-Match", "\"r1\"")
        .header("Webhook-Id", "msg_1")
        .header("X-Request-Id", "confidential")
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    let log = tenant.get("/_sandbox/requests").await.text().await.unwrap();
    assert!(!log.contains("confidential") && !log.contains("sandbox-key"));
    let request = &tenant.sandbox.requests()[0];
    let names = request["headers"].as_array().unwrap();
    for name in ["authorization", "if-match", "webhook-id", "x-request-id", "x-api-key", "host"] {
        assert!(names.contains(&json!(name)), "{name}");
    }
    let values =
        json!({"if-match": "\"r1\"", "webhook-id": "msg_1", "content-type": "application/json"});
    assert_eq!(request["headerValues"], values);
}

#[tokio::test]
async fn requests_are_counted_even_if_they_are_not_logged() {
    let tenant = Tenant::with_options(Options { record_requests: false, ..Options::default() });
    tenant.get("/new/v2.0/profiles").await;
    tenant.get("/nowhere").await;
    assert!(tenant.sandbox.requests().is_empty());
    let counters = tenant.sandbox.counters();
    assert_eq!(
        (
            counters.requests,
            counters.responses_with_status(200),
            counters.responses_with_status(404)
        ),
        (2, 1, 1)
    );
}

#[tokio::test]
async fn a_body_over_the_limit_is_logged_with_its_length() {
    let tenant = Tenant::start();
    tenant.post_text(INJECT, "x".repeat(70_000)).await;
    assert_eq!(tenant.logged_values("bytes").await, [70_000]);
    assert_eq!(tenant.logged_values("status").await, [413]);
}

#[tokio::test]
async fn resetting_the_sandbox_clears_data_log_counters_and_faults() {
    let tenant = Tenant::start();
    tenant.inject(json!({"a": 1})).await;
    tenant.post("/new/v2.0/profiles", json!({})).await;
    tenant.sandbox.seed_dialog("d", json!({})).unwrap();
    tenant.add_fault(json!({"status": 500})).await;
    assert_eq!(tenant.post("/_sandbox/reset", json!({})).await.status(), 204);

    let sessions = json(tenant.get("/_sandbox/sessions").await).await;
    assert_eq!(sessions, json!({"sessions": []}));
    assert!(tenant.sandbox.dialog("d").is_none());
    assert_eq!(tenant.sandbox.counters().requests, 0);
    assert!(tenant.logged_values("path").await.is_empty());
    let profiles = json(tenant.get("/new/v2.0/profiles").await).await;
    assert_eq!(profiles, json!({"items": [], "total": 0}));
}
