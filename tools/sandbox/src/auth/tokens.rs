//! The tokens that were handed out.

use crate::random;
use crate::store::Store;
use std::time::{Duration, Instant};

/// What an access token is good for.
#[derive(Clone, Debug)]
pub(crate) enum Grant {
    /// All of the platform's own routes.
    Platform,
    /// The operations of the other families that need one of these scopes.
    Scopes(Vec<&'static str>),
}

struct Access {
    end: Instant,
    grant: Grant,
}

pub(crate) struct Tokens {
    access: Store<Access>,
    /// Each refresh token with the scope it was given for.
    refresh: Store<String>,
}

impl Tokens {
    pub(crate) fn new(max_entries: usize) -> Self {
        Self { access: Store::new(max_entries), refresh: Store::new(max_entries) }
    }

    /// A new access token.
    pub(crate) fn issue(&mut self, lifetime: Duration, grant: Grant) -> String {
        let token = random::hex(48);
        // A lifetime beyond the range of the clock does not end.
        let now = Instant::now();
        let end = now.checked_add(lifetime).unwrap_or(now + Duration::from_secs(u32::MAX.into()));
        self.access.put(&token, Access { end, grant }, token.len());
        token
    }

    /// A new refresh token. It does not expire, but is used up by its first use.
    pub(crate) fn issue_refresh(&mut self, scope: &str) -> String {
        let token = random::hex(48);
        self.refresh.put(&token, scope.to_owned(), token.len() + scope.len());
        token
    }

    /// Consumes a refresh token and returns its scope; `None` for an unknown token.
    pub(crate) fn redeem(&mut self, refresh_token: &str) -> Option<String> {
        self.refresh.remove(refresh_token)
    }

    /// What a token is good for; nothing when it is not known, or no longer.
    pub(crate) fn grant(&mut self, token: &str) -> Option<&Grant> {
        if self.access.get(token)?.end <= Instant::now() {
            self.access.remove(token);
        }
        self.access.get(token).map(|access| &access.grant)
    }

    /// Takes back every token.
    pub(crate) fn clear(&mut self) {
        self.access.clear();
        self.refresh.clear();
    }
}
