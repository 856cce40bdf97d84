//! Counters of requests and responses. They count even when logging is off.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The requests to a tenant, without control routes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// The requests that arrived.
    pub requests: u64,
    /// The responses by status. A request with a dropped connection has none.
    pub statuses: BTreeMap<u16, u64>,
    /// The requests that reached a token route.
    pub token_requests: u64,
    /// The tokens that were granted.
    pub tokens_granted: u64,
}

impl Counters {
    /// Returns the number of responses with this status.
    ///
    /// # Example
    ///
    /// ```
    /// use cognigy_context_sandbox::Counters;
    ///
    /// assert_eq!(Counters::default().answered(429), 0);
    /// ```
    pub fn answered(&self, status: u16) -> u64 {
        self.statuses.get(&status).copied().unwrap_or_default()
    }

    pub(crate) fn finish(&mut self, status: u16) {
        *self.statuses.entry(status).or_default() += 1;
    }

    pub(crate) fn to_json(&self) -> Value {
        let statuses: Map<String, Value> = self
            .statuses
            .iter()
            .map(|(status, count)| (status.to_string(), json!(count)))
            .collect();
        json!({
            "requests": self.requests,
            "statuses": statuses,
            "tooManyRequests": self.answered(429),
            "tokenRequests": self.token_requests,
            "tokensGranted": self.tokens_granted,
        })
    }
}
