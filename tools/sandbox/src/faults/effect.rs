//! The effect of a fault on a request.

use axum::body::Bytes;
use axum::http::HeaderValue;
use serde_json::{Value, json};
use std::time::Duration;

/// The effect of a fault. Each matching request clones it, so a clone must be cheap.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effect {
    /// The delay of the response.
    pub(crate) latency: Option<Duration>,
    /// The status of the replacement response; `None` is 200 with `body`.
    pub(crate) status: Option<u16>,
    /// The `Retry-After` header of the replacement response.
    pub(crate) retry_after: Option<HeaderValue>,
    /// The body of the replacement response; `None` is a problem document with `status`.
    pub(crate) body: Option<ReplacementBody>,
    /// The `Content-Type` of `body`; `None` is JSON.
    pub(crate) content_type: Option<HeaderValue>,
    /// Whether the connection is closed without a response.
    pub(crate) drops_connection: bool,
    /// Whether the route executes the request first, so that only the response is delayed, lost or replaced.
    pub(crate) applies_after: bool,
    /// How the response is transmitted.
    pub(crate) transmission: Transmission,
}

/// The body of a replacement response.
#[derive(Clone, Debug)]
pub(crate) enum ReplacementBody {
    /// A given text.
    Text(Bytes),
    /// A JSON string of this many bytes, including quotes.
    Filler(usize),
}

/// How a response is transmitted, independent of its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Transmission {
    /// Whether the response is compressed if the caller accepts gzip.
    pub(crate) gzip: bool,
    /// Whether the connection is closed after half of the body.
    pub(crate) cut: bool,
    /// The time over which the body is sent in pieces; `None` sends it at once.
    pub(crate) trickle: Option<Duration>,
}

impl Effect {
    /// Returns whether the fault replaces the response of the route.
    pub(crate) fn replaces_response(&self) -> bool {
        self.drops_connection || self.status.is_some() || self.body.is_some()
    }

    /// Returns whether the fault changes anything. `retry_after`, `content_type` and `applies_after` alone
    /// change nothing.
    pub(crate) fn has_effect(&self) -> bool {
        self.replaces_response()
            || self.latency.is_some()
            || self.transmission != Transmission::default()
    }

    /// Returns the fields of the effect.
    pub(crate) fn to_json(&self) -> Value {
        let milliseconds =
            |duration: Option<Duration>| duration.map(|duration| duration.as_millis() as u64);
        let header = |value: &Option<HeaderValue>| {
            value.as_ref().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let (text, filler) = match &self.body {
            Some(ReplacementBody::Text(text)) => (Some(String::from_utf8_lossy(text)), None),
            Some(ReplacementBody::Filler(bytes)) => (None, Some(bytes)),
            None => (None, None),
        };
        json!({
            "latencyMs": milliseconds(self.latency),
            "status": self.status,
            "retryAfter": header(&self.retry_after),
            "body": text,
            "bodyBytes": filler,
            "contentType": header(&self.content_type),
            "drop": self.drops_connection,
            "cut": self.transmission.cut,
            "trickleMs": milliseconds(self.transmission.trickle),
            "gzip": self.transmission.gzip,
            "after": self.applies_after,
        })
    }
}
