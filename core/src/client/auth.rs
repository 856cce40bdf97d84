//! What each family proves its right with: a key, or tokens that are got once for all who wait.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::api::{AccessToken, ApiFamily, Credential, Secret};
use crate::error::Error;

use super::transport::{BoxFuture, MaybeSend, MaybeSync};

/// Gets tokens in a way of its own, for a client that is given no credentials.
pub trait TokenSource: MaybeSend + MaybeSync {
    /// A token for a family.
    fn token(&self, family: ApiFamily)
    -> BoxFuture<'static, Result<AccessToken, TokenSourceError>>;
}

/// A token source that has no token. What went wrong is the source's to tell: it may hold secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token source failed")]
pub struct TokenSourceError;

/// The credentials of a client, by family.
#[derive(Clone)]
pub(super) enum Way {
    /// The same key or token for every request.
    Fixed(Credential),
    /// Tokens by client credentials.
    Client { id: String, secret: Secret },
    /// Tokens by a source.
    Source(Arc<dyn TokenSource + 'static>),
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed(Credential::ApiKey(_)) => "an API key",
            Self::Fixed(Credential::Bearer(_)) => "a token",
            Self::Client { .. } => "client credentials",
            Self::Source(_) => "a token source",
        })
    }
}

/// What a client is configured to prove its right with.
#[derive(Debug)]
pub(super) struct Auth {
    /// For the family `platform`, where it differs.
    pub(super) platform: Option<Way>,
    pub(super) way: Way,
    pub(super) organisation: Option<String>,
    /// Addresses of token endpoints that are configured.
    pub(super) token_urls: BTreeMap<ApiFamily, String>,
    /// Scopes that are configured.
    pub(super) scopes: BTreeMap<ApiFamily, String>,
    slots: BTreeMap<ApiFamily, Slot>,
}

impl Auth {
    pub(super) fn new(way: Way, platform: Option<Way>, organisation: Option<String>) -> Self {
        Self {
            platform,
            way,
            organisation,
            token_urls: BTreeMap::new(),
            scopes: BTreeMap::new(),
            slots: ApiFamily::ALL.iter().map(|family| (*family, Slot::default())).collect(),
        }
    }

    pub(super) fn way(&self, family: ApiFamily) -> &Way {
        match &self.platform {
            Some(way) if family == ApiFamily::Platform => way,
            _ => &self.way,
        }
    }

    pub(super) fn slot(&self, family: ApiFamily) -> Option<&Slot> {
        self.slots.get(&family)
    }

    pub(super) fn scope(&self, family: ApiFamily) -> Option<&str> {
        self.scopes.get(&family).map(String::as_str).or(family.token().scope)
    }
}

/// The token of one family.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// Held by the one call that gets a token; the others wait for it.
    pub(super) turn: async_lock::Mutex<()>,
    state: Mutex<SlotState>,
}

#[derive(Debug, Default)]
struct SlotState {
    token: Option<Held>,
    /// How many requests for a token have come to an end.
    rounds: u64,
    /// How the last of them failed.
    failed: Option<Error>,
}

#[derive(Clone, Debug)]
struct Held {
    secret: Secret,
    until: Duration,
}

impl Slot {
    fn state(&self) -> std::sync::MutexGuard<'_, SlotState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token, while it is good.
    pub(super) fn fresh(&self, now: Duration) -> Option<Secret> {
        self.state().token.as_ref().filter(|held| now < held.until).map(|held| held.secret.clone())
    }

    /// How many requests for a token have come to an end.
    pub(super) fn rounds(&self) -> u64 {
        self.state().rounds
    }

    /// How the request failed that a caller has been waiting for since `rounds` were over.
    pub(super) fn failed_since(&self, rounds: u64) -> Option<Error> {
        let state = self.state();
        (state.rounds != rounds).then(|| state.failed.clone()).flatten()
    }

    /// Keeps a token that was asked for at `asked`. It is not used any more a while before its end,
    /// which is never more than half of its life.
    pub(super) fn keep(
        &self,
        token: &AccessToken,
        asked: Duration,
        lifetime: Duration,
        margin: Duration,
    ) {
        let lifetime = token.expires_in.unwrap_or(lifetime);
        let until = asked.saturating_add(lifetime.saturating_sub(margin.min(lifetime / 2)));
        let mut state = self.state();
        state.token = Some(Held { secret: token.secret.clone(), until });
        state.rounds += 1;
        state.failed = None;
    }

    /// Tells those who wait that there is no token.
    pub(super) fn fail(&self, error: Error) {
        let mut state = self.state();
        state.rounds += 1;
        state.failed = Some(error);
    }

    /// Throws a token away that was refused; a newer one stays.
    pub(super) fn discard(&self, refused: &Secret) {
        let mut state = self.state();
        if state.token.as_ref().is_some_and(|held| held.secret == *refused) {
            state.token = None;
        }
    }
}
