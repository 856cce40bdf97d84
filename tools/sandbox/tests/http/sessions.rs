use crate::support::{INJECT, Tenant, json, problem};
use cognigy_context_sandbox::Config;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn injecting_merges_top_level_keys_and_the_context_can_be_read_back() {
    let tenant = Tenant::start();
    tenant.inject(json!({"b": {"x": 1, "y": 2}, "a": 1})).await;
    let response_body = tenant.inject(json!({"c": null, "b": {"x": 3}})).await;
    // Existing keys keep their position. The value of a key is replaced, not merged.
    assert_eq!(response_body, r#"{"b":{"x":3},"a":1,"c":null}"#);

    let session = json(tenant.get("/_sandbox/sessions/s").await).await;
    assert_eq!(
        session,
        json!({
            "sessionId": "s",
            "userId": "u",
            "context": {"b": {"x": 3}, "a": 1, "c": null},
            "state": null,
            "seeded": false,
            "platformBytes": 2 + (2 + 8) + 2 + 8 + 2,
        })
    );
}

#[tokio::test]
async fn a_session_stores_its_first_user() {
    let tenant = Tenant::start();
    for user in ["first", "second"] {
        let body = json!({"userId": user, "context": {user: 1}});
        assert_eq!(tenant.post(INJECT, body).await.status(), 200);
    }
    let session = json(tenant.get("/_sandbox/sessions/s").await).await;
    assert_eq!(session["userId"], "first");
    assert_eq!(session["context"], json!({"first": 1, "second": 1}));
}

#[tokio::test]
async fn numbers_are_returned_as_javascript_prints_them() {
    let tenant = Tenant::start();
    let body = r#"{"userId":"u","context":{"big":9007199254740993,"integral":1.0,"half":0.5,
        "huge":1e21,"__proto__":{"constructor":-0.0},"twice":1,"twice":2}}"#;
    let response_body = tenant.post_text(INJECT, body).await.text().await.unwrap();
    assert_eq!(
        response_body,
        r#"{"big":9007199254740992,"integral":1,"half":0.5,"huge":1e+21,"__proto__":{"constructor":0},"twice":2}"#
    );
}

#[tokio::test]
async fn ids_are_percent_decoded_including_slashes() {
    let tenant = Tenant::start();
    let path = "/new/v2.0/sessions/a%2Fb%20%F0%9F%98%80%25/context/inject";
    let body = json!({"userId": "u", "context": {"here": true}});
    assert_eq!(tenant.post(path, body).await.status(), 200);
    let ids = json(tenant.get("/_sandbox/sessions").await).await;
    assert_eq!(ids, json!({"sessions": ["a/b 😀%"]}));
    let session = tenant.get("/_sandbox/sessions/a%2Fb%20%F0%9F%98%80%25").await;
    assert_eq!(json(session).await["sessionId"], "a/b 😀%");

    let broken = tenant.post("/new/v2.0/sessions/%FF/context/inject", json!({})).await;
    problem(broken, 400, 1005).await;
}

#[tokio::test]
async fn resetting_a_context_clears_it_and_requires_the_flow() {
    let tenant = Tenant::start();
    tenant.inject(json!({"a": 1})).await;
    let path = "/new/v2.0/sessions/s/context/reset";
    let body = json!({"userId": "u", "flowReferenceId": "f", "entrypoint": "e"});
    assert_eq!(tenant.post(path, body).await.text().await.unwrap(), "{}");
    let session = json(tenant.get("/_sandbox/sessions/s").await).await;
    assert_eq!(session["context"], json!({}));

    let rejected = problem(tenant.post(path, json!({"userId": "u"})).await, 400, 1000).await;
    assert_eq!(rejected["details"][0]["path"], "flowReferenceId");
}

#[tokio::test]
async fn a_state_is_set_and_reset() {
    let tenant = Tenant::start();
    let path = "/new/v2.0/sessions/s/state/inject";
    let response = tenant.post(path, json!({"userId": "u", "state": "asking"})).await;
    assert_eq!(json(response).await, json!({"state": "asking"}));
    let session = json(tenant.get("/_sandbox/sessions/s").await).await;
    assert_eq!(session["state"], "asking");

    let response = tenant.post("/new/v2.0/sessions/s/state/reset", json!({"userId": "u"})).await;
    assert_eq!(response.status(), 204);
    assert_eq!(response.text().await.unwrap(), "");
    let session = json(tenant.get("/_sandbox/sessions/s").await).await;
    assert_eq!(session["state"], json!(null));
}

#[tokio::test]
async fn an_error_names_missing_and_invalid_fields_without_values() {
    let tenant = Tenant::start();
    for (body, code, path) in [
        (json!({}), 1000, "userId"),
        (json!({"context": {}}), 1000, "userId"),
        (json!({"userId": "secret"}), 1000, "context"),
        (json!({"userId": 5, "context": {}}), 1005, "userId"),
        (json!({"userId": "", "context": {}}), 1005, "userId"),
        (json!({"userId": null, "context": {}}), 1005, "userId"),
        (json!({"userId": "secret", "context": ["secret"]}), 1005, "context"),
        (json!({"userId": "secret", "context": "secret"}), 1005, "context"),
    ] {
        let problem = problem(tenant.post(INJECT, body.clone()).await, 400, code).await;
        assert_eq!(problem["details"][0]["path"], path, "{body}");
        assert!(!problem.to_string().contains("secret"));
    }
    for body in ["", "secret", "[]", "null", r#"{"userId":"u","context":{"a":"\ud800"}}"#] {
        let problem = problem(tenant.post_text(INJECT, body).await, 400, 1005).await;
        assert!(!problem.to_string().contains("secret"));
    }
    let sessions = json(tenant.get("/_sandbox/sessions").await).await;
    assert_eq!(sessions, json!({"sessions": []}));
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let tenant = Tenant::start();
    let body = json!({"userId": "u", "context": {"a": 1}, "more": true});
    assert_eq!(tenant.post(INJECT, body).await.text().await.unwrap(), r#"{"a":1}"#);
}

#[tokio::test]
async fn a_session_can_be_seeded_and_removed() {
    let tenant = Tenant::start();
    let seed = json!({"userId": "u", "context": {"a": "é"}, "state": "x"});
    let put = tenant.request(Method::PUT, "/_sandbox/sessions/s").json(&seed).send().await.unwrap();
    let expected = json!({
        "sessionId": "s", "userId": "u", "context": {"a": "é"}, "state": "x",
        "seeded": true, "platformBytes": 4,
    });
    assert_eq!(json(put).await, expected);
    assert_eq!(json(tenant.get("/_sandbox/sessions/s").await).await, expected);
    assert_eq!(tenant.inject(json!({"b": 1})).await, r#"{"a":"é","b":1}"#);

    assert_eq!(tenant.delete("/_sandbox/sessions/s").await.status(), 204);
    problem(tenant.get("/_sandbox/sessions/s").await, 404, 1002).await;
    problem(tenant.delete("/_sandbox/sessions/s").await, 404, 1002).await;

    let misspelt = tenant.request(Method::PUT, "/_sandbox/sessions/s").json(&json!({"contxt": {}}));
    problem(misspelt.send().await.unwrap(), 400, 1005).await;
}

#[tokio::test]
async fn the_oldest_session_is_evicted_beyond_max_entries() {
    let tenant = Tenant::with_config(Config { max_entries: 2, ..Config::default() });
    for id in ["a", "b", "c"] {
        let path = format!("/new/v2.0/sessions/{id}/context/inject");
        tenant.post(&path, json!({"userId": "u", "context": {}})).await;
    }
    let ids = json(tenant.get("/_sandbox/sessions").await).await;
    assert_eq!(ids, json!({"sessions": ["b", "c"]}));
}
