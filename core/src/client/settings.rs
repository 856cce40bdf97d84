//! How a client behaves: how long, how often, how many at a time. All defaults stand here.

use std::time::Duration;

/// How long, how often, how many at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How often a request is sent again after it failed, 3: four attempts in all.
    pub max_retries: u32,
    /// How long a whole call may take with all its attempts and waits, 60 s.
    pub deadline: Duration,
    /// How long one attempt may take, 15 s.
    pub attempt_timeout: Duration,
    /// How long a connection may take to be made, 5 s.
    pub connect_timeout: Duration,
    /// How long a token may take to be got, 10 s an attempt.
    pub token_timeout: Duration,
    /// How long a webhook may take to be told, 5 s.
    pub webhook_timeout: Duration,
    /// How long a token is taken to live when the endpoint does not say, 3,600 s.
    pub token_lifetime: Duration,
    /// Most bytes of an answer, 16 MiB.
    pub max_body: usize,
    /// Most requests of the integration families: 100 a minute. None: as many as there are.
    pub rate: Option<Rate>,
    /// Most requests of the family `platform`: 1,000 in five minutes, which is what the shared
    /// cloud allows an address. None: as many as there are.
    pub platform_rate: Option<Rate>,
    /// Most requests that are under way at a time, 5.
    pub max_concurrent: usize,
    /// How often what somebody else changed meanwhile is read and written again, 16.
    pub max_conflict_rounds: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_retries: 3,
            deadline: Duration::from_secs(60),
            attempt_timeout: Duration::from_secs(15),
            connect_timeout: Duration::from_secs(5),
            token_timeout: Duration::from_secs(10),
            webhook_timeout: Duration::from_secs(5),
            token_lifetime: Duration::from_secs(3_600),
            max_body: 16 << 20,
            rate: Some(Rate { requests: 100, window: Duration::from_secs(60) }),
            platform_rate: Some(Rate { requests: 1_000, window: Duration::from_secs(300) }),
            max_concurrent: 5,
            max_conflict_rounds: 16,
        }
    }
}

/// So many requests in any stretch of time of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many, 1 at least.
    pub requests: usize,
    /// How long the stretch is.
    pub window: Duration,
}
