//! Metrics, audit records and the canonical payload hash.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cognigy_context::api::Request;
use cognigy_context::client::{AuditRecord, AuditStatus, UpdateOptions};
use cognigy_context::{InjectionPayload, InjectionVariable, StateUpdate, canonical_json};
use futures_util::FutureExt;
use serde_json::json;

use crate::support::{response, response_with};
use crate::{SHORT_LATENCY, builder, host, payload};

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
        // A name must not contain a space, so the client rejects the payload.
        let rejected = InjectionPayload::new("s", [InjectionVariable::new("a b", json!(1))]);
        client.inject(&rejected, None).await.unwrap_err();
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
            let result =
                client.update_state("d", &update(names), UpdateOptions::default()).await.unwrap();
            assert_eq!(result.tag.as_deref(), Some("\"2\""));
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
fn canonical_json_is_equal_for_equal_data_and_fails_for_a_duplicate_key() {
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
