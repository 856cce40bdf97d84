//! The log of requests for tests. It contains no queries, bodies or credentials.

use axum::http::header::{CONTENT_TYPE, IF_MATCH};
use axum::http::{HeaderMap, HeaderName};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::time::Instant;

const MAX_ENTRIES: usize = 1_000;
const MAX_METHOD_CHARS: usize = 32;
const MAX_PATH_CHARS: usize = 2_048;
const MAX_HEADER_CHARS: usize = 1_024;

/// The last 1,000 requests, the oldest first.
pub(crate) struct RequestLog {
    started_at: Instant,
    /// The number of the oldest entry.
    first_number: u64,
    entries: VecDeque<Entry>,
}

/// The logged data of a request.
pub(crate) struct RequestInfo<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    /// The kind of the credential, never the credential itself.
    pub(crate) auth: &'static str,
    pub(crate) headers: &'a HeaderMap,
    /// The length of the body in bytes.
    pub(crate) bytes: usize,
}

struct Entry {
    /// The milliseconds from the start of the sandbox to the request.
    at_ms: u128,
    method: String,
    path: String,
    auth: &'static str,
    header_names: Vec<HeaderName>,
    /// Only the values that are neither personal nor secret.
    header_values: Vec<(HeaderName, String)>,
    bytes: usize,
    /// `None` until the response.
    status: Option<u16>,
}

impl Default for RequestLog {
    fn default() -> Self {
        Self { started_at: Instant::now(), first_number: 0, entries: VecDeque::new() }
    }
}

impl RequestLog {
    /// Logs the arrival of a request and returns its number.
    pub(crate) fn begin(&mut self, request: &RequestInfo<'_>) -> u64 {
        if self.entries.len() >= MAX_ENTRIES && self.entries.pop_front().is_some() {
            self.first_number += 1;
        }
        self.entries.push_back(Entry {
            at_ms: self.started_at.elapsed().as_millis(),
            method: request.method.chars().take(MAX_METHOD_CHARS).collect(),
            path: request.path.chars().take(MAX_PATH_CHARS).collect(),
            auth: request.auth,
            header_names: request.headers.keys().cloned().collect(),
            header_values: request
                .headers
                .iter()
                .filter(|(name, _)| is_loggable(name))
                .map(|(name, value)| {
                    let text = String::from_utf8_lossy(value.as_bytes());
                    (name.clone(), text.chars().take(MAX_HEADER_CHARS).collect())
                })
                .collect(),
            bytes: request.bytes,
            status: None,
        });
        self.first_number + self.entries.len() as u64 - 1
    }

    /// Logs the status of the response, unless the log no longer contains the request.
    pub(crate) fn finish(&mut self, number: u64, status: u16) {
        let index =
            number.checked_sub(self.first_number).and_then(|index| usize::try_from(index).ok());
        if let Some(entry) = index.and_then(|index| self.entries.get_mut(index)) {
            entry.status = Some(status);
        }
    }

    /// Clears the log. Numbers continue, so that the response to a cleared request is not logged for a
    /// later request.
    pub(crate) fn clear(&mut self) {
        self.first_number += self.entries.len() as u64;
        self.entries.clear();
    }

    pub(crate) fn to_json(&self) -> Value {
        Value::Array(self.entries.iter().map(Entry::to_json).collect())
    }
}

impl Entry {
    fn to_json(&self) -> Value {
        let names: Vec<&str> = self.header_names.iter().map(HeaderName::as_str).collect();
        let values: Map<String, Value> = self
            .header_values
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_str().into()))
            .collect();
        json!({
            "atMs": self.at_ms as u64,
            "method": self.method,
            "path": self.path,
            "auth": self.auth,
            "headers": names,
            "headerValues": values,
            "bytes": self.bytes,
            "status": self.status,
        })
    }
}

/// Returns whether the value of a header can be logged, because it is neither personal nor secret.
fn is_loggable(name: &HeaderName) -> bool {
    *name == CONTENT_TYPE || *name == IF_MATCH || name.as_str().starts_with("webhook-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(log: &mut RequestLog, path: &str) -> u64 {
        let headers = &HeaderMap::new();
        log.begin(&RequestInfo { method: "GET", path, auth: "none", headers, bytes: 0 })
    }

    #[test]
    fn the_log_keeps_the_last_1_000_requests() {
        let mut log = RequestLog::default();
        for index in 0..1_005 {
            let number = begin(&mut log, &format!("/{index}"));
            log.finish(number, 200);
        }
        let entries = log.to_json();
        let entries = entries.as_array().unwrap();
        assert_eq!(entries.len(), 1_000);
        assert_eq!(entries[0]["path"], "/5");
        assert_eq!(entries[999]["status"], 200);
    }

    #[test]
    fn a_request_before_clear_does_not_finish_a_later_one() {
        let mut log = RequestLog::default();
        let old = begin(&mut log, "/old");
        log.clear();
        begin(&mut log, "/new");
        log.finish(old, 200);
        assert_eq!(log.to_json()[0]["status"], Value::Null);
    }
}
