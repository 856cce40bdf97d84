//! The effect of a fault on a request.

use axum::body::Bytes;
use axum::http::HeaderValue;
use serde_json::{Value, json};
use std::time::Duration;

/// The effect of a fault. Cloned for each matching request, so it is cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effect {
    /// The delay of the response.
    pub(crate) latency: Option<Duration>,
    /// The status of the response.
    pub(crate) status: Option<u16>,
    /// The `Retry-After` header of a response with another status or body.
    pub(crate) retry_after: Option<HeaderValue>,
    /// The body of the response.
    pub(crate) body: Option<ReplacementBody>,
    /// The `ReplacementBody-Type` of that body.
    pub(crate) content_type: Option<HeaderValue>,
    /// Closes the connection without a response.
    pub(crate) drop: bool,
    /// Executes the request first; only its response is delayed, lost or replaced.
    pub(crate) after: bool,
    /// How the response is transmitted.
    pub(crate) transmission: Transmission,
}

/// A body of a fault's own.
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
    /// It is compressed, when the caller accepts that.
    pub(crate) gzip: bool,
    /// Its body ends half-way, with the connection.
    pub(crate) cut: bool,
    /// Its body takes this long.
    pub(crate) trickle: Option<Duration>,
}

impl Effect {
    /// Returns whether another response replaces that of the route.
    pub(crate) fn replaces_response(&self) -> bool {
        self.drop || self.status.is_some() || self.body.is_some()
    }

    /// Returns whether there is any effect.
    pub(crate) fn has_effect(&self) -> bool {
        self.replaces_response()
            || self.latency.is_some()
            || self.transmission != Transmission::default()
    }

    /// Returns the fields of the fault as given.
    pub(crate) fn to_json(&self) -> Value {
        let milliseconds = |time: Option<Duration>| time.map(|time| time.as_millis() as u64);
        let header = |value: &Option<HeaderValue>| {
            value.as_ref().map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned())
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
            "drop": self.drop,
            "cut": self.transmission.cut,
            "trickleMs": milliseconds(self.transmission.trickle),
            "gzip": self.transmission.gzip,
            "after": self.after,
        })
    }
}
