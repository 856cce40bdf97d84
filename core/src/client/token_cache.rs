//! The cached token of one API family, and the error of the last token request, if it failed.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use crate::api::{AccessToken, Secret};
use crate::error::Error;
use crate::sync::lock;

/// The token of one API family. Each [`ApiFamily`](crate::api::ApiFamily), a group of routes of the API,
/// has its own token endpoint.
#[derive(Debug, Default)]
pub(super) struct TokenCache {
    /// The call that requests a token holds this lock. Other calls that need a token wait for the lock.
    pub(super) refresh_lock: async_lock::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    token: Option<CachedToken>,
    /// The number of token requests that have finished.
    finished_requests: u64,
    /// The error of the last token request, if it failed.
    failure: Option<Error>,
}

#[derive(Clone, Debug)]
struct CachedToken {
    secret: Secret,
    /// The time until which the token is used: before it expires, by a margin.
    use_until: Duration,
}

// All times are those of the transport's clock, as the time since the clock's own start.
impl TokenCache {
    fn lock_state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Returns the token if it may still be used at the time `now`.
    pub(super) fn valid_token(&self, now: Duration) -> Option<Secret> {
        let state = self.lock_state();
        state.token.as_ref().filter(|token| now < token.use_until).map(|token| token.secret.clone())
    }

    /// Returns the number of token requests that have finished.
    pub(super) fn finished_requests(&self) -> u64 {
        self.lock_state().finished_requests
    }

    /// Returns the error of the last token request, if it failed, and if it finished after
    /// [`finished_requests`](Self::finished_requests) returned `count`.
    pub(super) fn failure_since(&self, count: u64) -> Option<Error> {
        let state = self.lock_state();
        (state.finished_requests != count).then(|| state.failure.clone()).flatten()
    }

    /// Stores a token that was requested at the time `requested_at`. The token is used until `margin`
    /// before it expires, but for at least half of its lifetime. `default_lifetime` applies to a token
    /// without a lifetime.
    pub(super) fn store(
        &self,
        token: &AccessToken,
        requested_at: Duration,
        default_lifetime: Duration,
        margin: Duration,
    ) {
        let lifetime = token.expires_in.unwrap_or(default_lifetime);
        let usable_for = lifetime.saturating_sub(margin.min(lifetime / 2));
        let use_until = requested_at.saturating_add(usable_for);
        let mut state = self.lock_state();
        state.token = Some(CachedToken { secret: token.secret.clone(), use_until });
        state.finished_requests += 1;
        state.failure = None;
    }

    /// Stores the error of a token request, for the calls that wait for the lock. A stored token stays.
    pub(super) fn store_failure(&self, error: Error) {
        let mut state = self.lock_state();
        state.finished_requests += 1;
        state.failure = Some(error);
    }

    /// Removes a token that the server rejected, unless a newer one has replaced it.
    pub(super) fn invalidate(&self, rejected: &Secret) {
        let mut state = self.lock_state();
        if state.token.as_ref().is_some_and(|token| token.secret == *rejected) {
            state.token = None;
        }
    }
}
