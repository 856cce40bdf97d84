//! The response of a token route.

use crate::routes::json_response;
use crate::tenant::Tenant;
use crate::tokens::Grant;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// An error response: the error code of RFC 6749 and its description.
pub(super) struct TokenError(pub(super) &'static str, pub(super) &'static str);

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let Self(error, description) = self;
        let status = match error {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        };
        json_response(status, &json!({"error": error, "error_description": description}))
    }
}

/// Issues an access token and returns the response object. The caller adds a refresh token.
pub(super) fn issue(tenant: &mut Tenant, grant: Grant, scope: &str) -> Value {
    let lifetime = tenant.token_lifetime;
    let mut response = json!({
        "access_token": tenant.tokens.issue(lifetime, grant),
        "token_type": "bearer",
        "expires_in": lifetime.as_secs(),
        "scope": scope,
    });
    if let (false, Some(response)) =
        (tenant.options.token_response_has_expires_in, response.as_object_mut())
    {
        response.shift_remove("expires_in");
    }
    response
}
