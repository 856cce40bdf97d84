//! The rate limit: a maximum number of requests per time window, over all callers.

use axum::http::HeaderValue;
use std::time::{Duration, Instant, SystemTime};

/// A limit on all requests together, control routes left out. The window opens with the first
/// request after the one before has closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many requests a window lets pass.
    pub requests: u64,
    /// How long a window is.
    pub window: Duration,
    /// The form of `Retry-After` in the response beyond the limit.
    pub retry_after: RetryAfter,
}

/// The form of the `Retry-After` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// Whole seconds, rounded up: `2`.
    Seconds,
    /// Seconds with a fraction, rounded up: `1.250`.
    Fraction,
    /// A date: `Sun, 06 Nov 1994 08:49:37 GMT`.
    HttpDate,
    /// No header at all.
    Absent,
}

impl RetryAfter {
    /// The header's value for a wait.
    pub(crate) fn header(self, wait: Duration) -> Option<HeaderValue> {
        let text = match self {
            Self::Seconds => {
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                seconds.max(1).to_string()
            }
            Self::Fraction => {
                let millis = wait.as_micros().div_ceil(1_000);
                format!("{}.{:03}", millis / 1_000, millis % 1_000)
            }
            // A date knows whole seconds only; an earlier one would be too early.
            Self::HttpDate => {
                let date = SystemTime::now() + wait + Duration::from_secs(1);
                httpdate::fmt_http_date(date)
            }
            Self::Absent => return None,
        };
        HeaderValue::try_from(text).ok()
    }
}

/// The window that is open.
#[derive(Debug, Default)]
pub(crate) struct Window {
    opened: Option<Instant>,
    passed: u64,
}

impl Window {
    /// Admits a request, or returns the time to wait.
    pub(crate) fn admit(&mut self, limit: &RateLimit, now: Instant) -> Result<(), Duration> {
        let open = self.opened.map(|opened| now.saturating_duration_since(opened));
        let left = open.and_then(|open| limit.window.checked_sub(open)).unwrap_or_default();
        if left.is_zero() {
            *self = Self { opened: Some(now), passed: 0 };
        }
        if self.passed < limit.requests {
            self.passed += 1;
            return Ok(());
        }
        Err(if left.is_zero() { limit.window } else { left })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_lets_so_many_pass_and_then_opens_anew() {
        let limit = RateLimit {
            requests: 2,
            window: Duration::from_secs(10),
            retry_after: RetryAfter::Seconds,
        };
        let mut window = Window::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(window.admit(&limit, at(0)), Ok(()));
        assert_eq!(window.admit(&limit, at(4)), Ok(()));
        assert_eq!(window.admit(&limit, at(4)), Err(Duration::from_secs(6)));
        assert_eq!(window.admit(&limit, at(9)), Err(Duration::from_secs(1)));
        assert_eq!(window.admit(&limit, at(10)), Ok(()));
        assert_eq!(window.admit(&limit, at(25)), Ok(()));
        assert_eq!(window.admit(&limit, at(26)), Ok(()));
        assert_eq!(window.admit(&limit, at(27)), Err(Duration::from_secs(8)));
    }

    #[test]
    fn retry_after_is_never_shorter_than_the_wait() {
        let text = |form: RetryAfter, wait| {
            form.header(wait).map(|value| value.to_str().unwrap().to_owned())
        };
        for (wait, seconds, fraction) in [
            (Duration::from_millis(2_000), "2", "2.000"),
            (Duration::from_millis(2_001), "3", "2.001"),
            (Duration::from_micros(1), "1", "0.001"),
        ] {
            assert_eq!(text(RetryAfter::Seconds, wait).unwrap(), seconds);
            assert_eq!(text(RetryAfter::Fraction, wait).unwrap(), fraction);
        }
        assert_eq!(text(RetryAfter::Absent, Duration::ZERO), None);
        let earliest = SystemTime::now() + Duration::from_secs(5);
        let date = text(RetryAfter::HttpDate, Duration::from_secs(5)).unwrap();
        assert!(httpdate::parse_http_date(&date).unwrap() >= earliest);
    }
}
