use crate::support::{Tenant, json};
use reqwest::Method;
use serde_json::json;

const WEBHOOK: &str = "/_sandbox/webhook";

#[tokio::test]
async fn a_webhook_is_stored_with_its_body_and_headers_except_authorization() {
    let tenant = Tenant::start();
    let body = "{ \"event\": \"injected\",\n\"n\": 1.0 }";
    let response = tenant
        .anonymous(Method::POST, WEBHOOK)
        .header("Webhook-Id", "msg_1")
        .header("Webhook-Signature", "v1,abc")
        .header("Authorization", "Bearer confidential")
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 204);
    let listed = json(tenant.get(WEBHOOK).await).await;
    let webhook = &listed["webhooks"][0];
    assert_eq!(webhook["body"], body);
    assert_eq!(webhook["headers"]["webhook-id"], "msg_1");
    assert_eq!(webhook["headers"]["webhook-signature"], "v1,abc");
    assert!(webhook["headers"].get("authorization").is_none());
    assert_eq!(tenant.sandbox.webhooks(), *listed["webhooks"].as_array().unwrap());

    assert_eq!(tenant.delete(WEBHOOK).await.status(), 204);
    assert!(tenant.sandbox.webhooks().is_empty());
}

#[tokio::test]
async fn only_a_fault_with_the_prefix_of_the_receiver_applies_to_webhooks() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"status": 500})).await;
    assert_eq!(tenant.post(WEBHOOK, json!({"at": 1})).await.status(), 204);
    tenant.add_fault(json!({"status": 503, "pathPrefix": WEBHOOK, "times": 1})).await;
    assert_eq!(tenant.post(WEBHOOK, json!({"at": 2})).await.status(), 503);
    tenant
        .add_fault(json!({"drop": true, "applied": true, "pathPrefix": WEBHOOK, "times": 1}))
        .await;
    let request = tenant.request(Method::POST, WEBHOOK).json(&json!({"at": 3}));
    request.send().await.unwrap_err();

    // Faults do not apply to reading webhooks back.
    tenant.add_fault(json!({"status": 503, "pathPrefix": WEBHOOK})).await;
    assert_eq!(tenant.get(WEBHOOK).await.status(), 200);
    let bodies: Vec<_> =
        tenant.sandbox.webhooks().iter().map(|webhook| webhook["body"].clone()).collect();
    assert_eq!(bodies, [r#"{"at":1}"#, r#"{"at":3}"#]);
}

#[tokio::test]
async fn webhooks_are_not_logged_or_counted_and_reset_clears_them() {
    let tenant = Tenant::start();
    tenant.post(WEBHOOK, json!({})).await;
    assert!(tenant.sandbox.requests().is_empty());
    assert_eq!(tenant.sandbox.counters().requests, 0);
    tenant.sandbox.reset();
    assert!(tenant.sandbox.webhooks().is_empty());
}
