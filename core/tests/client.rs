//! The client over a scripted transport, and over real HTTP against the sandbox.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should stop there"
)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cognigy_context::api::{Authorization, Credential, Request, Response, Secret};
use cognigy_context::client::{BoxFuture, ClientBuilder, Limits, Transport, TransportError};
use cognigy_context::{
    ApiErrorKind, Client, Code, Error, ExistingContext, PlatformCode, hash_session_id,
};
use serde_json::{Value, json};

/// Gives the answers it was told to, in order, and keeps the requests.
#[derive(Clone, Debug, Default)]
struct Scripted {
    answers: Arc<Mutex<VecDeque<Result<Response, TransportError>>>>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Scripted {
    fn answering(answers: impl IntoIterator<Item = Result<Response, TransportError>>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), ..Self::default() }
    }

    fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Transport for Scripted {
    async fn send(&self, request: Request, limits: Limits) -> Result<Response, TransportError> {
        assert!(limits.timeout <= Duration::from_secs(15));
        self.requests.lock().unwrap().push(request);
        self.answers.lock().unwrap().pop_front().unwrap()
    }

    /// Whoever waits waits for ever: these tests are of single attempts.
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

fn answer(status: u16, body: impl Into<Value>) -> Result<Response, TransportError> {
    Ok(Response { status, headers: Vec::new(), body: body.into().to_string().into_bytes() })
}

fn builder() -> ClientBuilder {
    Client::builder().base_url("https://api.example/new").api_key("a-secret-key").max_retries(0)
}

fn client(
    answers: impl IntoIterator<Item = Result<Response, TransportError>>,
) -> (Client<Scripted>, Scripted) {
    let transport = Scripted::answering(answers);
    (builder().build_with(transport.clone()).unwrap(), transport)
}

fn failure(error: Error) -> Box<cognigy_context::ApiError> {
    match error {
        Error::Api(failure) => failure,
        other => panic!("another error: {other}"),
    }
}

#[tokio::test]
async fn an_injection_is_one_request_with_the_key() {
    let (client, transport) = client([answer(200, json!({"a": 1, "before": true}))]);
    let context = client.inject_context("s", "u", &json!({"a": 1})).await.unwrap();
    assert_eq!(context["before"], true);
    let request = &transport.requests()[0];
    assert_eq!(request.url, "https://api.example/new/v2.0/sessions/s/context/inject");
    assert!(request.headers.contains(&("x-api-key", "a-secret-key".to_owned())));
}

#[tokio::test]
async fn what_the_platform_would_replace_is_never_sent() {
    let (client, transport) = client([]);
    let error =
        client.inject_context("s", "u", &json!({"notes": "x".repeat(69_985)})).await.unwrap_err();
    let Error::Validation(error) = error else { panic!("another error: {error}") };
    assert!(error.has(Code::WouldBeReplaced));
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn what_an_answer_showed_counts_the_next_time() {
    let held = json!({"history": "h".repeat(31_500)});
    let (client, transport) = client([answer(200, held), answer(200, json!({}))]);
    let small = json!({"a": "x".repeat(1_000)});
    client.inject_context("s", "u", &small).await.unwrap();
    let error = client.inject_context("s", "u", &small).await.unwrap_err();
    let Error::Validation(error) = error else { panic!("another error: {error}") };
    assert_eq!(error.report().issues[0].actual, Some(63_014 + 2_002));
    // Another session is another context, and what the caller says comes before what was seen.
    client.inject_context("other", "u", &small).await.unwrap();
    let existing = ExistingContext::of(&json!({})).unwrap();
    let call = client.inject_context_onto(&existing, "s", "u", &small);
    transport.answers.lock().unwrap().push_back(answer(200, json!({})));
    call.await.unwrap();
}

#[tokio::test]
async fn a_key_that_the_platform_replaced_is_an_error_all_the_same() {
    let text = "Cannot add value to context for key a/b: exceeded maximum context size.";
    let lost = json!({"a/b": {"error": text}, "old": {"error": text}});
    let (client, _) = client([answer(200, lost)]);
    let error = client.inject_context("s", "u", &json!({"a/b": 1, "c": 2})).await.unwrap_err();
    let Error::Validation(error) = error else { panic!("another error: {error}") };
    let issues = &error.report().issues;
    assert_eq!(issues.len(), 1);
    assert_eq!((issues[0].code, issues[0].path.as_str()), (Code::WouldBeReplaced, "/a~1b"));
}

#[tokio::test]
async fn every_status_has_its_kind() {
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
        let (client, _) = client([answer(status, problem)]);
        let failure = failure(client.inject_context("s-1", "u", &json!({})).await.unwrap_err());
        assert_eq!(failure.kind, kind, "{status}");
        assert_eq!(failure.status, Some(status));
        assert_eq!(failure.code, Some(PlatformCode::Number(1005)));
        assert_eq!(failure.trace_id.as_deref(), Some("api-1f"));
        assert_eq!(failure.session, Some(hash_session_id("s-1")));
        assert!(!failure.to_string().contains("Ada"), "{failure}");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_context_is_a_protocol_error() {
    for (body, place) in [
        ("[]", "JSON object"),
        ("", "JSON object"),
        ("<html>", "JSON object"),
        (r#"{"a": "\ud800"}"#, "/a"),
        (r#"{"a": {"b": 1, "b": 2}}"#, "/a/b"),
    ] {
        let response = Response { status: 200, headers: Vec::new(), body: body.into() };
        let (client, _) = client([Ok(response)]);
        let failure = failure(client.inject_context("s", "u", &json!({})).await.unwrap_err());
        assert_eq!(failure.kind, ApiErrorKind::Protocol, "{body}");
        assert!(failure.to_string().contains(place), "{failure}");
    }
    let deep = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    let response = Response { status: 200, headers: Vec::new(), body: deep.into() };
    let (client, _) = client([Ok(response)]);
    let failure = failure(client.inject_context("s", "u", &json!({})).await.unwrap_err());
    assert_eq!(failure.kind, ApiErrorKind::Protocol);
}

#[tokio::test]
async fn a_broken_transport_has_its_kind() {
    let too_large = |status| TransportError::TooLarge { status };
    for (error, kind, status) in [
        (TransportError::Unreachable, ApiErrorKind::Network, None),
        (TransportError::Broken, ApiErrorKind::Network, None),
        (TransportError::TimedOut, ApiErrorKind::Deadline, None),
        (too_large(None), ApiErrorKind::Protocol, None),
        (too_large(Some(200)), ApiErrorKind::Protocol, Some(200)),
    ] {
        let (client, _) = client([Err(error)]);
        let failure = failure(client.inject_context("s", "u", &json!({})).await.unwrap_err());
        assert_eq!(failure.kind, kind);
        assert_eq!(failure.status, status);
        assert_eq!(failure.session, Some(hash_session_id("s")));
    }
}

#[test]
fn no_secret_and_no_session_id_is_ever_printed() {
    let (client, _) = client([]);
    let prepared = client
        .prepare_context_injection("session-in-the-clear", "u", None, |call| {
            call.context(&json!({"k": "vvv"}))
        })
        .unwrap();
    let key = Secret::new("a-secret-key").unwrap();
    let authorization =
        Authorization { credential: Credential::ApiKey(key.clone()), organisation: None };
    let request = prepared.request(client.base_url(), Some(&authorization));
    for shown in [
        format!("{client:?}"),
        format!("{prepared:?}"),
        format!("{request:?}"),
        format!("{key:?}"),
        format!("{:?}", builder()),
    ] {
        for hidden in ["a-secret-key", "session-in-the-clear", "vvv"] {
            assert!(!shown.contains(hidden), "{hidden} in {shown}");
        }
    }
}

#[test]
fn a_client_needs_an_address_and_a_key() {
    let build = |builder: ClientBuilder| builder.build_with(Scripted::default()).unwrap_err();
    assert!(build(Client::builder()).to_string().contains("COGNIGY_BASE_URL"));
    let with_url = Client::builder().base_url("https://api.example");
    assert!(build(with_url.clone()).to_string().contains("COGNIGY_API_KEY"));
    assert!(build(with_url.clone().api_key("")).to_string().contains("COGNIGY_API_KEY"));
    let error = build(with_url.api_key("two\nlines"));
    assert!(!error.to_string().contains("lines"));
    assert!(build(Client::builder().api_key("k").base_url("")).to_string().contains("base URL"));
}

#[test]
fn the_environment_fills_what_is_not_given() {
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
async fn a_session_id_prefix_refuses_others() {
    let transport = Scripted::default();
    let client = builder().session_id_prefix("sess_").build_with(transport.clone()).unwrap();
    let error = client.inject_context("s-1", "u", &json!({})).await.unwrap_err();
    let Error::Validation(error) = error else { panic!("another error: {error}") };
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

    /// A client for which a slow machine is no failure.
    fn client_of(url: &str, key: &str) -> Client {
        const PATIENCE: Duration = Duration::from_secs(600);
        let settings = Settings {
            max_retries: 0,
            deadline: PATIENCE,
            attempt_timeout: PATIENCE,
            connect_timeout: PATIENCE,
            ..Settings::default()
        };
        Client::builder().base_url(url).api_key(key).settings(settings).build().unwrap()
    }

    #[tokio::test]
    async fn a_context_goes_in_and_comes_back() {
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
    async fn a_wrong_key_is_an_authentication_failure() {
        let sandbox = sandbox();
        let client = client_of(sandbox.url(), "not-the-key");
        let failure = failure(client.inject_context("s", "u", &json!({})).await.unwrap_err());
        assert_eq!(failure.kind, ApiErrorKind::Authentication);
        assert!(failure.trace_id.is_some());
        assert!(!failure.to_string().contains("not-the-key"));
    }

    /// The sandbox tells the platform's rule a second time, from its own code.
    #[tokio::test]
    async fn the_check_and_the_sandbox_agree_on_the_last_byte() {
        let sandbox = sandbox();
        let client = client_of(sandbox.url(), "sandbox-key");
        let exact = json!({"k": "x".repeat(31_999)});
        client.inject_context("s", "u", &exact).await.unwrap();
        // A client that does not know what the session holds sees it lost only in the answer.
        let stranger = client_of(sandbox.url(), "sandbox-key");
        let error = stranger.inject_context("s", "u", &json!({"l": 1})).await.unwrap_err();
        let Error::Validation(error) = error else { panic!("another error: {error}") };
        assert!(error.has(Code::WouldBeReplaced));
        assert_eq!(error.report().issues[0].path, "/l");
        // One that knows sees it before.
        let error = client.inject_context("s", "u", &json!({"l": 1})).await.unwrap_err();
        let Error::Validation(error) = error else { panic!("another error: {error}") };
        assert_eq!(error.report().issues[0].actual, Some(64_010));
    }

    #[tokio::test]
    async fn nobody_there_is_a_network_failure() {
        // A port that is taken and not listened on: nobody else can get it in between.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let client = client_of(&format!("http://{}", socket.local_addr().unwrap()), "sandbox-key");
        let failure = failure(client.inject_context("s", "u", &json!({})).await.unwrap_err());
        assert_eq!(failure.kind, ApiErrorKind::Network);
        assert!(failure.retryable());
    }
}
