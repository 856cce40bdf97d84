use crate::support::{INJECT, Tenant, json, problem};
use cognigy_context_sandbox::Config;
use reqwest::{Method, Response};
use serde_json::json;
use std::time::Duration;

const TOKEN_PATH: &str = "/auth/oauth2/token";
const CREDENTIALS: [(&str, &str); 3] =
    [("grant_type", "client_credentials"), ("client_id", "sandbox"), ("client_secret", "sandbox")];

async fn request_token(tenant: &Tenant, form: &[(&str, &str)]) -> Response {
    tenant.anonymous(Method::POST, TOKEN_PATH).form(form).send().await.unwrap()
}

async fn list_profiles_with(tenant: &Tenant, authorization: &str) -> Response {
    tenant
        .anonymous(Method::GET, "/new/v2.0/profiles")
        .header("Authorization", authorization)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_request_without_a_key_is_401() {
    let tenant = Tenant::start();
    let body = json!({"userId": "u", "context": {}});
    let response = tenant.anonymous(Method::POST, INJECT).json(&body).send().await.unwrap();
    assert_eq!(response.headers()["www-authenticate"], "Bearer realm=\"sandbox\"");
    problem(response, 401, 401).await;
}

#[tokio::test]
async fn a_wrong_key_is_401_and_the_right_one_is_accepted() {
    let tenant = Tenant::with_config(Config { api_key: "mine".into(), ..Config::default() });
    for (key, status) in [("sandbox-key", 401), ("", 401), ("mine", 200)] {
        let request = tenant.anonymous(Method::GET, "/new/v2.0/profiles").header("x-api-key", key);
        assert_eq!(request.send().await.unwrap().status(), status, "key {key:?}");
    }
}

#[tokio::test]
async fn client_credentials_return_a_token_and_bearer_is_case_insensitive() {
    let tenant = Tenant::start();
    let response = request_token(&tenant, &CREDENTIALS).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let response_body = json(response).await;
    assert_eq!(response_body["token_type"], "bearer");
    assert_eq!(response_body["expires_in"], 900);
    assert_eq!(response_body["scope"], "");
    assert!(response_body.get("refresh_token").is_none());
    let token = response_body["access_token"].as_str().unwrap();
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(list_profiles_with(&tenant, &format!("{scheme} {token}")).await.status(), 200);
    }
    for wrong in [format!("Bearer {token}x"), format!("Basic {token}"), token.to_owned()] {
        assert_eq!(list_profiles_with(&tenant, &wrong).await.status(), 401);
    }
}

#[tokio::test]
async fn a_token_is_rejected_after_its_lifetime() {
    let tenant =
        Tenant::with_config(Config { token_lifetime: Duration::ZERO, ..Config::default() });
    let granted = json(request_token(&tenant, &CREDENTIALS).await).await;
    assert_eq!(granted["expires_in"], 0);
    let bearer = format!("Bearer {}", granted["access_token"].as_str().unwrap());
    assert_eq!(list_profiles_with(&tenant, &bearer).await.status(), 401);

    tenant.sandbox.set_token_lifetime(Duration::from_secs(60));
    let granted = json(request_token(&tenant, &CREDENTIALS).await).await;
    assert_eq!(granted["expires_in"], 60);
    let bearer = format!("Bearer {}", granted["access_token"].as_str().unwrap());
    assert_eq!(list_profiles_with(&tenant, &bearer).await.status(), 200);
}

#[tokio::test]
async fn a_refresh_token_is_valid_once_and_keeps_the_scope() {
    let tenant = Tenant::start();
    let response = request_token(
        &tenant,
        &[
            ("grant_type", "password"),
            ("client_id", "sandbox"),
            ("client_secret", "sandbox"),
            ("username", "sandbox"),
            ("password", "sandbox"),
            ("scope", "a b"),
        ],
    )
    .await;
    let response_body = json(response).await;
    assert_eq!(response_body["scope"], "a b");
    let refresh_token = response_body["refresh_token"].as_str().unwrap();
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "sandbox"),
        ("client_secret", "sandbox"),
        ("refresh_token", refresh_token),
    ];
    let renewed = json(request_token(&tenant, &form).await).await;
    assert_eq!(renewed["scope"], "a b");
    assert_ne!(renewed["refresh_token"], refresh_token);
    let bearer = format!("Bearer {}", renewed["access_token"].as_str().unwrap());
    assert_eq!(list_profiles_with(&tenant, &bearer).await.status(), 200);

    let again = request_token(&tenant, &form).await;
    assert_eq!(again.status(), 400);
    assert_eq!(json(again).await["error"], "invalid_grant");
}

#[tokio::test]
async fn a_rejected_token_request_returns_an_oauth_error() {
    let tenant = Tenant::start();
    let client = [("client_id", "sandbox"), ("client_secret", "sandbox")];
    for (extra, status, error) in [
        (vec![], 400, "invalid_request"),
        (vec![("grant_type", "magic")], 400, "unsupported_grant_type"),
        (
            vec![("grant_type", "password"), ("username", "u"), ("password", "p")],
            400,
            "invalid_grant",
        ),
        (vec![("grant_type", "password"), ("username", "u")], 400, "invalid_request"),
        (vec![("grant_type", "refresh_token")], 400, "invalid_request"),
        (vec![("grant_type", "client_credentials"), ("client_id", "x")], 400, "invalid_request"),
    ] {
        let form: Vec<_> = client.iter().copied().chain(extra).collect();
        let response = request_token(&tenant, &form).await;
        assert_eq!(response.status(), status, "{form:?}");
        let response_body = json(response).await;
        assert_eq!(response_body["error"], error, "{form:?}");
        assert!(response_body["error_description"].is_string());
    }
    let no_secret = [("grant_type", "client_credentials"), ("client_id", "sandbox")];
    let response = request_token(&tenant, &no_secret).await;
    assert_eq!(response.status(), 401);
    assert_eq!(json(response).await["error"], "invalid_client");

    let as_json = tenant.anonymous(Method::POST, TOKEN_PATH).json(&json!({})).send().await.unwrap();
    assert_eq!(json(as_json).await["error"], "invalid_request");
}
