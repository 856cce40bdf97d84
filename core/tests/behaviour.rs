//! How the client behaves over time, on a virtual clock: tokens, limits, notices, records.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should stop there"
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
use support::{EPOCH, Host, Reaction, Server, answer, answer_with};

/// Keeps what was asked, and answers by a function.
struct Recorder<F> {
    seen: Vec<(Duration, Request)>,
    react: F,
}

impl<F> Server for Recorder<F>
where
    F: FnMut(&Request) -> Reaction + Send + 'static,
{
    fn react(&mut self, now: Duration, request: &Request, _: Limits) -> Reaction {
        self.seen.push((now, request.clone()));
        (self.react)(request)
    }
}

fn host<F>(react: F) -> Host<Recorder<F>>
where
    F: FnMut(&Request) -> Reaction + Send + 'static,
{
    Host::new(Recorder { seen: Vec::new(), react }, 7)
}

fn builder() -> ClientBuilder {
    Client::builder().base_url("https://api.example")
}

fn header<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    request.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
}

fn is_token(request: &Request) -> bool {
    request.url.contains("token")
}

const QUICK: Duration = Duration::from_millis(10);

/// Every answer that any operation could want, and tokens that live for so long.
fn tenant(lifetime: Option<u64>) -> impl FnMut(&Request) -> Reaction + Send + 'static {
    let mut count = 0;
    move |request| {
        if is_token(request) {
            count += 1;
            let mut token =
                json!({"access_token": format!("token-{count}"), "token_type": "bearer"});
            if let Some(lifetime) = lifetime {
                token["expires_in"] = lifetime.into();
            }
            return (QUICK, answer(200, &token.to_string()));
        }
        (QUICK, answer(200, r#"{"variables":[],"a":1}"#))
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
fn each_family_gets_its_token_in_its_own_way() {
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
        let (token, request) = (&server.seen[0].1, &server.seen[1].1);
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
fn addresses_and_scopes_of_tokens_can_be_configured() {
    let host = host(tenant(None));
    let client = builder()
        .client_credentials("id", "secret")
        .token_url(ApiFamily::RuntimeV2, "https://login.example/token")
        .scope(ApiFamily::RuntimeV2, "all")
        .build_with(host.clone())
        .unwrap();
    host.run(call(&client, ApiFamily::RuntimeV2)).unwrap();
    let server = host.server.lock().unwrap();
    assert_eq!(server.seen[0].1.url, "https://login.example/token");
    assert!(String::from_utf8_lossy(server.seen[0].1.body.as_ref().unwrap()).contains("scope=all"));
}

#[test]
fn a_token_is_got_anew_a_while_before_its_end() {
    // Said lifetime, family, and for how long it is used: its margin less, never below half.
    for (lifetime, family, used) in [
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
            server.seen.iter().filter(|(_, request)| is_token(request)).count()
        };
        host.run(async {
            call(&client, family).await.unwrap();
            host.sleep(Duration::from_secs(used - 1)).await;
            call(&client, family).await.unwrap();
            assert_eq!(tokens(), 1, "{family} {lifetime:?}");
            host.sleep(Duration::from_secs(1)).await;
            call(&client, family).await.unwrap();
            assert_eq!(tokens(), 2, "{family} {lifetime:?}");
        });
    }
}

#[test]
fn a_lifetime_is_read_as_it_is_said() {
    // What the endpoint says, and how many tokens two calls in a row and one an hour later ask for.
    for (lifetime, asked) in [
        (json!(7_200), 1),
        (json!("7200"), 1),
        (json!(7_200.5), 1),
        (json!(null), 2),
        (json!("long"), 2),
        (json!(0), 3),
        (json!(-5), 3),
        (json!("-5"), 3),
    ] {
        let said = lifetime.clone();
        let host = host(move |request: &Request| {
            if !is_token(request) {
                return (QUICK, answer(200, "{}"));
            }
            (QUICK, answer(200, &json!({"access_token": "t", "expires_in": said}).to_string()))
        });
        let client = builder().client_credentials("id", "secret").build_with(host.clone()).unwrap();
        host.run(async {
            call(&client, ApiFamily::SessionsV2).await.unwrap();
            call(&client, ApiFamily::SessionsV2).await.unwrap();
            host.sleep(Duration::from_secs(3_600)).await;
            call(&client, ApiFamily::SessionsV2).await.unwrap();
        });
        let server = host.server.lock().unwrap();
        let tokens = server.seen.iter().filter(|(_, request)| is_token(request)).count();
        assert_eq!(tokens, asked, "{lifetime}");
    }
}

#[test]
fn an_endpoint_that_gives_no_token_is_no_session_that_is_missing() {
    for status in [400, 401, 403, 404, 405, 409, 422] {
        let host = host(move |_: &Request| (QUICK, answer(status, "{}")));
        let client = builder().client_credentials("id", "secret").build_with(host.clone()).unwrap();
        let Err(Error::Api(failure)) = host.run(call(&client, ApiFamily::SessionsV2)) else {
            panic!("it succeeded");
        };
        let told = (failure.kind, failure.status, failure.during_token);
        assert_eq!(told, (ApiErrorKind::Authentication, Some(status), true));
    }
}

#[test]
fn only_the_token_that_was_refused_is_thrown_away() {
    let mut refuses = true;
    let mut tenant = tenant(Some(3_600));
    let host = host(move |request: &Request| {
        if header(request, "authorization") == Some("Bearer token-1") {
            // The first to be refused waits long for it, and the others have a new one by then.
            let takes = if std::mem::take(&mut refuses) { 9 } else { 1 };
            return (Duration::from_secs(takes), answer(401, "{}"));
        }
        tenant(request)
    });
    let client = builder().client_credentials("id", "secret").build_with(host.clone()).unwrap();
    let calls = (0..4).map(|_| call(&client, ApiFamily::SessionsV2));
    for result in host.run(join_all(calls)) {
        result.unwrap();
    }
    let server = host.server.lock().unwrap();
    assert_eq!(server.seen.iter().filter(|(_, request)| is_token(request)).count(), 2);
}

#[test]
fn a_token_that_is_refused_twice_is_an_error_of_two_attempts() {
    let mut tenant = tenant(Some(3_600));
    let host = host(move |request: &Request| match is_token(request) {
        true => tenant(request),
        false => (QUICK, answer(401, "{}")),
    });
    let client = builder().client_credentials("id", "secret").build_with(host.clone()).unwrap();
    let Err(Error::Api(failure)) = host.run(call(&client, ApiFamily::SessionsV2)) else {
        panic!("it succeeded");
    };
    assert_eq!((failure.kind, failure.attempts), (ApiErrorKind::Authentication, 2));
    assert_eq!(host.server.lock().unwrap().seen.len(), 4);
}

#[test]
fn pages_that_lead_in_a_circle_are_left() {
    let host = host(|request: &Request| {
        let next = if request.url.ends_with("next=b") { "a" } else { "b" };
        (
            QUICK,
            answer(200, &json!({"variables": [], "pagination": {"nextCursor": next}}).to_string()),
        )
    });
    let client = builder().api_key("k").build_with(host.clone()).unwrap();
    let Err(Error::Api(failure)) = host.run(call(&client, ApiFamily::Botsessions)) else {
        panic!("it succeeded");
    };
    assert_eq!((failure.kind, failure.attempts), (ApiErrorKind::Protocol, 3));
}

#[test]
fn a_document_without_a_tag_is_written_once() {
    let host = host(|request: &Request| match request.method {
        cognigy_context::api::Method::Get => (QUICK, answer(200, "{}")),
        _ => (QUICK, answer(409, "{}")),
    });
    let client = builder().api_key("k").build_with(host.clone()).unwrap();
    let result = host.run(client.sync_context("s", &json!({"a": 1})));
    let Err(Error::Api(failure)) = result else { panic!("it succeeded") };
    assert_eq!((failure.kind, failure.attempts), (ApiErrorKind::Conflict, 2));
}

#[test]
fn an_integer_that_would_be_rounded_is_neither_merged_nor_written_back() {
    const BEYOND: &str = r#"{"a":{"b":[18446744073709551617]}}"#;
    // Its own: the turns of a session are a process's, and time is each test's.
    const SESSION: &str = "rounded";
    let refused = |result: Result<_, Error>| {
        let Err(Error::Validation(error)) = result else { panic!("it succeeded") };
        let issue = error.report().issues[0].clone();
        assert_eq!((issue.code, issue.path.as_str()), (Code::UnsafeInteger, "/a/b/0"));
    };
    let host = host(|_: &Request| (QUICK, answer(200, BEYOND)));
    let client = builder().api_key("k").build_with(host.clone()).unwrap();

    let prepared = client.prepare_sync(SESSION, Ok(BEYOND.into()));
    refused(prepared.map(drop).map_err(Error::from));
    assert!(host.server.lock().unwrap().seen.is_empty());

    refused(host.run(client.sync_context(SESSION, &json!({"c": 1}))).map(drop));
    let seen = &host.server.lock().unwrap().seen;
    assert!(seen.iter().all(|(_, request)| request.method == cognigy_context::api::Method::Get));
}

struct Source(Arc<Mutex<Vec<ApiFamily>>>);

impl TokenSource for Source {
    fn token(
        &self,
        family: ApiFamily,
    ) -> BoxFuture<'static, Result<AccessToken, TokenSourceError>> {
        self.0.lock().unwrap().push(family);
        let count = self.0.lock().unwrap().len();
        let token = AccessToken::new(format!("own-{count}")).unwrap();
        let token = token.expires_in(Duration::from_secs(100));
        Box::pin(async move { if count == 3 { Err(TokenSourceError) } else { Ok(token) } })
    }
}

#[test]
fn a_token_source_is_asked_when_a_token_is_needed() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let host = host(tenant(None));
    let source = Source(Arc::clone(&asked));
    let client = builder().token_source(source).build_with(host.clone()).unwrap();
    host.run(async {
        call(&client, ApiFamily::Botsessions).await.unwrap();
        call(&client, ApiFamily::Botsessions).await.unwrap();
        host.sleep(Duration::from_secs(70)).await;
        call(&client, ApiFamily::Botsessions).await.unwrap();
        let Err(Error::Api(failure)) = call(&client, ApiFamily::Documents).await else {
            panic!("it succeeded");
        };
        assert_eq!((failure.kind, failure.during_token), (ApiErrorKind::Authentication, true));
    });
    let botsessions = ApiFamily::Botsessions;
    assert_eq!(*asked.lock().unwrap(), [botsessions, botsessions, ApiFamily::Documents]);
    let server = host.server.lock().unwrap();
    let tokens = server.seen.iter().map(|(_, request)| header(request, "authorization").unwrap());
    assert_eq!(tokens.collect::<Vec<_>>(), ["Bearer own-1", "Bearer own-1", "Bearer own-2"]);
}

#[test]
fn credentials_are_of_one_kind() {
    let build = |builder: ClientBuilder| builder.build_with(host(tenant(None)));
    assert!(build(builder().bearer_token("t").client_credentials("i", "s")).is_err());
    assert!(build(builder().client_credentials("i", "")).is_err());
    assert!(build(builder().bearer_token("a b")).is_err());
    let never = Rate { requests: 0, window: Duration::from_secs(1) };
    assert!(build(builder().api_key("k").rates(None, Some(never))).is_err());
    build(builder().api_key("k").client_credentials("i", "s")).unwrap();
    let environment = |name: &str| Some(format!("https://{}.example", name.to_lowercase()));
    // What is given is not mixed with what the environment has.
    let host = host(tenant(None));
    let client = builder().bearer_token("given").or_from(environment);
    let client = client.build_with(host.clone()).unwrap();
    host.run(call(&client, ApiFamily::Platform)).unwrap();
    let server = host.server.lock().unwrap();
    assert_eq!(header(&server.seen[0].1, "authorization"), Some("Bearer given"));
    assert_eq!(header(&server.seen[0].1, "x-api-key"), None);
}

#[test]
fn an_api_key_beside_client_credentials_serves_the_platform() {
    let host = host(tenant(None));
    let client = builder().api_key("key").client_credentials("id", "secret");
    let client = client.build_with(host.clone()).unwrap();
    host.run(async {
        call(&client, ApiFamily::Platform).await.unwrap();
        call(&client, ApiFamily::SessionsV2).await.unwrap();
    });
    let server = host.server.lock().unwrap();
    let kinds = server.seen.iter().map(|(_, request)| header(request, "x-api-key").is_some());
    assert_eq!(kinds.collect::<Vec<_>>(), [true, false, false]);
}

#[test]
fn no_stretch_of_time_holds_more_requests_than_the_limit() {
    let mut count = 0;
    let host = host(move |_: &Request| {
        count += 1;
        // Every now and then one takes long, so that those behind it are held up.
        let takes = if count % 7 == 0 { 9_000 } else { 120 };
        (Duration::from_millis(takes), answer(200, "{}"))
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
    assert_eq!(server.seen.len(), 200);
    for window in server.seen.windows(11) {
        assert!(window[10].0 - window[0].0 >= rate.window, "{:?}", window[0].0);
    }
}

#[test]
fn no_more_are_under_way_than_are_allowed() {
    let under_way = Arc::new(Mutex::new((0_usize, 0_usize)));
    struct Counting(Host<fn(Duration, &Request, Limits) -> Reaction>, Arc<Mutex<(usize, usize)>>);
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
            let answer = self.0.send(request, limits).await;
            self.1.lock().unwrap().0 -= 1;
            answer
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
    let react: fn(Duration, &Request, Limits) -> Reaction =
        |_, _, _| (Duration::from_secs(1), answer(200, "{}"));
    let host = Host::new(react, 1);
    let transport = Counting(host.clone(), Arc::clone(&under_way));
    let client = builder().api_key("k").build_with(transport).unwrap();
    host.run(join_all((0..30).map(|_| call(&client, ApiFamily::SessionsV2))));
    assert_eq!(*under_way.lock().unwrap(), (0, 5));
    assert_eq!(host.elapsed(), Duration::from_secs(6));
}

fn payload() -> InjectionPayload {
    InjectionPayload::new("s-1", [InjectionVariable::new("a", json!(1))])
}

#[test]
fn the_crm_is_told_beside_the_call_and_can_see_that_it_was_us() {
    let host = host(|request: &Request| match request.url.contains("crm.example") {
        // It takes its time, and nobody waits for it.
        true => (Duration::from_secs(4), answer(200, "")),
        false => (QUICK, answer(200, r#"{"variables":{}}"#)),
    });
    let key = STANDARD.encode("the key of the notices");
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
    let (_, notice) = &server.seen[1];
    let body = notice.body.as_ref().unwrap();
    let told: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(told["event"], "injected");
    assert_eq!(told["data"], json!({"case": 7}));
    assert!(told["timestamp"].as_str().unwrap().starts_with("2027-01-15T08:00:00"));
    assert_eq!(header(notice, "x-api-key"), None, "the key is the tenant's and not the CRM's");
    let (id, at) = (header(notice, "webhook-id").unwrap(), header(notice, "webhook-timestamp"));
    assert_eq!(at, Some(EPOCH.as_secs().to_string().as_str()));
    let mut mac = Hmac::<Sha256>::new_from_slice(b"the key of the notices").unwrap();
    mac.update(format!("{id}.{}.", at.unwrap()).as_bytes());
    mac.update(body);
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(header(notice, "webhook-signature"), Some(signature.as_str()));
}

#[test]
fn a_host_that_drops_the_work_beside_the_calls_loses_no_notice() {
    type Told = Arc<Mutex<Vec<Value>>>;
    struct Forgetful(Host<fn(Duration, &Request, Limits) -> Reaction>, Told);
    impl Transport for Forgetful {
        async fn send(
            &self,
            request: Request,
            limits: Limits,
        ) -> Result<cognigy_context::api::Response, cognigy_context::client::TransportError>
        {
            if request.url.contains("crm.example") {
                let notice = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
                self.1.lock().unwrap().push(notice);
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
    let react: fn(Duration, &Request, Limits) -> Reaction =
        |_, _, _| (QUICK, answer(200, r#"{"variables":{}}"#));
    let (host, told) = (Host::new(react, 1), Told::default());
    let client = builder().api_key("k").crm_webhook("http://crm.example");
    let client = client.build_with(Forgetful(host.clone(), Told::clone(&told))).unwrap();
    let refused = InjectionPayload::new("s-1", [InjectionVariable::new("a name", json!(1))]);
    host.run(async {
        client.inject(&refused, None).await.unwrap_err();
        client.inject(&payload(), None).await.unwrap();
        assert!(client.drain(Duration::from_secs(1)).await);
    });
    let told = told.lock().unwrap();
    let events = told.iter().map(|notice| notice["event"].as_str().unwrap());
    assert_eq!(events.collect::<Vec<_>>(), ["failed", "injected"]);
}

#[test]
fn notices_that_are_too_many_are_dropped_and_counted() {
    let host = host(|request: &Request| match request.url.contains("crm.example") {
        true => (Duration::from_secs(5), answer(500, "")),
        false => (Duration::from_millis(1), answer(200, r#"{"variables":{}}"#)),
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
    // One was under way, a thousand waited.
    assert_eq!(client.metrics().dropped_notices, 9);
    assert_eq!(client.metrics().success_count, 1_010);
}

#[test]
fn a_webhook_address_and_secret_must_be_such() {
    for (url, secret) in [("ftp://x", None), ("https://a b", None), ("https://x", Some("!!"))] {
        let mut builder = builder().api_key("k").crm_webhook(url);
        if let Some(secret) = secret {
            builder = builder.crm_webhook_secret(secret);
        }
        assert!(builder.build_with(host(tenant(None))).is_err(), "{url}");
    }
}

#[test]
fn metrics_tell_how_injections_went() {
    let mut count = 0;
    let host = host(move |_: &Request| {
        count += 1;
        let status = if count == 10 { 400 } else { 200 };
        (Duration::from_millis(100 * count), answer(status, r#"{"variables":{}}"#))
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
    // What was refused took no time and does not count.
    assert!((metrics.average_latency_ms - 550.0).abs() < 1.0, "{metrics:?}");
    assert!((metrics.p50_latency_ms - 500.0).abs() < 5.0, "{metrics:?}");
    assert!((metrics.p99_latency_ms - 1_000.0).abs() < 5.0, "{metrics:?}");
}

#[test]
fn what_is_given_up_is_told_as_given_up() {
    let host = host(|_: &Request| (Duration::from_secs(9), answer(200, r#"{"variables":{}}"#)));
    let records = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&records);
    let client = builder()
        .api_key("k")
        .log_raw_session_ids(true)
        .audit(move |record: &AuditRecord| kept.lock().unwrap().push(record.clone()))
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
fn an_update_of_a_state_is_recorded_by_the_hash_of_its_canonical_payload() {
    let host = host(|_: &Request| (QUICK, answer_with(200, &[("etag", "\"2\"")], "")));
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
    let hash = |place: usize| trail[place].details.payload_sha256.clone();
    assert!(hash(0).is_some_and(|hash| hash.len() == 64));
    assert_eq!(hash(0), hash(1));
    assert_eq!(trail[0].details.result_summary.as_deref(), Some("updated: 2 variables"));
    assert_eq!(trail[2].status, AuditStatus::Refused);
    assert!((client.state_metrics().persistence_rate - 2.0 / 3.0).abs() < 1e-9);
}

#[test]
fn canonical_json_is_the_same_for_the_same_data() {
    for (text, canonical) in [
        (r#"{"b":1,"a":[1e2,1.50,-0.0,1e21]}"#, r#"{"a":[100,1.5,0,1e+21],"b":1}"#),
        // In the order of UTF-16: the surrogates of an emoji come before U+FB33.
        ("{\"\u{fb33}\":1,\"\u{1f600}\":2}", "{\"\u{1f600}\":2,\"\u{fb33}\":1}"),
        (r#""\u0041\u001f\/""#, "\"A\\u001f/\""),
        ("9007199254740993", "9007199254740993"),
    ] {
        assert_eq!(canonical_json(text).unwrap(), canonical);
    }
    assert!(canonical_json(r#"{"a":1,"a":2}"#).is_err());
}
