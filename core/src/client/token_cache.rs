//! The cached token of one API family, and the result of the last request for one.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use crate::api::{AccessToken, Secret};
use crate::error::Error;
use crate::sync::lock;

/// The token of one API family.
#[derive(Debug, Default)]
pub(super) struct TokenCache {
    /// The call that requests a token holds this lock; the other calls wait for it.
    pub(super) refresh_lock: async_lock::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    token: Option<CachedToken>,
    /// The number of token requests that have finished.
    generation: u64,
    /// The error of the last token request, if it failed.
    failure: Option<Error>,
}

#[derive(Clone, Debug)]
struct CachedToken {
    secret: Secret,
    expires_at: Duration,
}

impl TokenCache {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Returns the token while it is valid.
    pub(super) fn valid_token(&self, now: Duration) -> Option<Secret> {
        let state = self.state();
        state
            .token
            .as_ref()
            .filter(|token| now < token.expires_at)
            .map(|token| token.secret.clone())
    }

    /// Returns the number of token requests that have finished.
    pub(super) fn generation(&self) -> u64 {
        self.state().generation
    }

    /// Returns the error of the last token request, if it failed and finished after `generation`.
    pub(super) fn failure_since(&self, generation: u64) -> Option<Error> {
        let state = self.state();
        (state.generation != generation).then(|| state.failure.clone()).flatten()
    }

    /// Stores a token that was requested at `requested_at`. The cache uses it until `margin` before its
    /// expiry, but at least for half of its lifetime. `default_lifetime` applies to a token without a
    /// lifetime.
    pub(super) fn store(
        &self,
        token: &AccessToken,
        requested_at: Duration,
        default_lifetime: Duration,
        margin: Duration,
    ) {
        let lifetime = token.expires_in.unwrap_or(default_lifetime);
        let usable_for = lifetime.saturating_sub(margin.min(lifetime / 2));
        let expires_at = requested_at.saturating_add(usable_for);
        let mut state = self.state();
        state.token = Some(CachedToken { secret: token.secret.clone(), expires_at });
        state.generation += 1;
        state.failure = None;
    }

    /// Stores the error of a token request, for the calls that wait for the token.
    pub(super) fn store_failure(&self, error: Error) {
        let mut state = self.state();
        state.generation += 1;
        state.failure = Some(error);
    }

    /// Removes a token that the server rejected, unless a newer one has replaced it.
    pub(super) fn invalidate(&self, rejected: &Secret) {
        let mut state = self.state();
        if state.token.as_ref().is_some_and(|token| token.secret == *rejected) {
            state.token = None;
        }
    }
}
