//! Builds the request for an access token with client credentials (RFC 6749, section 4.4), and reads its
//! response.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::{Method, Operation, Request, Response, Secret, error_from_response};
use crate::error::{ApiError, ApiErrorKind, Error};
use crate::path_encoding::percent_encode;

/// A request for an access token.
#[derive(Clone, Debug)]
pub struct TokenRequest<'a> {
    /// The URL of the token endpoint.
    pub url: &'a str,
    /// The client id.
    pub client_id: &'a str,
    /// The client secret.
    pub client_secret: &'a Secret,
    /// The requested scopes, separated by spaces; `None` requests the endpoint's default.
    pub scope: Option<&'a str>,
    /// Whether the credentials are sent in the `Authorization` header (HTTP Basic) instead of the body.
    pub basic: bool,
    /// The tenant's id, sent as the header `organisation-id`; `None` sends no header.
    pub organisation: Option<&'a str>,
}

/// An access token and its lifetime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// The token.
    pub secret: Secret,
    /// The lifetime, from the time of the request. `None` when the endpoint returned none, or a value
    /// that is not a number of seconds.
    pub expires_in: Option<Duration>,
}

impl AccessToken {
    /// Creates a token without a known lifetime.
    ///
    /// # Errors
    /// [`ConfigurationError`](crate::ConfigurationError) when the token is empty, or contains characters
    /// other than printable ASCII without spaces.
    pub fn new(token: impl Into<String>) -> Result<Self, crate::ConfigurationError> {
        Ok(Self { secret: Secret::named("the token", token)?, expires_in: None })
    }

    /// Sets the field [`expires_in`](Self::expires_in): the lifetime, from the time of the request.
    #[must_use]
    pub fn expires_in(mut self, lifetime: Duration) -> Self {
        self.expires_in = Some(lifetime);
        self
    }
}

#[derive(Deserialize)]
struct TokenResponse {
    access_token: String,
    #[serde(default)]
    expires_in: Value,
}

impl TokenRequest<'_> {
    /// Builds the HTTP request.
    #[must_use]
    pub fn request(&self) -> Request {
        let mut headers = vec![
            ("accept", "application/json".to_owned()),
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ];
        let mut form = "grant_type=client_credentials".to_owned();
        let mut field = |name: &str, value: &str| {
            form.push_str(&format!("&{name}={}", form_encode(value)));
        };
        if self.basic {
            let pair = format!(
                "{}:{}",
                form_encode(self.client_id),
                form_encode(self.client_secret.expose())
            );
            headers.push(("authorization", format!("Basic {}", STANDARD.encode(pair))));
        } else {
            field("client_id", self.client_id);
            field("client_secret", self.client_secret.expose());
        }
        if let Some(scope) = self.scope {
            field("scope", scope);
        }
        if let Some(organisation) = self.organisation {
            headers.push(("organisation-id", organisation.to_owned()));
        }
        let body = Some(form.into_bytes());
        Request { method: Method::Post, url: self.url.to_owned(), headers, body }
    }

    /// Reads the response of the token endpoint.
    ///
    /// # Errors
    /// [`Error::Api`] for a status other than 2xx, for a body without a token, and for a token that is
    /// empty or cannot be sent in an HTTP header.
    pub fn read(response: &Response) -> Result<AccessToken, Error> {
        if let Some(mut error) = error_from_response(Operation::GetToken, response) {
            // Endpoints reject credentials or scopes with 400 (RFC 6749) or 401. Any other 4xx, except 429
            // (rate limit), also means that no token is issued. A 404 does not mean a missing session here.
            if matches!(response.status, 400..500) && response.status != 429 {
                error.kind = ApiErrorKind::Authentication;
            }
            return Err(error.into());
        }
        let invalid_response = |detail: &'static str| {
            let mut error = ApiError::new(ApiErrorKind::Protocol, Operation::GetToken.as_str())
                .with_detail(detail);
            error.status = Some(response.status);
            Error::from(error)
        };
        let body: TokenResponse = serde_json::from_slice(&response.body)
            .map_err(|_| invalid_response("expected an object with `access_token`"))?;
        let secret = Secret::named("the token", body.access_token).map_err(|_| {
            invalid_response(
                "`access_token` is empty, longer than 16,384 bytes, or contains characters that are not allowed in an \
                 HTTP header",
            )
        })?;
        let seconds = match &body.expires_in {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_f64(),
        };
        // A negative lifetime means that the token has already expired.
        let expires_in =
            seconds.and_then(|seconds: f64| Duration::try_from_secs_f64(seconds.max(0.0)).ok());
        Ok(AccessToken { secret, expires_in })
    }
}

/// Encodes text for `application/x-www-form-urlencoded`, where a space becomes `+`.
fn form_encode(text: &str) -> String {
    percent_encode(text).replace("%20", "+")
}
