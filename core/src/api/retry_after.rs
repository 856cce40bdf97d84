//! The `Retry-After` header.

use std::time::Duration;

/// The wait that a server requests with `Retry-After`: seconds, also with a fraction, or an HTTP date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RetryAfter {
    /// Wait for this duration.
    For(Duration),
    /// Wait until this time, as the duration since 1970-01-01T00:00:00Z.
    Until(Duration),
}

/// The maximum wait: one year. A longer wait is shortened to this.
const MAX_WAIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl RetryAfter {
    /// Parses the header's value. Returns `None` if it is neither a number of seconds nor an HTTP date.
    ///
    /// ```
    /// use std::time::Duration;
    /// use cognigy_context::api::RetryAfter;
    ///
    /// assert_eq!(RetryAfter::parse("1.5"), Some(RetryAfter::For(Duration::from_millis(1500))));
    /// let date = RetryAfter::parse("Thu, 01 Jan 1970 00:01:00 GMT").unwrap();
    /// assert_eq!(date.wait(Duration::from_secs(20)), Duration::from_secs(40));
    /// assert_eq!(RetryAfter::parse("soon"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.bytes().next()?.is_ascii_digit() || text.starts_with('.') {
            let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.is_finite())?;
            return Some(Self::For(
                Duration::try_from_secs_f64(seconds).map_or(MAX_WAIT, |wait| wait.min(MAX_WAIT)),
            ));
        }
        let date = httpdate::parse_http_date(text).ok()?;
        Some(Self::Until(date.duration_since(std::time::UNIX_EPOCH).unwrap_or_default()))
    }

    /// Returns the wait that remains at the time `now`, the duration since 1970-01-01T00:00:00Z: at most one
    /// year. [`Self::For`] is returned in full.
    #[must_use]
    pub fn wait(self, now: Duration) -> Duration {
        match self {
            Self::For(wait) => wait,
            Self::Until(time) => time.saturating_sub(now).min(MAX_WAIT),
        }
    }
}
