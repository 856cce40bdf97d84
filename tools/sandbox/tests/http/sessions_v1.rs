use crate::support::{Tenant, etag, json, problem};
use cognigy_context_sandbox::{MissingDocumentResponse, Options};
use reqwest::Method;
use serde_json::{Value, json};

const CONTEXT: &str = "/api/v1/sessions/s/context";

/// Starts a tenant with the session `s` and its document.
fn with_document(options: Options, document: &Value) -> Tenant {
    let tenant = Tenant::with_options(options);
    tenant.sandbox.seed_session("s", json!({"document": document})).unwrap();
    tenant
}

fn document(tenant: &Tenant) -> Value {
    tenant.sandbox.session("s").unwrap()["document"].clone()
}

#[tokio::test]
async fn appending_sets_top_level_keys_and_returns_the_document() {
    let tenant = with_document(Options::default(), &json!({"a": {"x": 1}, "b": 2}));
    let response = tenant.post(CONTEXT, json!({"variables": {"a": {"y": 1}, "c": null}})).await;
    assert_eq!(response.status(), 200);
    let appended_etag = etag(&response);
    let response_body = json(response).await;
    assert_eq!(response_body["sessionId"], "s");
    assert_eq!(response_body["variables"], json!({"a": {"y": 1}, "b": 2, "c": null}));
    assert!(response_body["updatedAt"].as_str().unwrap().ends_with('Z'));
    assert_eq!(document(&tenant), response_body["variables"]);

    let read = tenant.get(CONTEXT).await;
    assert_eq!(read.headers()["etag"], appended_etag.as_str());
    assert_eq!(json(read).await, response_body["variables"]);
}

#[tokio::test]
async fn appending_requires_an_object_of_variables() {
    let tenant = with_document(Options::default(), &json!({"a": 1}));
    problem(tenant.post(CONTEXT, json!({})).await, 400, 1000).await;
    for body in [json!({"variables": []}), json!({"variables": null}), json!([])] {
        problem(tenant.post(CONTEXT, body).await, 400, 1005).await;
    }
    assert_eq!(document(&tenant), json!({"a": 1}));
}

#[tokio::test]
async fn a_document_is_read_and_replaced_without_an_envelope() {
    let tenant = with_document(Options::default(), &json!({"a": 1}));
    let read = tenant.get(CONTEXT).await;
    let old = etag(&read);
    assert_eq!(read.text().await.unwrap(), r#"{"a":1}"#);

    let response = tenant.put(CONTEXT, json!({"b": [1.5]})).await;
    let new = etag(&response);
    assert_ne!(new, old);
    assert_eq!(response.text().await.unwrap(), r#"{"b":[1.5]}"#);
    assert_eq!(etag(&tenant.get(CONTEXT).await), new);
    assert_eq!(document(&tenant), json!({"b": [1.5]}));
}

#[tokio::test]
async fn a_put_with_an_old_etag_is_412_without_effect() {
    let tenant = with_document(Options::default(), &json!({"a": 1}));
    let old = etag(&tenant.get(CONTEXT).await);
    let written = tenant.send_if_match(&old, Method::PUT, CONTEXT, json!({"a": 2})).await;
    assert_eq!(written.status(), 200);
    let rejected = tenant.send_if_match(&old, Method::PUT, CONTEXT, json!({"a": 3})).await;
    problem(rejected, 412, 412).await;
    assert_eq!(document(&tenant), json!({"a": 2}));

    // An append also changes the ETag.
    let old = etag(&tenant.get(CONTEXT).await);
    tenant.post(CONTEXT, json!({"variables": {"b": 1}})).await;
    problem(tenant.send_if_match(&old, Method::PUT, CONTEXT, json!({})).await, 412, 412).await;
    assert_eq!(tenant.send_if_match("*", Method::PUT, CONTEXT, json!({})).await.status(), 200);
}

#[tokio::test]
async fn a_document_that_is_seeded_again_gets_a_new_etag() {
    let tenant = with_document(Options::default(), &json!({"a": 1}));
    let old = etag(&tenant.get(CONTEXT).await);
    tenant.sandbox.reset();
    tenant.sandbox.seed_session("s", json!({"document": {"a": 1}})).unwrap();
    assert_ne!(etag(&tenant.get(CONTEXT).await), old);
}

#[tokio::test]
async fn without_etags_responses_have_none_and_if_match_is_ignored() {
    let tenant = with_document(Options { v1_etag: false, ..Options::default() }, &json!({"a": 1}));
    assert!(tenant.get(CONTEXT).await.headers().get("etag").is_none());
    let written = tenant.send_if_match("\"any\"", Method::PUT, CONTEXT, json!({})).await;
    assert_eq!(written.status(), 200);
    assert!(written.headers().get("etag").is_none());
    let appended = tenant.post(CONTEXT, json!({"variables": {}})).await;
    assert!(appended.headers().get("etag").is_none());
}

#[tokio::test]
async fn an_option_selects_the_response_for_a_session_without_a_document() {
    for (v1_no_document, status, body) in [
        (MissingDocumentResponse::EmptyBody, 200, ""),
        (MissingDocumentResponse::NoContent, 204, ""),
        (MissingDocumentResponse::EmptyObject, 200, "{}"),
    ] {
        let tenant = Tenant::with_options(Options { v1_no_document, ..Options::default() });
        tenant.sandbox.seed_session("s", json!({})).unwrap();
        let response = tenant.get(CONTEXT).await;
        assert_eq!(response.status(), status);
        assert!(response.headers().get("etag").is_none());
        assert_eq!(response.text().await.unwrap(), body);

        // `If-Match` never matches a missing document. A PUT without it creates the document.
        problem(tenant.send_if_match("*", Method::PUT, CONTEXT, json!({})).await, 412, 412).await;
        assert_eq!(tenant.put(CONTEXT, json!({"a": 1})).await.status(), 200);
        assert_eq!(json(tenant.get(CONTEXT).await).await, json!({"a": 1}));
    }
}

#[tokio::test]
async fn put_can_return_an_empty_body() {
    let options = Options { v1_put_returns_document: false, ..Options::default() };
    let tenant = with_document(options, &json!({}));
    let written = tenant.put(CONTEXT, json!({"a": 1})).await;
    assert_eq!(written.status(), 200);
    assert_eq!(etag(&written), etag(&tenant.get(CONTEXT).await));
    assert_eq!(written.text().await.unwrap(), "");
    assert_eq!(document(&tenant), json!({"a": 1}));
}

#[tokio::test]
async fn a_document_of_95_000_bytes_is_accepted_and_one_more_is_413() {
    let tenant = with_document(Options::default(), &json!({}));
    // The length of the compact text counts; white space does not.
    let body = |length: usize| {
        let frame = r#"{"é":""}"#.len();
        format!(r#"  {{ "é" : "{}" }}  "#, "x".repeat(length - frame))
    };
    let put = |text: String| tenant.request(Method::PUT, CONTEXT).body(text).send();
    assert_eq!(put(body(95_000)).await.unwrap().status(), 200);
    problem(put(body(95_001)).await.unwrap(), 413, 413).await;
    // An append counts together with the existing document.
    problem(tenant.post(CONTEXT, json!({"variables": {"a": 1}})).await, 413, 413).await;
    assert!(document(&tenant).get("a").is_none());
    problem(put(" ".repeat(1_048_577)).await.unwrap(), 413, 413).await;
}

#[tokio::test]
async fn a_document_must_be_an_object() {
    let tenant = with_document(Options::default(), &json!({"a": 1}));
    for body in ["[]", "1", "null", "\"text\"", "", "{", r#"{"a":1e999}"#] {
        let response = tenant.request(Method::PUT, CONTEXT).body(body).send().await.unwrap();
        problem(response, 400, 1005).await;
    }
    assert_eq!(document(&tenant), json!({"a": 1}));
}

#[tokio::test]
async fn a_session_that_was_not_seeded_is_404_unless_create_sessions_is_set() {
    let body = json!({"variables": {"a": 1}});
    let tenant = Tenant::start();
    problem(tenant.get(CONTEXT).await, 404, 1002).await;
    problem(tenant.post(CONTEXT, body.clone()).await, 404, 1002).await;
    problem(tenant.put(CONTEXT, json!({})).await, 404, 1002).await;
    assert!(tenant.sandbox.session("s").is_none());

    tenant.patch("/_sandbox/config", json!({"createSessions": true})).await;
    assert_eq!(tenant.post(CONTEXT, body).await.status(), 200);
    assert_eq!(document(&tenant), json!({"a": 1}));
}

#[tokio::test]
async fn ids_are_percent_decoded_including_slashes() {
    let tenant = Tenant::start();
    tenant.sandbox.seed_session("a/b ü%", json!({"document": {"here": true}})).unwrap();
    let read = tenant.get("/api/v1/sessions/a%2Fb%20%C3%BC%25/context").await;
    assert_eq!(json(read).await, json!({"here": true}));
}
