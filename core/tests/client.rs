//! The client over a scripted transport, and over real HTTP against the sandbox.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed assumption should fail the test"
)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cognigy_context::api::{Authorization, Credential, Request, Response, Secret};
use cognigy_context::client::{BoxFuture, ClientBuilder, Limits, Rate, Transport, TransportError};
use cognigy_context::{
    ApiErrorKind, Client, Code, Error, ExistingContext, PlatformCode, hash_session_id,
};
use serde_json::{Value, json};

/// A transport that returns scripted results in order and stores the requests. Panics after the last result.
#[derive(Clone, Debug, Default)]
struct Scripted {
    results: Arc<Mutex<VecDeque<Result<Response, TransportError>>>>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Scripted {
    fn with_results(results: impl IntoIterator<Item = Result<Response, TransportError>>) -> Self {
        Self { results: Arc::new(Mutex::new(results.into_iter().collect())), ..Self::default() }
    }

    fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Transport for Scripted {
    async fn send(&self, request: Request, limits: Limits) -> Result<Response, TransportError> {
        assert!(limits.timeout <= Duration::from_secs(15));
        self.requests.lock().unwrap().push(request);
        self.results.lock().unwrap().pop_front().unwrap()
    }

    /// Never completes: these tests are about single attempts, which wait for nothing.
    async fn sleep(&self, _: Duration) {
        std::future::pending().await
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn random(&self) -> f64 {
        0.5
    }

    fn spawn(&self, _: BoxFuture<'static, ()>) {}
}

fn response(status: u16, body: impl Into<Value>) -> Result<Response, TransportError> {
    Ok(Response { status, headers: Vec::new(), body: body.into().to_string().into_bytes() })
}

fn builder() -> ClientBuilder {
    Client::builder().base_url("https://api.example/new").api_key("a-secret-key").max_retries(0)
}

fn client(
    results: impl IntoIterator<Item = Result<Response, TransportError>>,
) -> (Client<Scripted>, Scripted) {
    let transport = Scripted::with_results(results);
    (builder().build_with(transport.clone()).unwrap(), transport)
}

fn api_error(error: Error) -> Box<cognigy_context::ApiError> {
    match error {
        Error::Api(error) => error,
        other => panic!("unexpected error: {other}"),
    }
}

#[tokio::test]
async fn inject_context_sends_one_request_with_the_api_key() {
    let (client, transport) = client([response(200, json!({"a": 1, "before": true}))]);
    let context = client.inject_context("s", "u", &json!({"a": 1})).await.unwrap();
    assert_eq!(context["before"], true);
    let request = &transport.requests()[0];
    assert_eq!(request.url, "https://api.example/new/v2.0/sessions/s/context/inject");
    assert!(request.headers.contains(&("x-api-key", "a-secret-key".to_owned())));
}

#[tokio::test]
async fn inject_context_rejects_what_the_platform_would_replace() {
    let (client, transport) = client([]);
    let error =
        client.inject_context("s", "u", &json!({"notes": "x".repeat(69_985)})).await.unwrap_err();
    let Error::Validation(error) = error else { panic!("unexpected error: {error}") };
    assert!(error.has(Code::WouldBeReplaced));
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn inject_context_counts_the_context_of_the_last_response() {
    let existing = json!({"history": "h".repeat(31_500)});
    let (client, transport) = client([response(200, existing), response(200, json!({}))]);
    let small = json!({"a": "x".repeat(1_000)});
    client.inject_context("s", "u", &small).await.unwrap();
    let error = client.inject_context("s", "u", &small).await.unwrap_err();
    let Error::Validation(error) = error else { panic!("unexpected error: {error}") };
    // Platform bytes: 2 for each character of a key or text.
    assert_eq!(error.report().issues[0].actual, Some(63_014 + 2_002));
    // The context of another session does not count, and an explicit existing context takes precedence.
    client.inject_context("other", "u", &small).await.unwrap();
    let existing = ExistingContext::of(&json!({})).unwrap();
    let call = client.inject_context_onto(&existing, "s", "u", &small);
    transport.results.lock().unwrap().push_back(response(200, json!({})));
    call.await.unwrap();
}

#[tokio::test]
async fn inject_context_fails_when_the_response_shows_a_replaced_key() {
    let text = "Cannot add value to context for key a/b: exceeded maximum context size.";
    let replaced = json!({"a/b": {"error": text}, "old": {"error": text}});
    let (client, _) = client([response(200, replaced)]);
    let error = client.inject_context("s", "u", &json!({"a/b": 1, "c": 2})).await.unwrap_err();
    let Error::Validation(error) = error else { panic!("unexpected error: {error}") };
    let issues = &error.report().issues;
    assert_eq!(issues.len(), 1);
    assert_eq!((issues[0].code, issues[0].path.as_str()), (Code::WouldBeReplaced, "/a~1b"));
}

#[tokio::test]
async fn each_status_maps_to_an_error_kind() {
    for (status, kind) in [
        (302, ApiErrorKind::Protocol),
        (400, ApiErrorKind::BadRequest),
        (401, ApiErrorKind::Authentication),
        (403, ApiErrorKind::PermissionDenied),
        (404, ApiErrorKind::SessionNotFound),
        (409, ApiErrorKind::Conflict),
        (413, ApiErrorKind::BadRequest),
        (429, ApiErrorKind::RateLimit),
        (500, ApiErrorKind::Server),
        (503, ApiErrorKind::Server),
    ] {
        let problem = json!({"code": 1005, "traceId": "api-1f", "detail": "Ada Lovelace"});
        let (client, _) = client([response(status, problem)]);
        let error = api_error(client.inject_context("s-1", "u", &json!({})).await.unwrap_err());
        assert_eq!(error.kind, kind, "{status}");
        assert_eq!(error.status, Some(status));
        assert_eq!(error.code, Some(PlatformCode::Number(1005)));
        assert_eq!(error.trace_id.as_deref(), Some("api-1f"));
        assert_eq!(error.session, Some(hash_session_id("s-1")));
        assert!(!error.to_string().contains("Ada"), "{error}");
    }
}

#[tokio::test]
async fn a_response_that_is_not_a_context_is_a_protocol_error() {
    for (body, location) in [
        ("[]", "JSON object"),
        ("", "JSON object"),
        ("<html>", "JSON object"),
        (r#"{"a": "\ud800"}"#, "/a"),
        (r#"{"a": {"b": 1, "b": 2}}"#, "/a/b"),
    ] {
        let response = Response { status: 200, headers: Vec::new(), body: body.into() };
        let (client, _) = client([Ok(response)]);
        let error = api_error(client.inject_context("s", "u", &json!({})).await.unwrap_err());
        assert_eq!(error.kind, ApiErrorKind::Protocol, "{body}");
        assert!(error.to_string().contains(location), "{error}");
    }
    let deep = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    let response = Response { status: 200, headers: Vec::new(), body: deep.into() };
    let (client, _) = client([Ok(response)]);
    let error = api_error(client.inject_context("s", "u", &json!({})).await.unwrap_err());
    assert_eq!(error.kind, ApiErrorKind::Protocol);
}

#[tokio::test]
async fn each_transport_error_maps_to_an_error_kind() {
    let too_large = |status| TransportError::TooLarge { status };
    for (error, kind, status) in [
        (TransportError::Unreachable, ApiErrorKind::Network, None),
        (TransportError::Broken, ApiErrorKind::Network, None),
        (TransportError::TimedOut, ApiErrorKind::Deadline, None),
        (too_large(None), ApiErrorKind::Protocol, None),
        (too_large(Some(200)), ApiErrorKind::Protocol, Some(200)),
    ] {
        let (client, _) = client([Err(error)]);
        let error = api_error(client.inject_context("s", "u", &json!({})).await.unwrap_err());
        assert_eq!(error.kind, kind);
        assert_eq!(error.status, status);
        assert_eq!(error.session, Some(hash_session_id("s")));
    }
}

#[test]
fn debug_output_contains_no_secret_and_no_session_id() {
    let (client, _) = client([]);
    let prepared = client
        .prepare_context_injection("session-in-the-clear", "u", None, |injection| {
            injection.context(&json!({"k": "vvv"}))
        })
        .unwrap();
    let key = Secret::new("a-secret-key").unwrap();
    let authorization =
        Authorization { credential: Credential::ApiKey(key.clone()), organisation: None };
    let request = prepared.request(client.base_url(), Some(&authorization));
    for output in [
        format!("{client:?}"),
        format!("{prepared:?}"),
        format!("{request:?}"),
        format!("{key:?}"),
        format!("{:?}", builder()),
    ] {
        for hidden in ["a-secret-key", "session-in-the-clear", "vvv"] {
            assert!(!output.contains(hidden), "{hidden} in {output}");
        }
    }
}

#[test]
fn build_fails_without_base_url_or_credentials() {
    let build = |builder: ClientBuilder| builder.build_with(Scripted::default()).unwrap_err();
    assert!(build(Client::builder()).to_string().contains("COGNIGY_BASE_URL"));
    let with_url = Client::builder().base_url("https://api.example");
    assert!(build(with_url.clone()).to_string().contains("COGNIGY_API_KEY"));
    assert!(build(with_url.clone().api_key("")).to_string().contains("COGNIGY_API_KEY"));
    let error = build(with_url.api_key("two\nlines"));
    assert!(!error.to_string().contains("lines"));
    assert!(build(Client::builder().api_key("k").base_url("")).to_string().contains("base_url"));
}

#[test]
fn a_configuration_error_names_the_option() {
    let rate = |requests| Some(Rate { requests, window: Duration::from_secs(1) });
    for (builder, field, message) in [
        (builder().deadline(Duration::ZERO), "deadline", "`deadline` must be more than 0 s"),
        (builder().max_concurrent(0), "max_concurrent", "`max_concurrent` must be at least 1"),
        (
            builder().rates(rate(1), rate(0)),
            "platform_rate",
            "`platform_rate` must be at least 1 request in more than 0 s",
        ),
        (
            builder().crm_webhook("ftp://crm.example"),
            "crm_webhook",
            "the URL in `crm_webhook`: it must start with https:// or http://",
        ),
        (
            builder().crm_webhook("https://crm.example").crm_webhook_secret("!"),
            "crm_webhook_secret",
            "`crm_webhook_secret` must be a secret of Standard Webhooks: whsec_ and Base64",
        ),
    ] {
        let error = builder.build_with(Scripted::default()).unwrap_err();
        assert_eq!((error.field(), error.to_string().as_str()), (Some(field), message));
    }
    let error = builder().client_credentials("id", "").build_with(Scripted::default());
    assert_eq!(error.unwrap_err().field(), Some("client_secret"));
}

#[test]
fn or_from_sets_only_unset_options_and_ignores_empty_variables() {
    let environment = |name: &str| match name {
        "COGNIGY_TENANT_URL" => Some("https://tenant.example".to_owned()),
        "COGNIGY_BASE_URL" => Some(String::new()),
        "COGNIGY_API_KEY" => Some("from-environment".to_owned()),
        _ => None,
    };
    let client = Client::builder().or_from(environment).build_with(Scripted::default()).unwrap();
    assert_eq!(client.base_url().as_str(), "https://tenant.example");
    let given = Client::builder().base_url("https://given.example").or_from(environment);
    assert_eq!(
        given.build_with(Scripted::default()).unwrap().base_url().as_str(),
        "https://given.example"
    );
}

#[tokio::test]
async fn a_session_id_without_the_prefix_is_rejected() {
    let transport = Scripted::default();
    let client = builder().session_id_prefix("sess_").build_with(transport.clone()).unwrap();
    let error = client.inject_context("s-1", "u", &json!({})).await.unwrap_err();
    let Error::Validation(error) = error else { panic!("unexpected error: {error}") };
    assert_eq!(error.report().issues[0].path, "/sessionId");
    assert!(transport.requests().is_empty());
}

#[cfg(feature = "http")]
mod over_http {
    use cognigy_context::client::Settings;
    use cognigy_context_sandbox::{Config, Sandbox};

    use super::*;

    fn sandbox() -> Sandbox {
        Sandbox::start(Config::default()).unwrap()
    }

    /// Returns a client without retries and with timeouts that are long enough for a slow machine.
    fn client_of(url: &str, key: &str) -> Client {
        const GENEROUS_TIMEOUT: Duration = Duration::from_secs(600);
        let settings = Settings {
            max_retries: 0,
            deadline: GENEROUS_TIMEOUT,
            attempt_timeout: GENEROUS_TIMEOUT,
            connect_timeout: GENEROUS_TIMEOUT,
            ..Settings::default()
        };
        Client::builder().base_url(url).api_key(key).settings(settings).build().unwrap()
    }

    #[tokio::test]
    async fn inject_context_merges_into_the_session() {
        let sandbox = sandbox();
        let client = client_of(sandbox.url(), "sandbox-key");
        client
            .inject_context("s/1 ü", "u", &json!({"tier": "gold", "n": [1, null]}))
            .await
            .unwrap();
        let context = client.inject_context("s/1 ü", "u", &json!({"open": true})).await.unwrap();
        let expected = json!({"tier": "gold", "n": [1, null], "open": true});
        assert_eq!(Value::Object(context), expected);
    }

    #[tokio::test]
    async fn a_wrong_api_key_is_an_authentication_error() {
        let sandbox = sandbox();
        let client = client_of(sandbox.url(), "not-the-key");
        let error = api_error(client.inject_context("s", "u", &json!({})).await.unwrap_err());
        assert_eq!(error.kind, ApiErrorKind::Authentication);
        assert!(error.trace_id.is_some());
        assert!(!error.to_string().contains("not-the-key"));
    }

    /// The sandbox has its own implementation of the platform's rule.
    #[tokio::test]
    async fn the_check_and_the_sandbox_agree_to_the_byte() {
        let sandbox = sandbox();
        let client = client_of(sandbox.url(), "sandbox-key");
        let exact = json!({"k": "x".repeat(31_999)});
        client.inject_context("s", "u", &exact).await.unwrap();
        // A new client does not know the stored context, so it detects the replacement only in the response.
        let other_client = client_of(sandbox.url(), "sandbox-key");
        let error = other_client.inject_context("s", "u", &json!({"l": 1})).await.unwrap_err();
        let Error::Validation(error) = error else { panic!("unexpected error: {error}") };
        assert!(error.has(Code::WouldBeReplaced));
        assert_eq!(error.report().issues[0].path, "/l");
        // The first client counts the context of its last response and rejects the key before it sends it.
        let error = client.inject_context("s", "u", &json!({"l": 1})).await.unwrap_err();
        let Error::Validation(error) = error else { panic!("unexpected error: {error}") };
        assert_eq!(error.report().issues[0].actual, Some(64_010));
    }

    #[tokio::test]
    async fn a_refused_connection_is_a_network_error() {
        // The port is bound without a listener, so that no other process can take it.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let client = client_of(&format!("http://{}", socket.local_addr().unwrap()), "sandbox-key");
        let error = api_error(client.inject_context("s", "u", &json!({})).await.unwrap_err());
        assert_eq!(error.kind, ApiErrorKind::Network);
        assert!(error.retryable());
    }
}
