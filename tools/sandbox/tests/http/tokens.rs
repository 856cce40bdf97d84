use crate::support::{Tenant, json, problem};
use cognigy_context_sandbox::Options;
use reqwest::{Method, Response};
use serde_json::{Value, json};

// The token routes, by the API family of their tokens.
const V1: &str = "/api/v1/auth/token";
const V2: &str = "/api/v2/oauth/token";
const BOTSESSIONS: &str = "/api/v2/auth/token";
const RUNTIME: &str = "/oauth/token";
const PLATFORM: &str = "/auth/oauth2/token";

async fn request_token(tenant: &Tenant, path: &str, scope: &str) -> Response {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "sandbox"),
        ("client_secret", "sandbox"),
        ("scope", scope),
    ];
    tenant.anonymous(Method::POST, path).form(&form).send().await.unwrap()
}

/// Returns a new access token.
async fn token(tenant: &Tenant, path: &str, scope: &str) -> String {
    let response = request_token(tenant, path, scope).await;
    assert_eq!(response.status(), 200);
    json(response).await["access_token"].as_str().unwrap().to_owned()
}

/// Returns the status and the OAuth error code of a response.
async fn error(response: Response) -> (u16, Value) {
    (response.status().as_u16(), json(response).await["error"].clone())
}

/// Returns every operation of the integration APIs as (scope, method, path, body, success status). The body
/// `null` means no body.
fn operations() -> Vec<(&'static str, Method, &'static str, Value, u16)> {
    let context = "/api/v1/sessions/s/context";
    let v2 = "/api/v2/sessions/s";
    let v2_context = "/api/v2/sessions/s/context";
    let state = "/runtime/v2/dialogs/d/state";
    let injection = json!({"variables": [], "mergeStrategy": "atomic_put"});
    vec![
        ("session:write", Method::POST, context, json!({"variables": {}}), 200),
        ("cognigy:context:readwrite", Method::GET, context, json!(null), 200),
        ("cognigy:context:readwrite", Method::PUT, context, json!({}), 200),
        ("sessions:read_write", Method::GET, v2, json!(null), 200),
        ("sessions:read_write", Method::GET, v2_context, json!(null), 200),
        ("sessions:read_write", Method::PUT, v2_context, injection, 200),
        ("variable:read", Method::GET, "/api/v2/botsessions/s/variables", json!(null), 200),
        ("runtime:write", Method::PATCH, state, json!({"user": {"a": 1}}), 200),
        ("dialog:read", Method::GET, state, json!(null), 200),
    ]
}

async fn call(tenant: &Tenant, token: &str, method: Method, path: &str, body: &Value) -> Response {
    let request = tenant.anonymous(method, path).header("Authorization", format!("Bearer {token}"));
    let request = if body.is_null() { request } else { request.json(body) };
    request.send().await.unwrap()
}

/// Starts a tenant with the empty session `s` and the empty dialog `d`.
fn with_session_and_dialog() -> Tenant {
    let tenant = Tenant::start();
    tenant.sandbox.seed_session("s", json!({})).unwrap();
    tenant.sandbox.seed_dialog("d", json!({})).unwrap();
    tenant
}

#[tokio::test]
async fn a_token_route_grants_its_own_scopes() {
    let tenant = Tenant::start();
    for (path, requested, granted) in [
        (V1, "session:write session:read", "session:write session:read"),
        (V1, "session:read", "session:read"),
        (V1, "", ""),
        (V2, "", "sessions:read_write"),
        (V2, "sessions:read_write", "sessions:read_write"),
        (BOTSESSIONS, "bot:read session:read variable:read", "bot:read session:read variable:read"),
        (BOTSESSIONS, "variable:read variable:read", "variable:read"),
        (BOTSESSIONS, "", ""),
        (RUNTIME, "cognigy:context:readwrite", "cognigy:context:readwrite"),
        (
            RUNTIME,
            "runtime:write session:manage dialog:read",
            "runtime:write session:manage dialog:read",
        ),
        (RUNTIME, "", ""),
    ] {
        let response = request_token(&tenant, path, requested).await;
        assert_eq!(response.status(), 200, "{path} {requested}");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let response_body = json(response).await;
        assert_eq!(response_body["scope"], granted, "{path} {requested}");
        assert_eq!(response_body["token_type"], "bearer");
        assert_eq!(response_body["expires_in"], 900);
        assert!(response_body["access_token"].as_str().is_some_and(|token| token.len() > 20));
    }
}

#[tokio::test]
async fn a_scope_of_another_route_is_an_invalid_scope() {
    let tenant = Tenant::start();
    for (path, scope) in [
        (V1, "session:write variable:read"),
        (V2, "session:write"),
        (BOTSESSIONS, "sessions:read_write"),
        (RUNTIME, "session:write"),
        (RUNTIME, "RUNTIME:WRITE"),
    ] {
        let rejected = error(request_token(&tenant, path, scope).await).await;
        assert_eq!(rejected, (400, json!("invalid_scope")), "{path} {scope}");
    }
}

#[tokio::test]
async fn wrong_credentials_and_other_grants_are_rejected() {
    let tenant = Tenant::start();
    for path in [V1, V2, BOTSESSIONS, RUNTIME] {
        for (grant, id, secret, expected) in [
            ("client_credentials", "sandbox", "wrong", (401, json!("invalid_client"))),
            ("client_credentials", "wrong", "sandbox", (401, json!("invalid_client"))),
            ("client_credentials", "", "", (401, json!("invalid_client"))),
            ("password", "sandbox", "sandbox", (400, json!("unsupported_grant_type"))),
            ("", "sandbox", "sandbox", (400, json!("invalid_request"))),
        ] {
            let form = [("grant_type", grant), ("client_id", id), ("client_secret", secret)];
            let response = tenant.anonymous(Method::POST, path).form(&form).send().await.unwrap();
            assert_eq!(error(response).await, expected, "{path} {grant} {id}");
        }
        let json = tenant.anonymous(Method::POST, path).json(&json!({})).send().await.unwrap();
        assert_eq!(error(json).await, (400, json!("invalid_request")));
    }
}

#[tokio::test]
async fn only_the_runtime_token_route_accepts_http_basic() {
    let tenant = Tenant::start();
    let request_token = |path, secret: &'static str, form: &'static [(&str, &str)]| {
        let request = tenant.anonymous(Method::POST, path).basic_auth("sandbox", Some(secret));
        request.form(form).send()
    };
    let grant = &[("grant_type", "client_credentials"), ("scope", "dialog:read")];
    let granted = json(request_token(RUNTIME, "sandbox", grant).await.unwrap()).await;
    assert_eq!(granted["scope"], "dialog:read");

    let wrong = request_token(RUNTIME, "wrong", grant).await.unwrap();
    assert_eq!(error(wrong).await, (401, json!("invalid_client")));
    let with_secret = &[("grant_type", "client_credentials"), ("client_secret", "sandbox")];
    let both = request_token(RUNTIME, "sandbox", with_secret).await.unwrap();
    assert_eq!(error(both).await, (400, json!("invalid_request")));
    let elsewhere =
        request_token(V1, "sandbox", &[("grant_type", "client_credentials")]).await.unwrap();
    assert_eq!(error(elsewhere).await, (401, json!("invalid_client")));
}

#[tokio::test]
async fn a_token_without_the_scope_of_an_operation_is_403_and_the_error_names_the_scope() {
    let tenant = with_session_and_dialog();
    let scopes = [
        (V1, "session:write"),
        (V1, "session:read"),
        (V2, "sessions:read_write"),
        (BOTSESSIONS, "variable:read"),
        (BOTSESSIONS, "bot:read"),
        (RUNTIME, "cognigy:context:readwrite"),
        (RUNTIME, "runtime:write"),
        (RUNTIME, "session:manage"),
        (RUNTIME, "dialog:read"),
    ];
    for (route, scope) in scopes {
        let token = token(&tenant, route, scope).await;
        for (required_scope, method, path, body, status) in operations() {
            let response = call(&tenant, &token, method.clone(), path, &body).await;
            if required_scope == scope {
                assert_eq!(response.status(), status, "{scope} {method} {path}");
            } else {
                let rejected = problem(response, 403, 403).await;
                assert!(
                    rejected["detail"].as_str().unwrap().contains(required_scope),
                    "{scope} {path}"
                );
            }
        }
        let response = call(&tenant, &token, Method::GET, "/new/v2.0/profiles", &json!(null)).await;
        problem(response, 403, 403).await;
    }
}

#[tokio::test]
async fn a_platform_token_is_valid_only_for_platform_routes() {
    let tenant = with_session_and_dialog();
    let token = token(&tenant, PLATFORM, "session:write sessions:read_write").await;
    for (_, method, path, body, _) in operations() {
        problem(call(&tenant, &token, method, path, &body).await, 403, 403).await;
    }
    let profiles = call(&tenant, &token, Method::GET, "/new/v2.0/profiles", &json!(null)).await;
    assert_eq!(profiles.status(), 200);
}

#[tokio::test]
async fn the_api_key_allows_every_operation_and_unknown_callers_none() {
    let tenant = with_session_and_dialog();
    for (_, method, path, body, status) in operations() {
        let request = tenant.request(method.clone(), path);
        let request = if body.is_null() { request } else { request.json(&body) };
        assert_eq!(request.send().await.unwrap().status(), status, "{method} {path}");
        problem(call(&tenant, "unknown", method.clone(), path, &body).await, 401, 401).await;
        let request = tenant.anonymous(method, path);
        let request = if body.is_null() { request } else { request.json(&body) };
        problem(request.send().await.unwrap(), 401, 401).await;
    }
}

#[tokio::test]
async fn tokens_can_be_revoked_and_their_lifetime_changed_at_run_time() {
    let tenant = with_session_and_dialog();
    let read = |token: String| {
        let tenant = &tenant;
        async move {
            let path = "/api/v2/sessions/s";
            call(tenant, &token, Method::GET, path, &json!(null)).await.status().as_u16()
        }
    };
    let old = token(&tenant, V2, "").await;
    assert_eq!(read(old.clone()).await, 200);
    assert_eq!(tenant.delete("/_sandbox/tokens").await.status(), 204);
    assert_eq!(read(old).await, 401);

    tenant.patch("/_sandbox/config", json!({"tokenLifetimeMs": 0})).await;
    assert_eq!(read(token(&tenant, V2, "").await).await, 401);
    tenant.patch("/_sandbox/config", json!({"tokenLifetimeMs": 3_600_000})).await;
    let granted = json(request_token(&tenant, V2, "").await).await;
    assert_eq!(granted["expires_in"], 3_600);
    assert_eq!(read(token(&tenant, V2, "").await).await, 200);

    let last = token(&tenant, V2, "").await;
    tenant.sandbox.revoke_tokens();
    assert_eq!(read(last).await, 401);
}

#[tokio::test]
async fn an_option_removes_expires_in_from_token_responses() {
    let tenant = Tenant::with_options(Options {
        token_response_has_expires_in: false,
        ..Options::default()
    });
    for path in [V1, V2, BOTSESSIONS, RUNTIME, PLATFORM] {
        let granted = json(request_token(&tenant, path, "").await).await;
        assert!(granted["access_token"].is_string());
        assert!(granted.get("expires_in").is_none(), "{path}");
    }
}

#[tokio::test]
async fn rejected_token_requests_are_counted_too() {
    let tenant = Tenant::start();
    for path in [V1, V2, BOTSESSIONS, RUNTIME, PLATFORM] {
        assert_eq!(request_token(&tenant, path, "").await.status(), 200);
    }
    assert_eq!(request_token(&tenant, V1, "nothing:known").await.status(), 400);
    let counters = tenant.sandbox.counters();
    assert_eq!((counters.token_requests, counters.tokens_granted), (6, 5));
    let counters = json(tenant.get("/_sandbox/counters").await).await;
    assert_eq!(counters["tokenRequests"], 6);
    assert_eq!(counters["tokensGranted"], 5);
}
