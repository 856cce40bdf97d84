//! Faults that replace, shorten, slow down or compress the response, and the selection of requests.

use crate::support::{INJECT, Tenant, json, problem};
use flate2::read::GzDecoder;
use reqwest::Method;
use serde_json::{Value, json};
use std::io::Read;
use std::time::{Duration, Instant};

const PROFILES: &str = "/new/v2.0/profiles";
const GET_PROFILES: &str = "GET /new/v2.0/profiles HTTP/1.1";

/// Splits a response into its head in lower case and its body.
fn split(response: &[u8]) -> (String, &[u8]) {
    const HEAD_END: &[u8] = b"\r\n\r\n";
    let head_length =
        response.windows(HEAD_END.len()).position(|bytes| bytes == HEAD_END).expect("a head");
    let head = String::from_utf8_lossy(&response[..head_length]).to_lowercase();
    (head, &response[head_length + HEAD_END.len()..])
}

fn content_length(head: &str) -> usize {
    let line = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    line.parse().unwrap()
}

#[tokio::test]
async fn cut_ends_a_response_after_half_of_the_announced_body() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"cut": true, "times": 1})).await;
    let complete = br#"{"total":0,"items":[]}"#;
    let response = tenant.send_raw(&[GET_PROFILES]);
    let (head, body) = split(&response);
    assert!(head.starts_with("http/1.1 200 ok"), "{head}");
    assert_eq!(content_length(&head), complete.len());
    assert_eq!(body, &complete[..complete.len() / 2]);

    // An HTTP client reports an error, although the request was executed.
    tenant.add_fault(json!({"cut": true, "times": 1})).await;
    let response = tenant.post(INJECT, json!({"userId": "u", "context": {"a": 1}})).await;
    assert_eq!(response.status(), 200);
    response.bytes().await.unwrap_err();
    assert_eq!(tenant.sandbox.session("s").unwrap()["context"], json!({"a": 1}));
}

#[tokio::test]
async fn cut_applies_to_a_response_without_a_body() {
    let tenant = Tenant::start();
    tenant.sandbox.seed_session("s", json!({})).unwrap();
    tenant.add_fault(json!({"cut": true, "times": 1})).await;
    let response = tenant.get("/api/v1/sessions/s/context").await;
    response.bytes().await.unwrap_err();
}

#[tokio::test]
async fn cut_applies_to_an_injected_status() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"cut": true, "status": 503, "times": 1})).await;
    let response = tenant.get(PROFILES).await;
    assert_eq!(response.status(), 503);
    response.bytes().await.unwrap_err();
}

#[tokio::test]
async fn a_trickled_body_arrives_completely() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"trickleMs": 200, "times": 1})).await;
    let start = Instant::now();
    let response = tenant.get(PROFILES).await;
    assert_eq!(response.content_length(), Some(22));
    assert_eq!(json(response).await, json!({"total": 0, "items": []}));
    assert!(start.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_fault_can_return_any_body() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"body": "<html>busy</html>", "times": 1})).await;
    let response = tenant.get(PROFILES).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
    assert_eq!(response.text().await.unwrap(), "<html>busy</html>");

    let fault = json!({
        "status": 502,
        "body": "{\"variables\": 7}",
        "contentType": "text/plain",
        "retryAfter": "Sun, 06 Nov 1994 08:49:37 GMT",
        "times": 1,
    });
    tenant.add_fault(fault).await;
    let response = tenant.get(PROFILES).await;
    assert_eq!(response.status(), 502);
    assert_eq!(response.headers()["content-type"], "text/plain");
    assert_eq!(response.headers()["retry-after"], "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(json(response).await, json!({"variables": 7}));
}

#[tokio::test]
async fn a_fault_can_return_17_mib() {
    let tenant = Tenant::start();
    let length = 17 * 1024 * 1024;
    tenant.add_fault(json!({"bodyBytes": length, "times": 1})).await;
    let response = tenant.get(PROFILES).await;
    assert_eq!(response.content_length(), Some(length));
    let body: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(body.as_str().unwrap().len() as u64, length - 2);
}

#[tokio::test]
async fn gzip_applies_only_if_the_request_accepts_it() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"gzip": true})).await;
    let response = tenant.send_raw(&[GET_PROFILES, "Accept-Encoding: br, gzip"]);
    let (head, body) = split(&response);
    assert!(head.contains("content-encoding: gzip"), "{head}");
    assert_eq!(content_length(&head), body.len());
    let mut text = String::new();
    GzDecoder::new(body).read_to_string(&mut text).unwrap();
    assert_eq!(text, r#"{"total":0,"items":[]}"#);

    for header in ["Accept-Encoding: br", "Accept-Encoding: gzip;q=0", "Accept: */*"] {
        let response = tenant.send_raw(&[GET_PROFILES, header]);
        let (head, body) = split(&response);
        assert!(!head.contains("content-encoding"), "{head}");
        assert_eq!(body, text.as_bytes());
    }
}

#[tokio::test]
async fn gzip_applies_to_a_large_body() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"bodyBytes": 20_000_000, "gzip": true})).await;
    let response = tenant.send_raw(&[GET_PROFILES, "Accept-Encoding: gzip"]);
    assert!(response.len() < 100_000, "{}", response.len());
}

#[tokio::test]
async fn a_fault_can_apply_to_one_method() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"status": 500, "method": "POST"})).await;
    assert_eq!(tenant.get(PROFILES).await.status(), 200);
    problem(tenant.post(PROFILES, json!({})).await, 500, 500).await;
}

#[tokio::test]
async fn the_same_seed_selects_the_same_requests() {
    async fn statuses(tenant: &Tenant, seed: u64) -> Vec<u16> {
        tenant.delete("/_sandbox/faults").await;
        tenant.add_fault(json!({"status": 503, "chance": 0.5, "seed": seed})).await;
        let mut statuses = Vec::new();
        for _ in 0..64 {
            statuses.push(tenant.get(PROFILES).await.status().as_u16());
        }
        statuses
    }
    let tenant = Tenant::start();
    let first = statuses(&tenant, 1).await;
    assert!(first.contains(&200) && first.contains(&503));
    assert_eq!(statuses(&tenant, 1).await, first);
    assert_ne!(statuses(&tenant, 2).await, first);
}

#[tokio::test]
async fn probability_one_selects_every_request_and_zero_none() {
    let tenant = Tenant::start();
    tenant.add_fault(json!({"status": 500, "chance": 0})).await;
    tenant.add_fault(json!({"status": 503, "chance": 1, "times": 20})).await;
    for _ in 0..20 {
        assert_eq!(tenant.get(PROFILES).await.status(), 503);
    }
    assert_eq!(tenant.get(PROFILES).await.status(), 200);
}

#[tokio::test]
async fn applied_is_an_alias_of_after() {
    let tenant = Tenant::start();
    for word in ["after", "applied"] {
        let mut fault = json!({"status": 500, "times": 1});
        fault[word] = json!(true);
        tenant.add_fault(fault).await;
        let listed = json(tenant.get("/_sandbox/faults").await).await;
        assert_eq!(listed["faults"][0]["after"], true);
        let body = json!({"userId": "u", "context": {word: 1}});
        problem(tenant.post(INJECT, body).await, 500, 500).await;
        assert_eq!(tenant.sandbox.session("s").unwrap()["context"][word], 1);
    }
}

#[tokio::test]
async fn a_contradictory_or_empty_fault_is_rejected() {
    let tenant = Tenant::start();
    for fault in [
        json!({"drop": true, "body": ""}),
        json!({"drop": true, "cut": true}),
        json!({"drop": true, "gzip": true}),
        json!({"drop": true, "trickleMs": 5}),
        json!({"cut": true, "trickleMs": 5}),
        json!({"body": "", "bodyBytes": 5}),
        json!({"body": {}}),
        json!({"bodyBytes": 1}),
        json!({"bodyBytes": 1_000_000_000}),
        json!({"gzip": "yes"}),
        json!({"status": 500, "chance": 1.5}),
        json!({"status": 500, "chance": -0.1}),
        json!({"status": 500, "seed": "x"}),
        json!({"status": 500, "method": 7}),
        json!({"chance": 0.5}),
        json!({"method": "GET"}),
        json!({"gzip": false, "cut": false}),
    ] {
        problem(tenant.post("/_sandbox/faults", fault.clone()).await, 400, 1005).await;
        tenant.sandbox.fault(fault).unwrap_err();
    }
    let listed = json(tenant.get("/_sandbox/faults").await).await;
    assert_eq!(listed, json!({"faults": []}));
}

#[tokio::test]
async fn a_fault_is_listed_with_all_its_fields() {
    let tenant = Tenant::start();
    let fault = json!({
        "latencyMs": 5, "status": 503, "retryAfter": "1.5", "body": "no", "bodyBytes": null,
        "contentType": "text/html", "drop": false, "cut": false, "trickleMs": 7, "gzip": true,
        "after": true, "times": 3, "skip": 2, "method": "PUT", "pathPrefix": "/api", "chance": 0.25,
    });
    let mut body = fault.clone();
    body.as_object_mut().unwrap().remove("bodyBytes");
    tenant.sandbox.fault(body).unwrap();
    let listed = json(tenant.get("/_sandbox/faults").await).await;
    assert_eq!(listed, json!({"faults": [fault]}));
    tenant.sandbox.clear_faults();
    let listed = json(tenant.get("/_sandbox/faults").await).await;
    assert_eq!(listed, json!({"faults": []}));
}

#[tokio::test]
async fn a_head_request_succeeds_with_gzip_trickle_and_a_replacement_body() {
    let tenant = Tenant::start();
    for fault in [json!({"gzip": true}), json!({"trickleMs": 1}), json!({"bodyBytes": 100})] {
        tenant.sandbox.clear_faults();
        tenant.add_fault(fault).await;
        let response = tenant.request(Method::HEAD, PROFILES).send().await.unwrap();
        assert_eq!(response.status(), 200);
    }
}
