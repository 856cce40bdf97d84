//! Requests: pagination, conflicts, rate limit and concurrency.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cognigy_context::api::{ApiFamily, Method, Request, Response};
use cognigy_context::client::{BoxFuture, Limits, Rate, Transport, TransportError};
use cognigy_context::{ApiErrorKind, Code, Error};
use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Host, ServerReply, response};
use crate::{SHORT_LATENCY, builder, call, host};

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
        Method::Get => (SHORT_LATENCY, response(200, "{}")),
        _ => (SHORT_LATENCY, response(409, "{}")),
    });
    let client = builder().api_key("k").build_with(host.clone()).unwrap();
    let result = host.run(client.sync_context("s", &json!({"a": 1})));
    let Err(Error::Api(error)) = result else { panic!("the call succeeded") };
    assert_eq!((error.kind, error.attempts), (ApiErrorKind::Conflict, 2));
}

#[test]
fn sync_context_rejects_integers_beyond_64_bits() {
    const DOCUMENT: &str = r#"{"a":{"b":[18446744073709551617]}}"#;
    // No other test uses this id: session locks belong to the process, but each test has its own clock.
    const SESSION: &str = "large-integer";
    let assert_rejected = |result: Result<_, Error>| {
        let Err(Error::Validation(error)) = result else { panic!("the call succeeded") };
        let issue = error.report().issues[0].clone();
        assert_eq!((issue.code, issue.path.as_str()), (Code::UnsafeInteger, "/a/b/0"));
    };
    let host = host(|_: &Request| (SHORT_LATENCY, response(200, DOCUMENT)));
    let client = builder().api_key("k").build_with(host.clone()).unwrap();

    let prepared = client.prepare_sync(SESSION, Ok(DOCUMENT.into()));
    assert_rejected(prepared.map(drop).map_err(Error::from));
    assert!(host.server.lock().unwrap().requests.is_empty());

    assert_rejected(host.run(client.sync_context(SESSION, &json!({"c": 1}))).map(drop));
    let requests = &host.server.lock().unwrap().requests;
    assert!(requests.iter().all(|(_, request)| request.method == Method::Get));
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
    // Any 11 successive requests take at least 6 s, because the limit is 10 requests in 6 s.
    for window in server.requests.windows(11) {
        assert!(window[10].0 - window[0].0 >= rate.window, "{:?}", window[0].0);
    }
}

#[test]
fn requests_in_flight_do_not_exceed_max_concurrent() {
    type Handler = fn(Duration, &Request, Limits) -> ServerReply;
    /// The number of requests that were sent and have no response yet.
    #[derive(Debug, Default, PartialEq)]
    struct InFlight {
        current: usize,
        maximum: usize,
    }
    struct CountingTransport {
        host: Host<Handler>,
        in_flight: Arc<Mutex<InFlight>>,
    }
    impl Transport for CountingTransport {
        async fn send(&self, request: Request, limits: Limits) -> Result<Response, TransportError> {
            {
                let mut in_flight = self.in_flight.lock().unwrap();
                in_flight.current += 1;
                in_flight.maximum = in_flight.maximum.max(in_flight.current);
            }
            let result = self.host.send(request, limits).await;
            self.in_flight.lock().unwrap().current -= 1;
            result
        }
        fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
            self.host.sleep(time)
        }
        fn now(&self) -> Duration {
            self.host.elapsed()
        }
        fn random(&self) -> f64 {
            self.host.random()
        }
        fn spawn(&self, work: BoxFuture<'static, ()>) {
            self.host.spawn(work);
        }
    }
    let handler: Handler = |_, _, _| (Duration::from_secs(1), response(200, "{}"));
    let seed = 1;
    let host = Host::new(handler, seed);
    let in_flight = Arc::new(Mutex::new(InFlight::default()));
    let transport = CountingTransport { host: host.clone(), in_flight: Arc::clone(&in_flight) };
    let client = builder().api_key("k").build_with(transport).unwrap();
    host.run(join_all((0..30).map(|_| call(&client, ApiFamily::SessionsV2))));
    // By default 5 requests are sent at the same time, so 30 requests of 1 s take 6 s.
    assert_eq!(*in_flight.lock().unwrap(), InFlight { current: 0, maximum: 5 });
    assert_eq!(host.elapsed(), Duration::from_secs(6));
}
