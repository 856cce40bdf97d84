//! Whether a request is sent again, and when: a pure decision.

use std::time::Duration;

use super::transport::TransportError;
use crate::api::Idempotency;

/// The first wait is drawn from up to so much, each later one from up to twice as much as before.
const FIRST: Duration = Duration::from_secs(1);
/// No wait is drawn from more than this.
const LONGEST: Duration = Duration::from_secs(30);

/// What came of an attempt that brought no success.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Outcome {
    /// An answer of another status than 2xx, and how long its server wants to be left alone.
    Answer { status: u16, retry_after: Option<Duration> },
    /// No answer.
    NoAnswer(TransportError),
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Leave it.
    GiveUp,
    /// Send it again after this wait.
    Again(Duration),
}

impl Outcome {
    /// Whether the request may have taken effect all the same.
    pub(super) const fn may_have_taken_effect(self) -> bool {
        match self {
            Self::Answer { status, .. } => status >= 500,
            Self::NoAnswer(error) => !matches!(error, TransportError::Unreachable),
        }
    }

    /// Whether it is worth another attempt at all.
    const fn is_passing(self) -> bool {
        match self {
            Self::Answer { status, .. } => status == 429 || status >= 500,
            Self::NoAnswer(error) => matches!(
                error,
                TransportError::Unreachable | TransportError::Broken | TransportError::TimedOut
            ),
        }
    }

    /// The wait that the server asked for; only 429 and 503 ask.
    pub(super) const fn asked_wait(self) -> Option<Duration> {
        match self {
            Self::Answer { status: 429 | 503, retry_after } => retry_after,
            _ => None,
        }
    }
}

/// Whether to send again, after `retries` repetitions so far. `random` is drawn by lot.
pub(super) fn decide(
    outcome: Outcome,
    retries: u32,
    max_retries: u32,
    repeat: Idempotency,
    random: f64,
) -> Decision {
    let is_allowed = repeat == Idempotency::Idempotent || !outcome.may_have_taken_effect();
    if !outcome.is_passing() || !is_allowed || retries >= max_retries {
        return Decision::GiveUp;
    }
    Decision::Again(outcome.asked_wait().unwrap_or_else(|| backoff(retries, random)))
}

/// Exponential with full jitter: anything up to a bound that doubles.
pub(super) fn backoff(retries: u32, random: f64) -> Duration {
    let bound = FIRST.saturating_mul(1 << retries.min(16)).min(LONGEST);
    bound.mul_f64(random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, seconds: Option<u64>) -> Outcome {
        Outcome::Answer { status, retry_after: seconds.map(Duration::from_secs) }
    }

    #[test]
    fn what_the_server_asks_for_is_waited_for() {
        for status in [429, 503] {
            let decision = decide(answer(status, Some(7)), 0, 3, Idempotency::Idempotent, 0.5);
            assert_eq!(decision, Decision::Again(Duration::from_secs(7)));
        }
        let decision = decide(answer(500, Some(7)), 0, 3, Idempotency::Idempotent, 0.5);
        assert_eq!(decision, Decision::Again(Duration::from_millis(500)));
    }

    #[test]
    fn waits_double_up_to_half_a_minute() {
        let bounds: Vec<u64> = (0..8).map(|retries| backoff(retries, 1.0).as_secs()).collect();
        assert_eq!(bounds, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(backoff(u32::MAX, 0.0), Duration::ZERO);
    }

    #[test]
    fn what_the_server_refused_is_not_sent_again() {
        for status in [301, 400, 401, 403, 404, 409, 412, 413, 422] {
            assert_eq!(
                decide(answer(status, None), 0, 3, Idempotency::Idempotent, 0.5),
                Decision::GiveUp
            );
        }
    }

    #[test]
    fn what_must_not_happen_twice_is_sent_again_only_when_it_did_not_happen() {
        use TransportError::{Aborted, Broken, TimedOut, TooLarge, Unreachable};
        let again = |outcome| {
            [Idempotency::Idempotent, Idempotency::NonIdempotent]
                .map(|repeat| decide(outcome, 0, 3, repeat, 0.5) != Decision::GiveUp)
        };
        assert_eq!(again(answer(429, None)), [true, true]);
        assert_eq!(again(answer(500, None)), [true, false]);
        assert_eq!(again(answer(503, Some(1))), [true, false]);
        assert_eq!(again(Outcome::NoAnswer(Unreachable)), [true, true]);
        assert_eq!(again(Outcome::NoAnswer(Broken)), [true, false]);
        assert_eq!(again(Outcome::NoAnswer(TimedOut)), [true, false]);
        assert_eq!(again(Outcome::NoAnswer(TooLarge { status: Some(500) })), [false, false]);
        assert_eq!(again(Outcome::NoAnswer(Aborted)), [false, false]);
    }

    #[test]
    fn there_is_an_end_to_it() {
        assert_ne!(decide(answer(500, None), 2, 3, Idempotency::Idempotent, 0.5), Decision::GiveUp);
        assert_eq!(decide(answer(500, None), 3, 3, Idempotency::Idempotent, 0.5), Decision::GiveUp);
    }
}
