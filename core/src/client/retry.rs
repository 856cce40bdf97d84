//! The retry policy, as pure functions: whether a request is sent again, and after which wait.

use std::time::Duration;

use super::transport::TransportError;
use crate::api::Idempotency;

/// The upper bound of the first backoff. The bound doubles with each retry.
const INITIAL_BACKOFF: Duration = Duration::from_secs(1);
/// The upper bound of every backoff. A wait that `Retry-After` requires may be longer.
const MAX_BACKOFF: Duration = Duration::from_secs(30);

/// The outcome of an attempt that failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Outcome {
    /// A response with another status than 2xx, and the wait that its `Retry-After` requires, if any.
    Response { status: u16, retry_after: Option<Duration> },
    /// No response.
    NoResponse(TransportError),
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Do not send the request again.
    GiveUp,
    /// Send the request again after this wait.
    Retry(Duration),
}

impl Outcome {
    /// Returns whether the request may have taken effect although it failed.
    pub(super) const fn may_have_taken_effect(self) -> bool {
        match self {
            Self::Response { status, .. } => status >= 500,
            Self::NoResponse(error) => {
                !matches!(error, TransportError::Unreachable | TransportError::InvalidRequest)
            }
        }
    }

    /// Returns whether a later attempt may succeed.
    const fn is_transient(self) -> bool {
        match self {
            Self::Response { status, .. } => status == 429 || status >= 500,
            Self::NoResponse(error) => matches!(
                error,
                TransportError::Unreachable | TransportError::Broken | TransportError::TimedOut
            ),
        }
    }

    /// Returns the wait that `Retry-After` of a 429 or 503 response requires. Other statuses ignore the
    /// header.
    pub(super) const fn server_retry_after(self) -> Option<Duration> {
        match self {
            Self::Response { status: 429 | 503, retry_after } => retry_after,
            _ => None,
        }
    }
}

/// Returns whether to send a request again after `retries` retries. After an outcome that may have taken
/// effect only idempotent requests are retried. The wait is that of `Retry-After`, otherwise the
/// [`backoff`] for `retries` and `random`.
pub(super) fn decide(
    outcome: Outcome,
    retries: u32,
    max_retries: u32,
    idempotency: Idempotency,
    random: f64,
) -> Decision {
    let is_allowed = idempotency == Idempotency::Idempotent || !outcome.may_have_taken_effect();
    if !outcome.is_transient() || !is_allowed || retries >= max_retries {
        return Decision::GiveUp;
    }
    Decision::Retry(outcome.server_retry_after().unwrap_or_else(|| backoff(retries, random)))
}

/// Returns an exponential backoff with full jitter: `random` (0 to 1) times a bound, which doubles with each
/// retry from [`INITIAL_BACKOFF`] up to [`MAX_BACKOFF`].
pub(super) fn backoff(retries: u32, random: f64) -> Duration {
    // `min(16)` keeps the shift within 32 bits; `MAX_BACKOFF` is reached after fewer retries.
    let bound = INITIAL_BACKOFF.saturating_mul(1 << retries.min(16)).min(MAX_BACKOFF);
    bound.mul_f64(random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, seconds: Option<u64>) -> Outcome {
        Outcome::Response { status, retry_after: seconds.map(Duration::from_secs) }
    }

    #[test]
    fn decide_waits_for_retry_after_only_of_429_and_503() {
        for status in [429, 503] {
            let decision = decide(response(status, Some(7)), 0, 3, Idempotency::Idempotent, 0.5);
            assert_eq!(decision, Decision::Retry(Duration::from_secs(7)));
        }
        let decision = decide(response(500, Some(7)), 0, 3, Idempotency::Idempotent, 0.5);
        assert_eq!(decision, Decision::Retry(Duration::from_millis(500)));
    }

    #[test]
    fn backoff_doubles_up_to_30_seconds() {
        let bounds: Vec<u64> = (0..8).map(|retries| backoff(retries, 1.0).as_secs()).collect();
        assert_eq!(bounds, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(backoff(u32::MAX, 0.0), Duration::ZERO);
    }

    #[test]
    fn decide_gives_up_on_permanent_statuses() {
        for status in [301, 400, 401, 403, 404, 409, 412, 413, 422] {
            assert_eq!(
                decide(response(status, None), 0, 3, Idempotency::Idempotent, 0.5),
                Decision::GiveUp
            );
        }
    }

    #[test]
    fn decide_retries_ambiguous_failures_only_of_idempotent_requests() {
        use TransportError::{Aborted, Broken, InvalidRequest, TimedOut, TooLarge, Unreachable};
        let is_retried = |outcome| {
            [Idempotency::Idempotent, Idempotency::NonIdempotent]
                .map(|idempotency| decide(outcome, 0, 3, idempotency, 0.5) != Decision::GiveUp)
        };
        assert_eq!(is_retried(response(429, None)), [true, true]);
        assert_eq!(is_retried(response(500, None)), [true, false]);
        assert_eq!(is_retried(response(503, Some(1))), [true, false]);
        assert_eq!(is_retried(Outcome::NoResponse(Unreachable)), [true, true]);
        assert_eq!(is_retried(Outcome::NoResponse(Broken)), [true, false]);
        assert_eq!(is_retried(Outcome::NoResponse(TimedOut)), [true, false]);
        assert_eq!(is_retried(Outcome::NoResponse(TooLarge { status: Some(500) })), [false, false]);
        assert_eq!(is_retried(Outcome::NoResponse(Aborted)), [false, false]);
        assert_eq!(is_retried(Outcome::NoResponse(InvalidRequest)), [false, false]);
    }

    #[test]
    fn decide_gives_up_after_max_retries() {
        assert_ne!(
            decide(response(500, None), 2, 3, Idempotency::Idempotent, 0.5),
            Decision::GiveUp
        );
        assert_eq!(
            decide(response(500, None), 3, 3, Idempotency::Idempotent, 0.5),
            Decision::GiveUp
        );
    }
}
