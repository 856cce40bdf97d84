use crate::support::{Tenant, detail_paths, json, problem};
use cognigy_context_sandbox::{MissingDocumentResponse, Options, RateLimit, RetryAfter};
use serde_json::{Value, json};
use std::time::Duration;

const CONFIG: &str = "/_sandbox/config";

fn defaults() -> Value {
    json!({
        "tokenLifetimeMs": 900_000,
        "expiresIn": true,
        "rateLimit": null,
        "createSessions": false,
        "v1Etag": true,
        "v1NoDocument": "empty",
        "v1PutReturnsDocument": true,
        "v2Etag": true,
        "v2ConflictStatus": 409,
        "runtimeConflictStatus": 412,
        "pageSize": 100,
        "recordRequests": true,
    })
}

#[tokio::test]
async fn every_option_can_be_read_and_changed_at_run_time() {
    let tenant = Tenant::start();
    assert_eq!(json(tenant.get(CONFIG).await).await, defaults());
    let all = json!({
        "tokenLifetimeMs": 1_500,
        "expiresIn": false,
        "rateLimit": {"requests": 5, "windowMs": 250, "retryAfter": "date"},
        "createSessions": true,
        "v1Etag": false,
        "v1NoDocument": "noContent",
        "v1PutReturnsDocument": false,
        "v2Etag": false,
        "v2ConflictStatus": 412,
        "runtimeConflictStatus": 409,
        "pageSize": 7,
        "recordRequests": false,
    });
    assert_eq!(json(tenant.patch(CONFIG, all.clone()).await).await, all);
    assert_eq!(json(tenant.get(CONFIG).await).await, all);
    let limit = RateLimit {
        requests: 5,
        window: Duration::from_millis(250),
        retry_after: RetryAfter::HttpDate,
    };
    let expected = Options {
        token_response_has_expires_in: false,
        rate_limit: Some(limit),
        create_sessions: true,
        v1_etag: false,
        v1_no_document: MissingDocumentResponse::NoContent,
        v1_put_returns_document: false,
        v2_etag: false,
        v2_conflict_status: 412,
        runtime_conflict_status: 409,
        page_size: 7,
        record_requests: false,
    };
    assert_eq!(tenant.sandbox.options(), expected);
}

#[tokio::test]
async fn patch_keeps_other_options_and_put_resets_them_to_initial_values() {
    let initial = Options { page_size: 5, ..Options::default() };
    let tenant = Tenant::with_options(initial);
    tenant.patch(CONFIG, json!({"pageSize": 9, "v1Etag": false, "tokenLifetimeMs": 5})).await;
    let changed = json(tenant.patch(CONFIG, json!({"v2Etag": false})).await).await;
    assert_eq!((&changed["pageSize"], &changed["v1Etag"]), (&json!(9), &json!(false)));

    let after_put = json(tenant.put(CONFIG, json!({"v2Etag": false})).await).await;
    let mut expected = defaults();
    expected["pageSize"] = json!(5);
    expected["v2Etag"] = json!(false);
    assert_eq!(after_put, expected);
}

#[tokio::test]
async fn resetting_the_sandbox_restores_the_initial_options() {
    let tenant = Tenant::start();
    tenant.patch(CONFIG, json!({"pageSize": 9, "tokenLifetimeMs": 5})).await;
    assert_eq!(tenant.post("/_sandbox/reset", json!({})).await.status(), 204);
    assert_eq!(json(tenant.get(CONFIG).await).await, defaults());
}

#[tokio::test]
async fn an_unknown_or_invalid_option_is_rejected_without_effect() {
    let tenant = Tenant::start();
    for (body, path) in [
        (json!({"etag": true}), "etag"),
        (json!({"v1Etag": "no"}), "v1Etag"),
        (json!({"pageSize": 0}), "pageSize"),
        (json!({"v2ConflictStatus": 400}), "v2ConflictStatus"),
        (json!({"v1NoDocument": "nothing"}), "v1NoDocument"),
        (json!({"rateLimit": 5}), "rateLimit"),
        (json!({"rateLimit": {"requests": 0, "windowMs": 1}}), "rateLimit.requests"),
        (json!({"rateLimit": {"requests": 1}}), "rateLimit.windowMs"),
        (
            json!({"rateLimit": {"requests": 1, "windowMs": 1, "retryAfter": "soon"}}),
            "rateLimit.retryAfter",
        ),
        (json!({"rateLimit": {"requests": 1, "windowMs": 1, "per": "ip"}}), "rateLimit.per"),
        (json!({"tokenLifetimeMs": -1}), "tokenLifetimeMs"),
    ] {
        let mut body = body;
        body["createSessions"] = json!(true);
        let rejected = problem(tenant.patch(CONFIG, body).await, 400, 1005).await;
        assert_eq!(detail_paths(&rejected), [path]);
    }
    assert_eq!(json(tenant.get(CONFIG).await).await, defaults());
}
