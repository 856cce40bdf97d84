//! The credentials of a client, by API family: a fixed API key or token, or tokens that are requested
//! when needed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::api::{AccessToken, ApiFamily, Credential, Secret};

use super::token_cache::TokenCache;
use super::transport::{BoxFuture, MaybeSend, MaybeSync};

/// Provides access tokens, for a client without credentials of the tenant.
///
/// The client caches each token: see [`ClientBuilder::token_source`](super::ClientBuilder::token_source).
///
/// ```
/// use std::time::Duration;
///
/// use cognigy_context::api::{AccessToken, ApiFamily};
/// use cognigy_context::client::{BoxFuture, TokenSource, TokenSourceError};
///
/// struct Vault;
///
/// impl TokenSource for Vault {
///     fn token(
///         &self,
///         family: ApiFamily,
///     ) -> BoxFuture<'static, Result<AccessToken, TokenSourceError>> {
///         Box::pin(async move {
///             let token = format!("token-for-{family}"); // usually a request to a service
///             let token = AccessToken::new(token).map_err(|_| TokenSourceError)?;
///             Ok(token.expires_in(Duration::from_secs(600)))
///         })
///     }
/// }
/// ```
pub trait TokenSource: MaybeSend + MaybeSync {
    /// Returns a token for an API family. A call waits for the token up to
    /// [`Settings::token_timeout`](super::Settings::token_timeout), and then fails with
    /// [`Deadline`](crate::ApiErrorKind::Deadline).
    ///
    /// # Errors
    /// [`TokenSourceError`] when there is no token. The call fails with
    /// [`Authentication`](crate::ApiErrorKind::Authentication).
    fn token(&self, family: ApiFamily)
    -> BoxFuture<'static, Result<AccessToken, TokenSourceError>>;
}

/// The error of a [`TokenSource`]. It has no details, because those may contain secrets; the source
/// should log its details itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token source failed")]
pub struct TokenSourceError;

/// Where the credential of a request comes from.
#[derive(Clone)]
pub(super) enum CredentialSource {
    /// The same API key or token for every request.
    Fixed(Credential),
    /// Tokens that are requested with client credentials.
    Client { id: String, secret: Secret },
    /// Tokens of a [`TokenSource`].
    Tokens(Arc<dyn TokenSource + 'static>),
}

impl fmt::Debug for CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed(Credential::ApiKey(_)) => "an API key",
            Self::Fixed(Credential::Bearer(_)) => "a token",
            Self::Client { .. } => "client credentials",
            Self::Tokens(_) => "a token source",
        })
    }
}

/// The configured credentials and the tokens that were requested with them.
#[derive(Debug)]
pub(super) struct Auth {
    source: CredentialSource,
    /// The source for the family `platform`, if it differs.
    platform: Option<CredentialSource>,
    /// Sent as the header `organisation-id`; `None` sends no header.
    pub(super) tenant_id: Option<String>,
    /// The configured URLs of token endpoints.
    pub(super) token_urls: BTreeMap<ApiFamily, String>,
    /// The configured scopes.
    pub(super) scopes: BTreeMap<ApiFamily, String>,
    token_caches: BTreeMap<ApiFamily, TokenCache>,
}

impl Auth {
    pub(super) fn new(
        source: CredentialSource,
        platform: Option<CredentialSource>,
        tenant_id: Option<String>,
    ) -> Self {
        let families = ApiFamily::ALL.iter();
        Self {
            source,
            platform,
            tenant_id,
            token_urls: BTreeMap::new(),
            scopes: BTreeMap::new(),
            token_caches: families.map(|family| (*family, TokenCache::default())).collect(),
        }
    }

    /// Returns the source for all families, except `platform` if it has its own.
    pub(super) fn default_source(&self) -> &CredentialSource {
        &self.source
    }

    pub(super) fn source(&self, family: ApiFamily) -> &CredentialSource {
        match &self.platform {
            Some(source) if family == ApiFamily::Platform => source,
            _ => &self.source,
        }
    }

    /// Returns the configured secrets. Tokens that were requested are not among them.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        [Some(&self.source), self.platform.as_ref()].into_iter().flatten().filter_map(|source| {
            match source {
                CredentialSource::Fixed(
                    Credential::ApiKey(secret) | Credential::Bearer(secret),
                )
                | CredentialSource::Client { secret, .. } => Some(secret),
                CredentialSource::Tokens(_) => None,
            }
        })
    }

    pub(super) fn token_cache(&self, family: ApiFamily) -> Option<&TokenCache> {
        self.token_caches.get(&family)
    }

    /// Returns the configured scope of a family, or its default scope; `None` requests no scope.
    pub(super) fn scope(&self, family: ApiFamily) -> Option<&str> {
        self.scopes.get(&family).map(String::as_str).or(family.token().scope)
    }
}
