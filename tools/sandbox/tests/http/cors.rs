use crate::support::{INJECT, Tenant};
use reqwest::Method;
use serde_json::json;

const ORIGIN: &str = "https://example.org";

#[tokio::test]
async fn a_preflight_succeeds_without_a_key_and_despite_faults_and_is_not_logged() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"drop": true})).await;
    let response = tenant
        .anonymous(Method::OPTIONS, INJECT)
        .header("Origin", ORIGIN)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "authorization,x-api-key,content-type")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let headers = response.headers();
    assert_eq!(headers["access-control-allow-origin"], "*");
    assert_eq!(headers["access-control-allow-methods"], "POST");
    assert_eq!(headers["access-control-allow-headers"], "authorization,x-api-key,content-type");
    assert!(tenant.logged_values("path").await.is_empty());
}

#[tokio::test]
async fn a_page_can_read_every_response_and_its_retry_after_and_etag() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"status": 429, "retryAfter": "1", "skip": 2, "times": 1})).await;
    for (path, status) in
        [("/new/v2.0/profiles", 200), ("/nowhere", 404), ("/new/v2.0/profiles", 429)]
    {
        let response =
            tenant.request(Method::GET, path).header("Origin", ORIGIN).send().await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        assert_eq!(response.headers()["access-control-expose-headers"], "retry-after,etag");
    }
}
