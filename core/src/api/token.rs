//! Tokens by client credentials (RFC 6749, section 4.4).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::{Method, Operation, Request, Response, Secret, failure_of};
use crate::error::{ApiError, ApiErrorKind, Error};

/// A request for a token.
#[derive(Clone, Debug)]
pub struct TokenRequest<'a> {
    /// The address of the endpoint.
    pub url: &'a str,
    /// The client's id.
    pub client_id: &'a str,
    /// The client's secret.
    pub client_secret: &'a Secret,
    /// The scope that is asked for, scopes parted by a space.
    pub scope: Option<&'a str>,
    /// Whether the credentials go into the header (HTTP Basic) and not into the form.
    pub basic: bool,
    /// The tenant, where one is configured.
    pub organisation: Option<&'a str>,
}

/// A token, and how long it is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// The token.
    pub secret: Secret,
    /// For how long, where that was said.
    pub expires_in: Option<Duration>,
}

impl AccessToken {
    /// A token of which nothing else is known.
    ///
    /// # Errors
    /// [`ConfigurationError`](crate::ConfigurationError) when it is empty or cannot stand in a
    /// header.
    pub fn new(token: impl Into<String>) -> Result<Self, crate::ConfigurationError> {
        Ok(Self { secret: Secret::named("the token", token)?, expires_in: None })
    }

    /// Good for so long.
    #[must_use]
    pub fn expires_in(mut self, time: Duration) -> Self {
        self.expires_in = Some(time);
        self
    }
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default)]
    expires_in: Value,
}

impl TokenRequest<'_> {
    /// The request.
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

    /// Reads the answer.
    ///
    /// # Errors
    /// [`Error::ApiError`] for a status other than 2xx or a body without a token.
    pub fn read(response: &Response) -> Result<AccessToken, Error> {
        if let Some(mut failure) = failure_of(Operation::GetToken, response) {
            // An endpoint says 400 (RFC 6749) or 401 for credentials or a scope that it refuses; what
            // else it refuses gave no token either, and says nothing of a session.
            if matches!(response.status, 400..500) && response.status != 429 {
                failure.kind = ApiErrorKind::Authentication;
            }
            return Err(failure.into());
        }
        let protocol = |detail: &'static str| {
            let mut failure =
                ApiError::new(ApiErrorKind::Protocol, Operation::GetToken.as_str()).detail(detail);
            failure.status = Some(response.status);
            Error::from(failure)
        };
        let answer: Answer = serde_json::from_slice(&response.body)
            .map_err(|_| protocol("expected an object with access_token"))?;
        let secret = Secret::named("the token", answer.access_token)
            .map_err(|_| protocol("access_token cannot stand in a header"))?;
        let seconds = match &answer.expires_in {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_f64(),
        };
        // Below zero is over already.
        let expires_in =
            seconds.and_then(|seconds: f64| Duration::try_from_secs_f64(seconds.max(0.0)).ok());
        Ok(AccessToken { secret, expires_in })
    }
}

/// As HTML forms are encoded.
fn form_encode(text: &str) -> String {
    super::encode_id(text).replace("%20", "+")
}
