//! The rate limit: a maximum number of requests of all callers per time window.

use axum::http::HeaderValue;
use std::time::{Duration, Instant, SystemTime};

/// A limit of all requests except those of the control routes. A window starts with the first request
/// after the end of the previous window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The maximum number of requests per window.
    pub requests: u64,
    /// The duration of a window.
    pub window: Duration,
    /// The form of `Retry-After` in responses to requests beyond the limit.
    pub retry_after: RetryAfter,
}

/// The form of the `Retry-After` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// Whole seconds, at least 1, rounded up: `2`.
    Seconds,
    /// Seconds with three decimals, rounded up: `1.250`.
    Fraction,
    /// An HTTP date, up to one second after the end of the wait: `Sun, 06 Nov 1994 08:49:37 GMT`.
    HttpDate,
    /// No header.
    Absent,
}

impl RetryAfter {
    /// Returns the value of the header for a wait; `None` for [`RetryAfter::Absent`].
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
            // A date has whole seconds, so one second is added to avoid a date before the end.
            Self::HttpDate => {
                let date = SystemTime::now() + wait + Duration::from_secs(1);
                httpdate::fmt_http_date(date)
            }
            Self::Absent => return None,
        };
        HeaderValue::try_from(text).ok()
    }
}

/// The current window.
#[derive(Debug, Default)]
pub(crate) struct Window {
    /// `None` before the first request.
    started_at: Option<Instant>,
    admitted_requests: u64,
}

impl Window {
    /// Admits a request, or returns the time to wait.
    pub(crate) fn admit(&mut self, limit: &RateLimit, now: Instant) -> Result<(), Duration> {
        let elapsed = self.started_at.map(|start| now.saturating_duration_since(start));
        let remaining =
            elapsed.and_then(|elapsed| limit.window.checked_sub(elapsed)).unwrap_or_default();
        if remaining.is_zero() {
            *self = Self { started_at: Some(now), admitted_requests: 0 };
        }
        if self.admitted_requests < limit.requests {
            self.admitted_requests += 1;
            return Ok(());
        }
        Err(if remaining.is_zero() { limit.window } else { remaining })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_admits_its_limit_and_a_request_after_its_end_starts_a_new_window() {
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
