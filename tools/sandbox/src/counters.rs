//! Counters of requests and responses. They also count the requests that the log does not list.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The counters of the sandbox's tenant, since its start or the last reset. They exclude the control routes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// The number of received requests.
    pub requests: u64,
    /// The number of responses by status. Dropped connections have no response.
    pub statuses: BTreeMap<u16, u64>,
    /// The number of requests executed by a token route.
    pub token_requests: u64,
    /// The number of access tokens that were issued.
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
    /// assert_eq!(Counters::default().responses_with_status(429), 0);
    /// ```
    pub fn responses_with_status(&self, status: u16) -> u64 {
        self.statuses.get(&status).copied().unwrap_or_default()
    }

    /// Counts a response.
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
            "tooManyRequests": self.responses_with_status(429),
            "tokenRequests": self.token_requests,
            "tokensGranted": self.tokens_granted,
        })
    }
}
