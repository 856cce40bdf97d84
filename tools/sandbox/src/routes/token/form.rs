//! The form of a token request.

use super::TokenError;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use std::collections::HashMap;

/// The fields of the form. An empty field counts as missing. A second non-empty field of one name is
/// rejected.
pub(super) struct Form(HashMap<String, String>);

impl Form {
    /// Parses the form of a request.
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, TokenError> {
        let media_type = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .unwrap_or_default();
        if !media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(TokenError(
                "invalid_request",
                "The body must be application/x-www-form-urlencoded.",
            ));
        }
        let mut form = HashMap::new();
        for (name, value) in form_urlencoded::parse(body).filter(|(_, value)| !value.is_empty()) {
            if form.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(TokenError("invalid_request", "A form field occurs more than once."));
            }
        }
        Ok(Self(form))
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns the required field `grant_type`.
    pub(super) fn grant_type(&self) -> Result<&str, TokenError> {
        self.field("grant_type").ok_or(TokenError("invalid_request", "grant_type is required."))
    }
}
