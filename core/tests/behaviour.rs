//! The client over time, on a virtual clock: tokens, rate limits, webhook deliveries, audit records.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed assumption should fail the test"
)]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cognigy_context::api::{AccessToken, ApiFamily, Request};
use cognigy_context::client::{
    AuditRecord, AuditStatus, BoxFuture, ClientBuilder, Limits, Rate, TokenSource,
    TokenSourceError, Transport, UpdateOptions,
};
use cognigy_context::{
    ApiErrorKind, Client, Code, Error, InjectionPayload, InjectionVariable, StateUpdate,
    canonical_json,
};
use futures_util::FutureExt;
use futures_util::future::join_all;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use support::{EPOCH, Host, Server, ServerReply, response, response_with};

/// A server that stores the requests with their times, and replies with a function.
struct Recorder<F> {
    requests: Vec<(Duration, Request)>,
    handler: F,
}

impl<F> Server for Recorder<F>
where
    F: FnMut(&Request) -> ServerReply + Send + 'static,
{
    fn reply(&mut self, now: Duration, request: &Request, _: Limits) -> ServerReply {
        self.requests.push((now, request.clone()));
        (self.handler)(request)
    }
}

fn host<F>(handler: F) -> Host<Recorder<F>>
where
    F: FnMut(&Request) -> ServerReply + Send + 'static,
{
    Host::new(Recorder { requests: Vec::new(), handler }, 7)
}

fn builder() -> ClientBuilder {
    Client::builder().base_url("https://api.example")
}

fn header<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    request.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
}

fn is_token_request(request: &Request) -> bool {
    request.url.contains("token")
}

/// The latency of a fast server.
const SHORT_LATENCY: Duration = Duration::from_millis(10);

/// Returns a handler that replies to every operation with success, and to token requests with numbered
/// tokens of this lifetime in seconds.
fn tenant(lifetime: Option<u64>) -> impl FnMut(&Request) -> ServerReply + Send + 'static {
    let mut count = 0;
    move |request| {
        if is_token_request(request) {
            count += 1;
            let mut token =
                json!({"access_token": format!("token-{count}"), "token_type": "bearer"});
            if let Some(lifetime) = lifetime {
                token["expires_in"] = lifetime.into();
            }
            return (SHORT_LATENCY, response(200, &token.to_string()));
        }
        (SHORT_LATENCY, response(200, r#"{"variables":[],"a":1}"#))
    }
}

async fn call<T: Transport>(client: &Client<T>, family: ApiFamily) -> Result<(), Error> {
    let query = cognigy_context::api::botsessions::VariablesQuery::default();
    match family {
        ApiFamily::SessionsV1 => client.append_variables("s", &json!({"a": 1})).await.map(drop),
        ApiFamily::SessionsV2 => client.session_exists("s").await.map(drop),
        ApiFamily::Botsessions => client.get_variables("s", &query).await.map(drop),
        ApiFamily::Documents => client.get_document("s").await.map(drop),
        ApiFamily::RuntimeV2 => client.get_state("d").await.map(drop),
        ApiFamily::Platform => client.inject_context("s", "u", &json!({"b": 1})).await.map(drop),
    }
}

#[test]
fn each_family_requests_its_token_from_its_endpoint() {
    for (family, path, scope, is_basic) in [
        (ApiFamily::SessionsV1, "/api/v1/auth/token", "session%3Awrite+session%3Aread", false),
        (ApiFamily::SessionsV2, "/api/v2/oauth/token", "", false),
        (
            ApiFamily::Botsessions,
            "/api/v2/auth/token",
            "bot%3Aread+session%3Aread+variable%3Aread",
            false,
        ),
        (ApiFamily::Documents, "/oauth/token", "cognigy%3Acontext%3Areadwrite", false),
        (
            ApiFamily::RuntimeV2,
            "/oauth/token",
            "runtime%3Awrite+session%3Amanage+dialog%3Aread",
            true,
        ),
        (ApiFamily::Platform, "/auth/oauth2/token", "", false),
    ] {
        let host = host(tenant(Some(900)));
        let client = builder()
            .client_credentials("an id", "a:secret &+")
            .tenant_id("tenant-7")
            .build_with(host.clone())
            .unwrap();
        host.run(call(&client, family)).unwrap();
        let server = host.server.lock().unwrap();
        let (token, request) = (&server.requests[0].1, &server.requests[1].1);
        assert_eq!(token.url, format!("https://api.example{path}"), "{family}");
        let form = String::from_utf8(token.body.clone().unwrap()).unwrap();
        let mut expected = "grant_type=client_credentials".to_owned();
        if is_basic {
            let basic = STANDARD.encode("an+id:a%3Asecret+%26%2B");
            assert_eq!(header(token, "authorization"), Some(format!("Basic {basic}").as_str()));
        } else {
            expected += "&client_id=an+id&client_secret=a%3Asecret+%26%2B";
        }
        if !scope.is_empty() {
            expected += &format!("&scope={scope}");
        }
        assert_eq!(form, expected, "{family}");
        assert_eq!(header(token, "content-type"), Some("application/x-www-form-urlencoded"));
        assert_eq!(header(request, "authorization"), Some("Bearer token-1"));
        assert_eq!(header(request, "organisation-id"), Some("tenant-7"));
    }
}

#[test]
fn token_urls_and_scopes_are_configurable() {
    let host = host(tenant(None));
    let client = builder()
        .client_credentials("id", "secret")
        .token_url(ApiFamily::RuntimeV2, "https://login.example/token")
        .scope(ApiFamily::RuntimeV2, "all")
        .build_with(host.clone())
        .unwrap();
    host.run(call(&client, ApiFamily::RuntimeV2)).unwrap();
    let server = host.server.lock().unwrap();
    assert_eq!(server.requests[0].1.url, "https://login.example/token");
    assert!(
        String::from_utf8_lossy(server.requests[0].1.body.as_ref().unwrap()).contains("scope=all")
    );
}

#[test]
fn a_token_is_renewed_before_it_expires() {
    // The lifetime in the response, the family, and the time for which the token is used: the lifetime
    // minus the margin, but at least half of the lifetime.
    for (lifetime, family, used_for) in [
        (Some(3_600), ApiFamily::SessionsV1, 3_300),
        (Some(3_600), ApiFamily::SessionsV2, 3_570),
        (Some(3_600), ApiFamily::Botsessions, 3_570),
        (Some(3_600), ApiFamily::Documents, 3_540),
        (Some(900), ApiFamily::RuntimeV2, 600),
        (Some(400), ApiFamily::RuntimeV2, 200),
        (Some(10), ApiFamily::Platform, 5),
        (None, ApiFamily::Platform, 3_570),
    ] {
        let host = host(tenant(lifetime));
        let client = builder().client_credentials("id", "secret").build_with(host.clone()).unwrap();
        let tokens = || {
            let server = host.server.lock().unwrap();
            server.requests.iter().filter(|(_, request)| is_token_request(request)).count()
        };
        host.run(async {
            call(&client, family).await.unwrap();
            host.sleep(Duration::from_secs(used_for - 1)).await;
            call(&client, family).await.unwrap();
            assert_eq!(tokens(), 1, "{family} {lifetime:?}");
            host.sleep(Duration::from_secs(1)).await;
            call(&client, family).await.unwrap();
            assert_eq!(tokens(), 2, "{family} {lifetime:?}");
        });
    }
}

#[test]
fn expires_in_may_be_a_number_or_text() {
    // The lifetime in the response, and the number of tokens that two calls in a row and a third one an
    // hour later request.
    for (lifetime, token_requests) in [
        (json!(7_200), 1),
        (json!("7200"), 1),
        (json!(7_200.5), 1),
        (json!(null), 2),
        (json!("long"), 2),
        (json!(0), 3),
        (json!(-5), 3),
        (json!("-5"), 3),
    ] {
        let expires_in = lifetime.clone();
        let host = host(move |request: &Request| {
            if !is_token_request(request) {
                return (SHORT_LATENCY, response(200, "{}"));
            }
            (
                SHORT_LATENCY,
                response(200, &json!({"access_token": "t", "expires_in": expires_in}).to_string()),
            )
        });
        let client = builder().client_credentials("id", "secret").build_with(host.clone()).unwrap();
        host.run(async {
            call(&client, ApiFamily::SessionsV2).await.unwrap();
            call(&client, ApiFamily::SessionsV2).await.unwrap();
            host.sleep(Duration::from_secs(3_600)).await;
            call(&client, ApiFamily::SessionsV2).await.unwrap();
        });
        let server = host.server.lock().unwrap();
        let tokens =
            server.requests.iter().filter(|(_, request)| is_token_request(request)).count();
        assert_eq!(tokens, token_requests, "{lifetime}");
    }
}

#[test]
fn a_refused_token_request_is_an_authentication_error() {
    for status in [400, 401, 403, 404, 405, 409, 422] {
        let host = host(move |_: &Request| (SHORT_LATENCY, response(status, "{}")));
        let client = builder().client_credentials("id", "secret").build_with(host.clone()).unwrap();
        let Err(Error::Api(error)) = host.run(call(&client, ApiFamily::SessionsV2)) else {
            panic!("the call succeeded");
        };
        let found = (error.kind, error.status, error.during_token);
        assert_eq!(found, (ApiErrorKind::Authentication, Some(status), true));
    }
}

#[test]
fn a_401_invalidates_only_the_refused_token() {
    let mut is_first = true;
    let mut tenant = tenant(Some(3_600));
    let host = host(move |request: &Request| {
        if header(request, "authorization") == Some("Bearer token-1") {
            // The first 401 is slow: the other calls have a new token before it arrives.
            let seconds = if std::mem::take(&mut is_first) { 9 } else { 1 };
            return (Duration::from_secs(seconds), response(401, "{}"));
        }
        tenant(request)
    });
    let client = builder().client_credentials("id", "secret").build_with(host.clone()).unwrap();
    let calls = (0..4).map(|_| call(&client, ApiFamily::SessionsV2));
    for result in host.run(join_all(calls)) {
        result.unwrap();
    }
    let server = host.server.lock().unwrap();
    assert_eq!(server.requests.iter().filter(|(_, request)| is_token_request(request)).count(), 2);
}

#[test]
fn a_second_401_fails_after_two_attempts() {
    let mut tenant = tenant(Some(3_600));
    let host = host(move |request: &Request| match is_token_request(request) {
        true => tenant(request),
        false => (SHORT_LATENCY, response(401, "{}")),
    });
    let client = builder().client_credentials("id", "secret").build_with(host.clone()).unwrap();
    let Err(Error::Api(error)) = host.run(call(&client, ApiFamily::SessionsV2)) else {
        panic!("the call succeeded");
    };
    assert_eq!((error.kind, error.attempts), (ApiErrorKind::Authentication, 2));
    assert_eq!(host.server.lock().unwrap().requests.len(), 4);
}

#[test]
fn a_repeated_page_cursor_is_a_protocol_error() {
    let host = host(|request: &Request| {
        let next = if request.url.ends_with("next=b") { "a" } else { "b" };
        (
            SHORT_LATENCY,
            response(
                200,
                &json!({"variables": [], "pagination": {"nextCursor": next}}).to_string(),
            ),
        )
    });
    let client = builder().api_key("k").build_with(host.clone()).unwrap();
    let Err(Error::Api(error)) = host.run(call(&client, ApiFamily::Botsessions)) else {
        panic!("the call succeeded");
    };
    assert_eq!((error.kind, error.attempts), (ApiErrorKind::Protocol, 3));
}

#[test]
fn sync_context_does_not_retry_a_conflict_without_a_tag() {
    let host = host(|request: &Request| match request.method {
        cognigy_context::api::Method::Get => (SHORT_LATENCY, response(200, "{}")),
        _ => (SHORT_LATENCY, response(409, "{}")),
    });
    let client = builder().api_key("k").build_with(host.clone()).unwrap();
    let result = host.run(client.sync_context("s", &json!({"a": 1})));
    let Err(Error::Api(error)) = result else { panic!("the call succeeded") };
    assert_eq!((error.kind, error.attempts), (ApiErrorKind::Conflict, 2));
}

#[test]
fn sync_context_rejects_integers_beyond_64_bits() {
    const BEYOND: &str = r#"{"a":{"b":[18446744073709551617]}}"#;
    // No other test uses this id: session locks belong to the process, but each test has its own clock.
    const SESSION: &str = "rounded";
    let assert_rejected = |result: Result<_, Error>| {
        let Err(Error::Validation(error)) = result else { panic!("the call succeeded") };
        let issue = error.report().issues[0].clone();
        assert_eq!((issue.code, issue.path.as_str()), (Code::UnsafeInteger, "/a/b/0"));
    };
    let host = host(|_: &Request| (SHORT_LATENCY, response(200, BEYOND)));
    let client = builder().api_key("k").build_with(host.clone()).unwrap();

    let prepared = client.prepare_sync(SESSION, Ok(BEYOND.into()));
    assert_rejected(prepared.map(drop).map_err(Error::from));
    assert!(host.server.lock().unwrap().requests.is_empty());

    assert_rejected(host.run(client.sync_context(SESSION, &json!({"c": 1}))).map(drop));
    let requests = &host.server.lock().unwrap().requests;
    assert!(
        requests.iter().all(|(_, request)| request.method == cognigy_context::api::Method::Get)
    );
}

/// A token source that stores the families it was called with. Its third call fails.
struct Source(Arc<Mutex<Vec<ApiFamily>>>);

impl TokenSource for Source {
    fn token(
        &self,
        family: ApiFamily,
    ) -> BoxFuture<'static, Result<AccessToken, TokenSourceError>> {
        self.0.lock().unwrap().push(family);
        let count = self.0.lock().unwrap().len();
        let token = AccessToken::new(format!("source-{count}")).unwrap();
        let token = token.expires_in(Duration::from_secs(100));
        Box::pin(async move { if count == 3 { Err(TokenSourceError) } else { Ok(token) } })
    }
}

#[test]
fn a_token_source_is_called_when_no_valid_token_is_cached() {
    let families = Arc::new(Mutex::new(Vec::new()));
    let host = host(tenant(None));
    let source = Source(Arc::clone(&families));
    let client = builder().token_source(source).build_with(host.clone()).unwrap();
    host.run(async {
        call(&client, ApiFamily::Botsessions).await.unwrap();
        call(&client, ApiFamily::Botsessions).await.unwrap();
        host.sleep(Duration::from_secs(70)).await;
        call(&client, ApiFamily::Botsessions).await.unwrap();
        let Err(Error::Api(error)) = call(&client, ApiFamily::Documents).await else {
            panic!("the call succeeded");
        };
        assert_eq!((error.kind, error.during_token), (ApiErrorKind::Authentication, true));
    });
    let botsessions = ApiFamily::Botsessions;
    assert_eq!(*families.lock().unwrap(), [botsessions, botsessions, ApiFamily::Documents]);
    let server = host.server.lock().unwrap();
    let tokens =
        server.requests.iter().map(|(_, request)| header(request, "authorization").unwrap());
    assert_eq!(
        tokens.collect::<Vec<_>>(),
        ["Bearer source-1", "Bearer source-1", "Bearer source-2"]
    );
}

#[test]
fn build_rejects_conflicting_credentials() {
    let build = |builder: ClientBuilder| builder.build_with(host(tenant(None)));
    assert!(build(builder().bearer_token("t").client_credentials("i", "s")).is_err());
    assert!(build(builder().client_credentials("i", "")).is_err());
    assert!(build(builder().bearer_token("a b")).is_err());
    let invalid = Rate { requests: 0, window: Duration::from_secs(1) };
    assert!(build(builder().api_key("k").rates(None, Some(invalid))).is_err());
    build(builder().api_key("k").client_credentials("i", "s")).unwrap();
    let environment = |name: &str| Some(format!("https://{}.example", name.to_lowercase()));
    // Explicit credentials are not combined with those of the environment.
    let host = host(tenant(None));
    let client = builder().bearer_token("given").or_from(environment);
    let client = client.build_with(host.clone()).unwrap();
    host.run(call(&client, ApiFamily::Platform)).unwrap();
    let server = host.server.lock().unwrap();
    assert_eq!(header(&server.requests[0].1, "authorization"), Some("Bearer given"));
    assert_eq!(header(&server.requests[0].1, "x-api-key"), None);
}

#[test]
fn an_api_key_with_client_credentials_is_used_for_the_platform() {
    let host = host(tenant(None));
    let client = builder().api_key("key").client_credentials("id", "secret");
    let client = client.build_with(host.clone()).unwrap();
    host.run(async {
        call(&client, ApiFamily::Platform).await.unwrap();
        call(&client, ApiFamily::SessionsV2).await.unwrap();
    });
    let server = host.server.lock().unwrap();
    let kinds = server.requests.iter().map(|(_, request)| header(request, "x-api-key").is_some());
    assert_eq!(kinds.collect::<Vec<_>>(), [true, false, false]);
}

#[test]
fn no_window_contains_more_requests_than_the_rate_limit() {
    let mut count = 0;
    let host = host(move |_: &Request| {
        count += 1;
        // Every seventh request is slow and delays the next ones.
        let latency_ms = if count % 7 == 0 { 9_000 } else { 120 };
        (Duration::from_millis(latency_ms), response(200, "{}"))
    });
    let rate = Rate { requests: 10, window: Duration::from_secs(6) };
    let client = builder()
        .api_key("k")
        .rates(Some(rate), Some(rate))
        .max_concurrent(3)
        .deadline(Duration::from_secs(10_000))
        .build_with(host.clone())
        .unwrap();
    let calls = (0..200).map(|_| call(&client, ApiFamily::SessionsV2));
    host.run(join_all(calls)).into_iter().for_each(Result::unwrap);
    let server = host.server.lock().unwrap();
    assert_eq!(server.requests.len(), 200);
    for window in server.requests.windows(11) {
        assert!(window[10].0 - window[0].0 >= rate.window, "{:?}", window[0].0);
    }
}

#[test]
fn requests_in_flight_do_not_exceed_max_concurrent() {
    let in_flight = Arc::new(Mutex::new((0_usize, 0_usize)));
    /// Counts the requests in flight, and their maximum.
    struct Counting(
        Host<fn(Duration, &Request, Limits) -> ServerReply>,
        Arc<Mutex<(usize, usize)>>,
    );
    impl Transport for Counting {
        async fn send(
            &self,
            request: Request,
            limits: Limits,
        ) -> Result<cognigy_context::api::Response, cognigy_context::client::TransportError>
        {
            {
                let mut counts = self.1.lock().unwrap();
                counts.0 += 1;
                counts.1 = counts.1.max(counts.0);
            }
            let result = self.0.send(request, limits).await;
            self.1.lock().unwrap().0 -= 1;
            result
        }
        fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
            self.0.sleep(time)
        }
        fn now(&self) -> Duration {
            self.0.elapsed()
        }
        fn random(&self) -> f64 {
            self.0.random()
        }
        fn spawn(&self, work: BoxFuture<'static, ()>) {
            self.0.spawn(work);
        }
    }
    let handler: fn(Duration, &Request, Limits) -> ServerReply =
        |_, _, _| (Duration::from_secs(1), response(200, "{}"));
    let host = Host::new(handler, 1);
    let transport = Counting(host.clone(), Arc::clone(&in_flight));
    let client = builder().api_key("k").build_with(transport).unwrap();
    host.run(join_all((0..30).map(|_| call(&client, ApiFamily::SessionsV2))));
    assert_eq!(*in_flight.lock().unwrap(), (0, 5));
    assert_eq!(host.elapsed(), Duration::from_secs(6));
}

fn payload() -> InjectionPayload {
    InjectionPayload::new("s-1", [InjectionVariable::new("a", json!(1))])
}

#[test]
fn crm_events_are_signed_and_sent_in_the_background() {
    let host = host(|request: &Request| match request.url.contains("crm.example") {
        // The webhook is slow, and the call does not wait for it.
        true => (Duration::from_secs(4), response(200, "")),
        false => (SHORT_LATENCY, response(200, r#"{"variables":{}}"#)),
    });
    let key = STANDARD.encode("the signing key");
    let client = builder()
        .api_key("k")
        .clock(Arc::new(host.clone()))
        .crm_webhook("https://crm.example/hook?tenant=7")
        .crm_webhook_secret(format!("whsec_{key}"))
        .build_with(host.clone())
        .unwrap();
    host.run(async {
        client.inject(&payload(), Some(json!({"case": 7}))).await.unwrap();
        assert!(host.elapsed() < Duration::from_secs(1));
        assert!(!client.drain(Duration::from_secs(1)).await);
        assert!(client.drain(Duration::from_secs(10)).await);
    });
    let server = host.server.lock().unwrap();
    let (_, delivery) = &server.requests[1];
    let body = delivery.body.as_ref().unwrap();
    let event: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(event["event"], "injected");
    assert_eq!(event["data"], json!({"case": 7}));
    assert!(event["timestamp"].as_str().unwrap().starts_with("2027-01-15T08:00:00"));
    assert_eq!(header(delivery, "x-api-key"), None, "the API key was sent to the CRM");
    let (id, at) = (header(delivery, "webhook-id").unwrap(), header(delivery, "webhook-timestamp"));
    assert_eq!(at, Some(EPOCH.as_secs().to_string().as_str()));
    let mut mac = Hmac::<Sha256>::new_from_slice(b"the signing key").unwrap();
    mac.update(format!("{id}.{}.", at.unwrap()).as_bytes());
    mac.update(body);
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(header(delivery, "webhook-signature"), Some(signature.as_str()));
}

#[test]
fn drain_sends_deliveries_whose_task_the_host_dropped() {
    type Events = Arc<Mutex<Vec<Value>>>;
    /// A host that drops every spawned task.
    struct DroppingHost(Host<fn(Duration, &Request, Limits) -> ServerReply>, Events);
    impl Transport for DroppingHost {
        async fn send(
            &self,
            request: Request,
            limits: Limits,
        ) -> Result<cognigy_context::api::Response, cognigy_context::client::TransportError>
        {
            if request.url.contains("crm.example") {
                let event = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
                self.1.lock().unwrap().push(event);
            }
            self.0.send(request, limits).await
        }
        fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
            self.0.sleep(time)
        }
        fn now(&self) -> Duration {
            self.0.elapsed()
        }
        fn random(&self) -> f64 {
            self.0.random()
        }
        fn spawn(&self, _: BoxFuture<'static, ()>) {}
    }
    let handler: fn(Duration, &Request, Limits) -> ServerReply =
        |_, _, _| (SHORT_LATENCY, response(200, r#"{"variables":{}}"#));
    let (host, events) = (Host::new(handler, 1), Events::default());
    let client = builder().api_key("k").crm_webhook("http://crm.example");
    let client = client.build_with(DroppingHost(host.clone(), Events::clone(&events))).unwrap();
    let refused = InjectionPayload::new("s-1", [InjectionVariable::new("a name", json!(1))]);
    host.run(async {
        client.inject(&refused, None).await.unwrap_err();
        client.inject(&payload(), None).await.unwrap();
        assert!(client.drain(Duration::from_secs(1)).await);
    });
    let events = events.lock().unwrap();
    let names = events.iter().map(|event| event["event"].as_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), ["failed", "injected"]);
}

#[test]
fn deliveries_beyond_the_queue_limit_are_dropped_and_counted() {
    let host = host(|request: &Request| match request.url.contains("crm.example") {
        true => (Duration::from_secs(5), response(500, "")),
        false => (Duration::from_millis(1), response(200, r#"{"variables":{}}"#)),
    });
    let client = builder()
        .api_key("k")
        .rates(None, None)
        .crm_webhook("http://crm.example")
        .build_with(host.clone())
        .unwrap();
    host.run(async {
        for _ in 0..1_010 {
            client.inject(&payload(), None).await.unwrap();
        }
    });
    // One delivery was in flight, 1,000 were queued.
    assert_eq!(client.metrics().dropped_notices, 9);
    assert_eq!(client.metrics().success_count, 1_010);
}

#[test]
fn build_rejects_invalid_webhook_urls_and_secrets() {
    for (url, secret) in [("ftp://x", None), ("https://a b", None), ("https://x", Some("!!"))] {
        let mut builder = builder().api_key("k").crm_webhook(url);
        if let Some(secret) = secret {
            builder = builder.crm_webhook_secret(secret);
        }
        assert!(builder.build_with(host(tenant(None))).is_err(), "{url}");
    }
}

#[test]
fn metrics_count_injections_and_their_latencies() {
    let mut count = 0;
    let host = host(move |_: &Request| {
        count += 1;
        let status = if count == 10 { 400 } else { 200 };
        (Duration::from_millis(100 * count), response(status, r#"{"variables":{}}"#))
    });
    let client = builder().api_key("k").build_with(host.clone()).unwrap();
    assert_eq!(client.metrics().success_rate_percent, 0.0);
    host.run(async {
        for _ in 0..10 {
            let _ = client.inject(&payload(), None).await;
        }
        let refused = InjectionPayload::new("s", [InjectionVariable::new("a b", json!(1))]);
        client.inject(&refused, None).await.unwrap_err();
    });
    let metrics = client.metrics();
    assert_eq!(
        (metrics.total_injections, metrics.success_count, metrics.failure_count),
        (11, 9, 2)
    );
    assert!((metrics.success_rate_percent - 900.0 / 11.0).abs() < 1e-9);
    // A rejected injection has no latency.
    assert!((metrics.average_latency_ms - 550.0).abs() < 1.0, "{metrics:?}");
    assert!((metrics.p50_latency_ms - 500.0).abs() < 5.0, "{metrics:?}");
    assert!((metrics.p99_latency_ms - 1_000.0).abs() < 5.0, "{metrics:?}");
}

#[test]
fn a_dropped_call_is_recorded_as_cancelled() {
    let host = host(|_: &Request| (Duration::from_secs(9), response(200, r#"{"variables":{}}"#)));
    let records = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&records);
    let client = builder()
        .api_key("k")
        .log_raw_session_ids(true)
        .audit(move |record: &AuditRecord| sink.lock().unwrap().push(record.clone()))
        .build_with(host.clone())
        .unwrap();
    host.run(async {
        let payload = payload();
        let mut call = Box::pin(client.inject(&payload, None));
        assert!((&mut call).now_or_never().is_none());
        drop(call);
    });
    let records = records.lock().unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].status, AuditStatus::Cancelled);
    assert_eq!((records[0].details.attempts, records[0].session.as_deref()), (1, Some("s-1")));
}

#[test]
fn update_state_records_the_hash_of_the_canonical_payload() {
    let host = host(|_: &Request| (SHORT_LATENCY, response_with(200, &[("etag", "\"2\"")], "")));
    let client = builder().api_key("k").build_with(host.clone()).unwrap();
    let update = |names: [&str; 2]| {
        names.iter().fold(StateUpdate::default(), |update, name| update.session(*name, json!(1.0)))
    };
    host.run(async {
        for names in [["a", "b"], ["b", "a"]] {
            let updated =
                client.update_state("d", &update(names), UpdateOptions::default()).await.unwrap();
            assert_eq!(updated.tag.as_deref(), Some("\"2\""));
        }
        client
            .update_state("d", &StateUpdate::default(), UpdateOptions::default())
            .await
            .unwrap_err();
    });
    let trail = client.audit_trail(9);
    assert_eq!(trail.len(), 3);
    let hash = |index: usize| trail[index].details.payload_sha256.clone();
    assert!(hash(0).is_some_and(|hash| hash.len() == 64));
    assert_eq!(hash(0), hash(1));
    assert_eq!(trail[0].details.result_summary.as_deref(), Some("updated: 2 variables"));
    assert_eq!(trail[2].status, AuditStatus::Refused);
    assert!((client.state_metrics().persistence_rate - 2.0 / 3.0).abs() < 1e-9);
}

#[test]
fn canonical_json_is_equal_for_equal_data() {
    for (text, canonical) in [
        (r#"{"b":1,"a":[1e2,1.50,-0.0,1e21]}"#, r#"{"a":[100,1.5,0,1e+21],"b":1}"#),
        // Keys are sorted by UTF-16 code units: the surrogates of an emoji come before U+FB33.
        ("{\"\u{fb33}\":1,\"\u{1f600}\":2}", "{\"\u{1f600}\":2,\"\u{fb33}\":1}"),
        (r#""\u0041\u001f\/""#, "\"A\\u001f/\""),
        ("9007199254740993", "9007199254740993"),
    ] {
        assert_eq!(canonical_json(text).unwrap(), canonical);
    }
    assert!(canonical_json(r#"{"a":1,"a":2}"#).is_err());
}
