//! The webhooks that the sandbox received.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::time::Instant;

const MAX_ENTRIES: usize = 1_000;
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The last 1,000 webhooks, oldest first; fewer if their bodies exceed 64 MiB.
pub(crate) struct Webhooks {
    started_at: Instant,
    entries: VecDeque<Entry>,
    /// The size of all bodies.
    bytes: usize,
}

struct Entry {
    /// The milliseconds from the start of the sandbox to the webhook.
    at_ms: u128,
    headers: Map<String, Value>,
    body: String,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self { started_at: Instant::now(), entries: VecDeque::new(), bytes: 0 }
    }
}

impl Webhooks {
    /// Stores a webhook with its headers, except `Authorization`.
    pub(crate) fn receive(&mut self, headers: &HeaderMap, body: &[u8]) {
        let headers = headers
            .iter()
            .filter(|(name, _)| **name != AUTHORIZATION)
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into())
            })
            .collect();
        let body = String::from_utf8_lossy(body).into_owned();
        self.bytes += body.len();
        let at_ms = self.started_at.elapsed().as_millis();
        self.entries.push_back(Entry { at_ms, headers, body });
        while self.entries.len() > MAX_ENTRIES || self.bytes > MAX_BYTES {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(oldest.body.len());
        }
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }

    pub(crate) fn to_json(&self) -> Value {
        let entries = self.entries.iter().map(|entry| {
            json!({"atMs": entry.at_ms as u64, "headers": entry.headers, "body": entry.body})
        });
        Value::Array(entries.collect())
    }
}
