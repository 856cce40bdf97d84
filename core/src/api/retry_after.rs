//! `Retry-After` in its three forms: seconds, fractions of a second, an HTTP date.

use std::time::Duration;

/// How long a server wants to be left alone, as it said it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RetryAfter {
    /// For so long.
    For(Duration),
    /// Until this time, since 1970.
    Until(Duration),
}

/// Longest wait that is told apart from longer ones: a year.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl RetryAfter {
    /// Reads the header; none where it says no time.
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
                Duration::try_from_secs_f64(seconds).map_or(LONGEST, |wait| wait.min(LONGEST)),
            ));
        }
        let date = httpdate::parse_http_date(text).ok()?;
        Some(Self::Until(date.duration_since(std::time::UNIX_EPOCH).unwrap_or_default()))
    }

    /// How long that is from `now`, the time since 1970.
    #[must_use]
    pub fn wait(self, now: Duration) -> Duration {
        match self {
            Self::For(wait) => wait,
            Self::Until(time) => time.saturating_sub(now).min(LONGEST),
        }
    }
}
