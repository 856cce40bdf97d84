//! The client's own rate limit: at most `requests` in any time span of the length `window`.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use super::settings::Rate;
use crate::sync::lock;

/// Computes how long a request has to wait. It reads no clock: its callers pass the time since a fixed start.
///
/// It has two windows. From the reserved times it computes the wait of a new request in advance. The times
/// at which requests were sent are checked again before sending, because requests that were delayed
/// after their reserved time must not be sent all at once.
#[derive(Debug)]
pub(super) struct RateLimiter(Mutex<State>);

#[derive(Debug)]
struct State {
    reserved: Window,
    sent: Window,
}

/// The times of the last requests, oldest first: at most `rate.requests`.
#[derive(Debug)]
struct Window {
    rate: Rate,
    times: VecDeque<Duration>,
}

impl Window {
    fn new(rate: Rate) -> Self {
        Self { rate: Rate { requests: rate.requests.max(1), ..rate }, times: VecDeque::new() }
    }

    /// Returns the earliest time, not before `now`, at which the rate allows another request.
    fn next_time(&self, now: Duration) -> Duration {
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

impl RateLimiter {
    pub(super) fn new(rate: Rate) -> Self {
        Self(Mutex::new(State { reserved: Window::new(rate), sent: Window::new(rate) }))
    }

    /// Reserves a time for a request. Returns the wait until this time.
    ///
    /// # Errors
    /// The wait, when it would end after the time `latest`. Nothing is reserved.
    pub(super) fn reserve(&self, now: Duration, latest: Duration) -> Result<Duration, Duration> {
        let mut state = lock(&self.0);
        let time = state.reserved.next_time(now);
        if time > latest {
            return Err(time - now);
        }
        state.reserved.push(time);
        Ok(time - now)
    }

    /// Counts a request as sent, after its reserved time was reached.
    ///
    /// # Errors
    /// The remaining wait, when earlier requests were sent later than reserved. Nothing is counted.
    pub(super) fn try_acquire(&self, now: Duration) -> Result<(), Duration> {
        let mut state = lock(&self.0);
        let next = state.sent.next_time(now);
        if next > now {
            return Err(next - now);
        }
        state.sent.push(now);
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
    fn reserve_returns_waits_in_order() {
        let limiter = RateLimiter::new(RATE);
        let waits: Vec<Duration> =
            (0..5).map(|_| limiter.reserve(seconds(1), seconds(99)).unwrap()).collect();
        assert_eq!(waits, [0, 0, 10, 10, 20].map(seconds));
    }

    #[test]
    fn reserve_beyond_the_latest_time_reserves_nothing() {
        let limiter = RateLimiter::new(RATE);
        for _ in 0..2 {
            limiter.reserve(seconds(0), seconds(9)).unwrap();
        }
        assert_eq!(limiter.reserve(seconds(3), seconds(9)), Err(seconds(7)));
        assert_eq!(limiter.reserve(seconds(3), seconds(10)), Ok(seconds(7)));
    }

    #[test]
    fn try_acquire_spreads_requests_that_were_delayed() {
        let limiter = RateLimiter::new(RATE);
        let results = [0, 1, 2].map(|_| limiter.try_acquire(seconds(50)));
        assert_eq!(results, [Ok(()), Ok(()), Err(seconds(10))]);
        assert_eq!(limiter.try_acquire(seconds(60)), Ok(()));
    }
}
