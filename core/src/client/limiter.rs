//! Never more requests in any stretch of time than the server allows.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::settings::Rate;

/// Holds requests back. It keeps no clock: callers say what time it is.
#[derive(Debug)]
pub(super) struct Limiter(Mutex<State>);

#[derive(Debug)]
struct State {
    /// When each request is expected to go: says at once how long a new one would have to wait.
    expected: Window,
    /// When each did go: a request that was held up behind its turn must not go with too many others.
    gone: Window,
}

/// The times of the last requests, as many as one stretch may hold, in order.
#[derive(Debug)]
struct Window {
    rate: Rate,
    times: VecDeque<Duration>,
}

impl Window {
    fn new(rate: Rate) -> Self {
        Self { rate: Rate { requests: rate.requests.max(1), ..rate }, times: VecDeque::new() }
    }

    /// When the next one may go.
    fn next(&self, now: Duration) -> Duration {
        if self.times.len() < self.rate.requests {
            return now;
        }
        self.times.front().map_or(now, |first| now.max(first.saturating_add(self.rate.window)))
    }

    fn push(&mut self, time: Duration) {
        if self.times.len() >= self.rate.requests {
            self.times.pop_front();
        }
        self.times.push_back(time);
    }
}

impl Limiter {
    pub(super) fn new(rate: Rate) -> Self {
        Self(Mutex::new(State { expected: Window::new(rate), gone: Window::new(rate) }))
    }

    /// Takes a turn, and answers how long it is until then.
    ///
    /// # Errors
    /// How long it would be, when that is later than `latest`: no turn is taken.
    pub(super) fn reserve(&self, now: Duration, latest: Duration) -> Result<Duration, Duration> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = state.expected.next(now);
        if turn > latest {
            return Err(turn - now);
        }
        state.expected.push(turn);
        Ok(turn - now)
    }

    /// Lets a request go whose turn has come.
    ///
    /// # Errors
    /// How long it has to wait all the same, because those before it were held up.
    pub(super) fn go(&self, now: Duration) -> Result<(), Duration> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = state.gone.next(now);
        if next > now {
            return Err(next - now);
        }
        state.gone.push(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { requests: 2, window: Duration::from_secs(10) };

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn turns_are_given_out_in_order() {
        let limiter = Limiter::new(RATE);
        let waits: Vec<Duration> =
            (0..5).map(|_| limiter.reserve(seconds(1), seconds(99)).unwrap()).collect();
        assert_eq!(waits, [0, 0, 10, 10, 20].map(seconds));
    }

    #[test]
    fn a_turn_that_is_too_late_is_not_taken() {
        let limiter = Limiter::new(RATE);
        for _ in 0..2 {
            limiter.reserve(seconds(0), seconds(9)).unwrap();
        }
        assert_eq!(limiter.reserve(seconds(3), seconds(9)), Err(seconds(7)));
        assert_eq!(limiter.reserve(seconds(3), seconds(10)), Ok(seconds(7)));
    }

    #[test]
    fn requests_that_were_held_up_do_not_go_all_at_once() {
        let limiter = Limiter::new(RATE);
        assert_eq!([0, 1, 2].map(|_| limiter.go(seconds(50))), [Ok(()), Ok(()), Err(seconds(10))]);
        assert_eq!(limiter.go(seconds(60)), Ok(()));
    }
}
