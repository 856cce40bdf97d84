//! The effect of a fault on a request.

use axum::body::Bytes;
use axum::http::HeaderValue;
use serde_json::{Value, json};
use std::time::Duration;

/// The effect of a fault. It is cloned for each matching request, so clones are cheap.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effect {
    /// The delay of the response.
    pub(crate) latency: Option<Duration>,
    /// The status of the response.
    pub(crate) status: Option<u16>,
    /// The `Retry-After` header of a replaced response.
    pub(crate) retry_after: Option<HeaderValue>,
    /// The body of the response.
    pub(crate) body: Option<ReplacementBody>,
    /// The `Content-Type` of that body.
    pub(crate) content_type: Option<HeaderValue>,
    /// Whether the connection is closed without a response.
    pub(crate) drops_connection: bool,
    /// Whether the request is executed first. Only its response is delayed, lost or replaced.
    pub(crate) applies_after: bool,
    /// How the response is transmitted.
    pub(crate) transmission: Transmission,
}

/// The body of a replaced response.
#[derive(Clone, Debug)]
pub(crate) enum ReplacementBody {
    /// This text.
    Text(Bytes),
    /// A JSON string of this many bytes, including quotes.
    Filler(usize),
}

/// How a response is transmitted, independent of its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Transmission {
    /// Whether the response is compressed, if the caller accepts it.
    pub(crate) gzip: bool,
    /// Whether the connection is closed after half of the body.
    pub(crate) cut: bool,
    /// The duration of the transmission of the body.
    pub(crate) trickle: Option<Duration>,
}

impl Effect {
    /// Returns whether the fault replaces the response of the route.
    pub(crate) fn replaces_response(&self) -> bool {
        self.drops_connection || self.status.is_some() || self.body.is_some()
    }

    /// Returns whether there is any effect.
    pub(crate) fn has_effect(&self) -> bool {
        self.replaces_response()
            || self.latency.is_some()
            || self.transmission != Transmission::default()
    }

    /// Returns the fields of the effect.
    pub(crate) fn to_json(&self) -> Value {
        let milliseconds = |time: Option<Duration>| time.map(|time| time.as_millis() as u64);
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
