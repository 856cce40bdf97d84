//! The errors of a call, and the context that each of them gets.

use std::borrow::Cow;
use std::time::Duration;

use super::InFlightCall;
use crate::api::{Response, error_from_response};
use crate::client::transport::{Transport, TransportError};
use crate::error::{ApiError, ApiErrorKind, Error};

impl<T: Transport> InFlightCall<'_, T> {
    pub(super) fn deadline_error(&self, detail: impl Into<Cow<'static, str>>) -> Error {
        self.error(ApiErrorKind::Deadline).detail(detail).into()
    }

    pub(super) fn token_deadline_error(&self, detail: impl Into<Cow<'static, str>>) -> Error {
        let mut error = self.error(ApiErrorKind::Deadline).detail(detail);
        error.during_token = true;
        error.into()
    }

    /// Returns the error for a request that the client's own rate limit delays beyond the deadline.
    pub(super) fn local_rate_limit_error(&self, wait: Duration) -> Error {
        let mut error = self.error(ApiErrorKind::RateLimit).detail(format!(
            "the client's own rate limit delays the request by {}, the deadline allows {}",
            seconds(wait),
            seconds(self.remaining())
        ));
        error.retry_after = Some(wait.as_secs_f64());
        error.into()
    }

    /// Returns the error for a `Retry-After` that lies beyond the deadline.
    pub(super) fn retry_after_error(&self, response: &Response, retry_after: Duration) -> Error {
        let error = error_from_response(self.operation, response);
        let mut error =
            error.unwrap_or_else(|| self.error(ApiErrorKind::RateLimit)).detail(format!(
                "`Retry-After` is {}, the deadline allows {}",
                seconds(retry_after),
                seconds(self.remaining())
            ));
        error.kind = ApiErrorKind::RateLimit;
        error.into()
    }

    /// Returns the error for a request that got no response.
    pub(super) fn transport_error(&self, error: TransportError) -> Error {
        let (kind, detail) = match error {
            TransportError::Unreachable | TransportError::Broken | TransportError::Aborted => {
                (ApiErrorKind::Network, error.description().into())
            }
            TransportError::TimedOut => {
                let detail = format!("no complete response within {}", seconds(self.timeout));
                (ApiErrorKind::Deadline, Cow::Owned(detail))
            }
            TransportError::TooLarge { .. } => {
                let max = grouped(self.inner().settings.max_body);
                let detail = format!("the response is larger than {max} bytes");
                (ApiErrorKind::Protocol, Cow::Owned(detail))
            }
        };
        let mut error = self.error(kind).detail(detail);
        error.status = self.status;
        error.into()
    }

    fn error(&self, kind: ApiErrorKind) -> ApiError {
        ApiError::new(kind, self.operation.as_str())
    }

    /// Adds what only the call as a whole knows: the operation, the number of attempts, the hash of
    /// the session id, `Retry-After`, and the scope that the operation needs.
    pub(super) fn add_call_context(&self, error: Error) -> Error {
        let Error::Api(mut error) = error else { return error };
        error.operation = self.operation.as_str();
        error.attempts = self.attempts;
        error.session = self.resource.as_ref().map(|resource| resource.hash.clone());
        if error.retry_after.is_none() && error.status.is_some() && error.status == self.status {
            error.retry_after = self.retry_after.map(|wait| wait.as_secs_f64());
        }
        if error.kind == ApiErrorKind::PermissionDenied && !error.during_token {
            error.needed_scope = self.operation.needed_scope();
        }
        Error::Api(error)
    }
}

/// Returns a duration for people: `250 ms` below a second, `1.5 s` below ten seconds, then whole seconds.
pub(super) fn seconds(time: Duration) -> String {
    let millis = (time.as_secs_f64() * 1_000.0).round();
    if millis < 1_000.0 {
        format!("{millis} ms")
    } else if millis < 9_950.0 {
        format!("{} s", (millis / 100.0).round() / 10.0)
    } else {
        format!("{:.0} s", time.as_secs_f64())
    }
}

/// Returns a number with commas between groups of three digits: `16,777,216`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_rounds_durations_for_people() {
        let times = [60_000, 59_983, 9_960, 1_500, 1_000, 950, 20].map(Duration::from_millis);
        let texts = times.map(seconds);
        assert_eq!(texts, ["60 s", "60 s", "10 s", "1.5 s", "1 s", "950 ms", "20 ms"]);
    }

    #[test]
    fn grouped_separates_thousands() {
        assert_eq!([0, 999, 1_000, 16 << 20].map(grouped), ["0", "999", "1,000", "16,777,216"]);
    }
}
