//! Tokens: endpoints, lifetimes, rejected tokens, token sources, and the choice of credentials.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cognigy_context::api::{AccessToken, ApiFamily, Request};
use cognigy_context::client::{
    BoxFuture, ClientBuilder, Rate, TokenSource, TokenSourceError, Transport,
};
use cognigy_context::{ApiErrorKind, Error};
use futures_util::future::join_all;
use serde_json::json;

use crate::support::response;
use crate::{SHORT_LATENCY, builder, call, header, host, is_token_request, tenant};

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
fn expires_in_may_be_a_number_or_text_and_other_values_count_as_absent() {
    // The lifetime in the response, and the number of token requests of three calls: two in a row and one
    // an hour later.
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
fn a_rejected_token_request_is_an_authentication_error() {
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
fn a_401_invalidates_only_the_rejected_token() {
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

/// A token source that stores the families of its calls. Its third call fails.
struct RecordingSource(Arc<Mutex<Vec<ApiFamily>>>);

impl TokenSource for RecordingSource {
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
    let source = RecordingSource(Arc::clone(&families));
    let client = builder().token_source(source).build_with(host.clone()).unwrap();
    host.run(async {
        call(&client, ApiFamily::Botsessions).await.unwrap();
        call(&client, ApiFamily::Botsessions).await.unwrap();
        // The token of 100 s is used for 70 s: it is renewed 30 s before it expires.
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
fn build_rejects_conflicting_credentials_and_ignores_those_of_the_environment() {
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
fn with_an_api_key_and_client_credentials_the_key_is_used_only_for_the_platform() {
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
