//! API keys, tokens and other secrets, and the headers that contain them.

use std::fmt;

use crate::display_text::grouped;
use crate::error::ConfigurationError;

/// The maximum length of a credential in bytes. Servers limit all headers of a request together to 16 KiB (Node) or
/// less for each header (8 KiB in nginx and Apache); usual access tokens have 1 to 4 KiB.
pub(crate) const MAX_HEADER_VALUE_BYTES: usize = 16_384;

/// The credentials of a request and the id of its tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The API key or the access token.
    pub credential: Credential,
    /// The tenant's id, sent as the header `organisation-id`; `None` sends no header.
    pub organisation: Option<String>,
}

/// An API key or an access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// An API key, sent as `X-API-Key`.
    ApiKey(Secret),
    /// An access token, sent as `Authorization: Bearer`.
    Bearer(Secret),
}

impl Authorization {
    /// Creates credentials from an API key, without a tenant id.
    #[must_use]
    pub const fn api_key(key: Secret) -> Self {
        Self { credential: Credential::ApiKey(key), organisation: None }
    }

    /// Returns the headers with the credentials and the id of the tenant.
    pub(super) fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        let credential = match &self.credential {
            Credential::ApiKey(key) => ("x-api-key", key.expose().to_owned()),
            Credential::Bearer(token) => ("authorization", format!("Bearer {}", token.expose())),
        };
        let organisation = self.organisation.clone().map(|id| ("organisation-id", id));
        std::iter::once(credential).chain(organisation)
    }
}

/// A secret: an API key, a token or a client secret. [`Debug`] does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Creates an API key, which is sent as a header.
    ///
    /// # Errors
    /// [`ConfigurationError`] when the secret is empty, is longer than 16,384 bytes, or contains characters other
    /// than printable ASCII without spaces.
    pub fn new(secret: impl Into<String>) -> Result<Self, ConfigurationError> {
        Self::named("the API key", secret)
    }

    /// Creates a secret that is sent as a header. `name` is the secret's name in errors, for example
    /// `the token`.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn named(
        name: &'static str,
        secret: impl Into<String>,
    ) -> Result<Self, ConfigurationError> {
        let secret = Self::opaque(name, secret)?;
        if !secret.0.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ConfigurationError::new(format!(
                "{name} contains characters that are not allowed in an HTTP header"
            )));
        }
        Ok(secret)
    }

    /// Creates a secret that may be any text, because it is encoded before it is sent. `name` is the
    /// secret's name in errors, for example `the client secret`.
    ///
    /// # Errors
    /// [`ConfigurationError`] when the secret is empty or longer than 16,384 bytes.
    pub fn opaque(
        name: &'static str,
        secret: impl Into<String>,
    ) -> Result<Self, ConfigurationError> {
        let secret = secret.into();
        if secret.is_empty() {
            return Err(ConfigurationError::new(format!("{name} is empty")));
        }
        if secret.len() > MAX_HEADER_VALUE_BYTES {
            let (actual, limit) = (secret.len() as u64, MAX_HEADER_VALUE_BYTES as u64);
            let message =
                format!("{name} is {} bytes, the limit is {}", grouped(actual), grouped(limit));
            return Err(ConfigurationError::new(message));
        }
        Ok(Self(secret))
    }

    /// Returns the secret in clear text, for a request.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
