//! Timeouts, retries and limits of a client, with their defaults.

use std::time::Duration;

/// Timeouts, retries and limits of a client. All are set with
/// [`ClientBuilder::settings`](super::ClientBuilder::settings).
///
/// ```
/// use std::time::Duration;
///
/// use cognigy_context::client::Settings;
///
/// let settings = Settings { deadline: Duration::from_secs(20), ..Settings::default() };
/// assert_eq!(settings.max_retries, 3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The number of retries of a request after its first attempt. Default: 3, so up to 4 attempts.
    pub max_retries: u32,
    /// The time limit of a call, with all attempts and waits. More than 0. Default: 60 s.
    pub deadline: Duration,
    /// The time limit of one attempt. More than 0. Default: 15 s.
    pub attempt_timeout: Duration,
    /// The time limit for opening a connection. Default: 5 s.
    pub connect_timeout: Duration,
    /// The time limit of one attempt to get a token. More than 0. Default: 10 s.
    pub token_timeout: Duration,
    /// The time limit of one webhook delivery. Default: 5 s.
    pub webhook_timeout: Duration,
    /// The assumed lifetime of a token when the response states no lifetime. Default: 3,600 s.
    pub token_lifetime: Duration,
    /// The maximum size of a response body after decompression, in bytes. Default: 16 MiB.
    pub max_body: usize,
    /// The rate limit of all API families except `platform`, together. `None`: no limit. Default:
    /// 100 requests in 60 s.
    pub rate: Option<Rate>,
    /// The rate limit of the family `platform`. `None`: no limit. Default: 1,000 requests in 300 s,
    /// which the shared cloud allows per IP address.
    pub platform_rate: Option<Rate>,
    /// The maximum number of concurrent requests, 1 or more. Default: 5.
    pub max_concurrent: usize,
    /// The maximum number of times that one call reads and writes a resource again after a conflict with
    /// another writer. Default: 16.
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

/// A rate limit: at most `requests` in any time span of the length `window`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The maximum number of requests, 1 or more.
    pub requests: usize,
    /// The length of the time span, more than 0.
    pub window: Duration,
}
