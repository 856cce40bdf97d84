//! Webhook deliveries: signatures, the background queue, and `drain(timeout)`, which waits up to
//! `timeout` for queued deliveries to finish and returns whether all have finished.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cognigy_context::api::{Request, Response};
use cognigy_context::client::{BoxFuture, Limits, Transport, TransportError};
use cognigy_context::{Client, InjectionPayload, InjectionVariable};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::log_capture::with_warnings;
use crate::support::{Host, Server, ServerReply, TEST_START, response};
use crate::{Recorder, SHORT_LATENCY, builder, header, host, payload, tenant};

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
    assert_eq!(at, Some(TEST_START.as_secs().to_string().as_str()));
    let mut mac = Hmac::<Sha256>::new_from_slice(b"the signing key").unwrap();
    mac.update(format!("{id}.{}.", at.unwrap()).as_bytes());
    mac.update(body);
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(header(delivery, "webhook-signature"), Some(signature.as_str()));
}

#[test]
fn drain_sends_deliveries_when_the_host_never_runs_its_tasks() {
    type Events = Arc<Mutex<Vec<Value>>>;
    type Handler = fn(Duration, &Request, Limits) -> ServerReply;
    /// A transport that discards every spawned task without running it, and stores the CRM events.
    struct TaskDiscardingTransport {
        host: Host<Handler>,
        events: Events,
    }
    impl Transport for TaskDiscardingTransport {
        async fn send(&self, request: Request, limits: Limits) -> Result<Response, TransportError> {
            if request.url.contains("crm.example") {
                let event = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
                self.events.lock().unwrap().push(event);
            }
            self.host.send(request, limits).await
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
        fn spawn(&self, _: BoxFuture<'static, ()>) {}
    }
    let handler: Handler = |_, _, _| (SHORT_LATENCY, response(200, r#"{"variables":{}}"#));
    let seed = 1;
    let (host, events) = (Host::new(handler, seed), Events::default());
    let transport = TaskDiscardingTransport { host: host.clone(), events: Events::clone(&events) };
    let client = builder().api_key("k").crm_webhook("http://crm.example");
    let client = client.build_with(transport).unwrap();
    // A name must not contain a space, so the client rejects the payload.
    let rejected = InjectionPayload::new("s-1", [InjectionVariable::new("a name", json!(1))]);
    host.run(async {
        client.inject(&rejected, None).await.unwrap_err();
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
        .rates(None, None) // no rate limits
        .crm_webhook("http://crm.example")
        .build_with(host.clone())
        .unwrap();
    host.run(async {
        for _ in 0..1_010 {
            client.inject(&payload(), None).await.unwrap();
        }
    });
    // Of 1,010 deliveries, one was being sent and 1,000 were queued. The queue's limit is 1,000.
    assert_eq!(client.metrics().dropped_notices, 9);
    assert_eq!(client.metrics().success_count, 1_010);
}

/// Returns a client whose webhook replies after `webhook_latency`, and its host.
fn client_with_webhook<F>(host: &Host<F>) -> Client<Host<F>>
where
    F: Server,
{
    let builder = builder().api_key("k").rates(None, None).crm_webhook("http://crm.example");
    builder.build_with(host.clone()).unwrap()
}

/// Replies after 10 s to a webhook delivery, which is longer than its timeout of 5 s, and at once to any other
/// request.
fn slow_webhook(request: &Request) -> ServerReply {
    match request.url.contains("crm.example") {
        true => (Duration::from_secs(10), response(200, "")),
        false => (SHORT_LATENCY, response(200, r#"{"variables":{}}"#)),
    }
}

fn delivery_count<F>(host: &Host<Recorder<F>>) -> usize {
    let server = host.server.lock().unwrap();
    server.requests.iter().filter(|(_, request)| request.url.contains("crm.example")).count()
}

#[test]
fn close_counts_and_logs_the_deliveries_that_it_drops() {
    let host = host(slow_webhook);
    let client = client_with_webhook(&host);
    let (dropped, warnings) = with_warnings(|| {
        host.run(async {
            for _ in 0..40 {
                client.inject(&payload(), None).await.unwrap();
            }
            client.close(Duration::from_secs(12)).await
        })
    });
    // Two deliveries timed out. The third one was in flight, and is counted although its webhook was called.
    assert_eq!((dropped, delivery_count(&host)), (38, 3));
    assert_eq!(client.metrics().dropped_notices, 38);
    let drops = warnings.iter().filter(|warning| warning.contains("dropped=38"));
    assert_eq!(drops.count(), 1, "{warnings:?}");
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    // A closed client still delivers what is queued later.
    host.run(async {
        client.inject(&payload(), None).await.unwrap();
        assert_eq!(client.close(Duration::from_secs(20)).await, 0);
    });
    assert_eq!((client.metrics().dropped_notices, delivery_count(&host)), (38, 4));
}

#[test]
fn close_drops_nothing_when_all_deliveries_finish_in_time() {
    let host = host(|_: &Request| (SHORT_LATENCY, response(200, r#"{"variables":{}}"#)));
    let client = client_with_webhook(&host);
    let dropped = host.run(async {
        for _ in 0..40 {
            client.inject(&payload(), None).await.unwrap();
        }
        client.close(Duration::from_secs(5)).await
    });
    assert_eq!((dropped, client.metrics().dropped_notices, delivery_count(&host)), (0, 0, 40));
}

#[test]
fn a_host_that_ends_with_its_client_drops_and_counts_the_deliveries() {
    let host = host(slow_webhook);
    let client = client_with_webhook(&host);
    let telemetry = client.telemetry();
    let ((), warnings) = with_warnings(|| {
        let mut calls = Box::pin(async move {
            for _ in 0..5 {
                client.inject(&payload(), None).await.unwrap();
            }
        });
        // The host ends its tasks while a delivery is in flight.
        host.run_until(calls.as_mut());
        drop(calls);
    });
    assert_eq!(telemetry.metrics().dropped_notices, 5);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("dropped=5"), "{warnings:?}");
}

#[test]
fn a_host_that_ends_its_tasks_drops_only_the_delivery_in_flight() {
    let host = host(slow_webhook);
    let client = client_with_webhook(&host);
    let ((), warnings) = with_warnings(|| {
        host.run_until(std::pin::pin!(async {
            for _ in 0..5 {
                client.inject(&payload(), None).await.unwrap();
            }
        }));
    });
    assert_eq!(client.metrics().dropped_notices, 1);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    // Another worker sends the other four.
    let is_drained = host.run(client.drain(Duration::from_secs(60)));
    assert!(is_drained);
    assert_eq!((client.metrics().dropped_notices, delivery_count(&host)), (1, 5));
}

#[test]
fn build_rejects_invalid_webhook_urls_and_secrets() {
    for (url, secret) in [
        ("ftp://x", None),
        ("https://a b", None),
        ("http://[::1", None),
        ("https://x:99999/hook", None),
        ("https://user:secret@x/hook", None),
        ("https://x", Some("!!")),
    ] {
        let mut builder = builder().api_key("k").crm_webhook(url);
        if let Some(secret) = secret {
            builder = builder.crm_webhook_secret(secret);
        }
        assert!(builder.build_with(host(tenant(None))).is_err(), "{url} {secret:?}");
    }
}
