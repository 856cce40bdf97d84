use crate::support::{Tenant, json, problem};
use cognigy_context_sandbox::{Options, RateLimit, RetryAfter};
use serde_json::json;
use std::time::Duration;

const PROFILES: &str = "/new/v2.0/profiles";

/// Starts a tenant with a limit of two requests in ten minutes.
fn with_rate_limit(retry_after: RetryAfter) -> Tenant {
    let rate_limit = Some(RateLimit { requests: 2, window: Duration::from_secs(600), retry_after });
    Tenant::with_options(Options { rate_limit, ..Options::default() })
}

#[tokio::test]
async fn a_request_beyond_the_rate_limit_is_429_without_effect() {
    let tenant = with_rate_limit(RetryAfter::Seconds);
    assert_eq!(tenant.get(PROFILES).await.status(), 200);
    // A failed request counts too.
    assert_eq!(tenant.get("/nowhere").await.status(), 404);
    let rejected = tenant.post(PROFILES, json!({})).await;
    let wait: u64 = rejected.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=600).contains(&wait), "{wait}");
    problem(rejected, 429, 429).await;
    assert_eq!(tenant.logged_values("status").await, [200, 404, 429]);

    let counters = tenant.sandbox.counters();
    assert_eq!((counters.requests, counters.responses_with_status(429)), (3, 1));
    let counters = json(tenant.get("/_sandbox/counters").await).await;
    assert_eq!(counters["tooManyRequests"], 1);
    assert_eq!(counters["statuses"], json!({"200": 1, "404": 1, "429": 1}));

    tenant.patch("/_sandbox/config", json!({"rateLimit": null})).await;
    assert_eq!(json(tenant.get(PROFILES).await).await["total"], 0);
}

#[tokio::test]
async fn retry_after_has_the_configured_form() {
    for (form, has_form) in [
        (RetryAfter::Seconds, (|text| text.parse::<u64>().is_ok()) as fn(&str) -> bool),
        (RetryAfter::Fraction, |text| {
            text.contains('.') && text.parse::<f64>().is_ok_and(|wait| wait <= 600.0)
        }),
        (RetryAfter::HttpDate, |text| text.ends_with(" GMT") && text.len() == 29),
    ] {
        let tenant = with_rate_limit(form);
        for _ in 0..2 {
            tenant.get(PROFILES).await;
        }
        let rejected = tenant.get(PROFILES).await;
        let text = rejected.headers()["retry-after"].to_str().unwrap();
        assert!(has_form(text), "{form:?}: {text}");
    }
    let tenant = with_rate_limit(RetryAfter::Absent);
    for _ in 0..2 {
        tenant.get(PROFILES).await;
    }
    let rejected = tenant.get(PROFILES).await;
    assert_eq!(rejected.status(), 429);
    assert!(rejected.headers().get("retry-after").is_none());
}

#[tokio::test]
async fn setting_the_limit_at_run_time_resets_the_window() {
    let tenant = Tenant::start();
    for _ in 0..5 {
        assert_eq!(tenant.get(PROFILES).await.status(), 200);
    }
    for _ in 0..2 {
        let limit = json!({"rateLimit": {"requests": 1, "windowMs": 600_000}});
        tenant.patch("/_sandbox/config", limit).await;
        assert_eq!(tenant.get(PROFILES).await.status(), 200);
        assert_eq!(tenant.get(PROFILES).await.status(), 429);
    }
}

#[tokio::test]
async fn token_requests_count_and_control_routes_do_not() {
    let tenant = with_rate_limit(RetryAfter::Seconds);
    for _ in 0..5 {
        assert_eq!(tenant.get("/_sandbox/health").await.status(), 200);
        assert_eq!(tenant.post("/_sandbox/webhook", json!({})).await.status(), 204);
    }
    for status in [400, 400, 429] {
        assert_eq!(tenant.post("/oauth/token", json!({})).await.status(), status);
    }
}

#[tokio::test]
async fn a_request_beyond_the_limit_consumes_no_fault() {
    let tenant = with_rate_limit(RetryAfter::Seconds);
    tenant.add_fault(json!({"status": 503, "skip": 2, "times": 1})).await;
    for status in [200, 200, 429] {
        assert_eq!(tenant.get(PROFILES).await.status(), status);
    }
    tenant.patch("/_sandbox/config", json!({"rateLimit": null})).await;
    assert_eq!(tenant.get(PROFILES).await.status(), 503);
}

#[tokio::test]
async fn counters_can_be_cleared() {
    let tenant = Tenant::start();
    tenant.get(PROFILES).await;
    assert_eq!(tenant.delete("/_sandbox/counters").await.status(), 204);
    assert_eq!(tenant.sandbox.counters().requests, 0);
}
