//! The access and refresh tokens of a tenant.

use crate::random;
use crate::store::Store;
use std::time::{Duration, Instant};

/// The permissions of an access token.
#[derive(Clone, Debug)]
pub(crate) enum Grant {
    /// All operations of the routes `/new/v2.0`.
    Platform,
    /// The operations of the integration APIs that require one of these scopes.
    Scopes(Vec<&'static str>),
}

struct AccessToken {
    expires_at: Instant,
    grant: Grant,
}

/// The access and refresh tokens of a tenant.
pub(crate) struct Tokens {
    access: Store<AccessToken>,
    /// The scope of each refresh token.
    refresh: Store<String>,
}

impl Tokens {
    pub(crate) fn new(max_entries: usize) -> Self {
        Self { access: Store::new(max_entries), refresh: Store::new(max_entries) }
    }

    /// Creates an access token that expires after `lifetime`.
    pub(crate) fn issue(&mut self, lifetime: Duration, grant: Grant) -> String {
        let token = random::hex(48);
        // A lifetime beyond the range of the clock is limited to 136 years.
        let now = Instant::now();
        let expires_at =
            now.checked_add(lifetime).unwrap_or(now + Duration::from_secs(u32::MAX.into()));
        self.access.put(&token, AccessToken { expires_at, grant }, token.len());
        token
    }

    /// Creates a refresh token. It does not expire and is valid once.
    pub(crate) fn issue_refresh(&mut self, scope: &str) -> String {
        let token = random::hex(48);
        self.refresh.put(&token, scope.to_owned(), token.len() + scope.len());
        token
    }

    /// Consumes a refresh token and returns its scope; `None` for an unknown token.
    pub(crate) fn redeem(&mut self, refresh_token: &str) -> Option<String> {
        self.refresh.remove(refresh_token)
    }

    /// Returns the permissions of an access token; `None` for an unknown or expired token.
    pub(crate) fn grant_of(&mut self, token: &str) -> Option<&Grant> {
        if self.access.get(token)?.expires_at <= Instant::now() {
            self.access.remove(token);
        }
        self.access.get(token).map(|access| &access.grant)
    }

    /// Revokes all tokens.
    pub(crate) fn clear(&mut self) {
        self.access.clear();
        self.refresh.clear();
    }
}
