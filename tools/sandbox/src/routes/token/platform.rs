//! The platform's own token route: three grants, and any scope.

use super::form::Form;
use super::response::{TokenError, issue};
use crate::auth::Credentials;
use crate::routes::json_response;
use crate::tenant::SharedTenant;
use crate::tokens::Grant;
use axum::http::StatusCode;
use axum::response::Response;

/// Checks the credentials and the grant, and returns a response with a new access token. The grants
/// `password` and `refresh_token` also return a new refresh token.
pub(super) fn grant(shared_tenant: &SharedTenant, form: &Form) -> Result<Response, TokenError> {
    let config = shared_tenant.config();
    let grant_type = form.grant_type()?;
    let client = (form.field("client_id"), form.field("client_secret"));
    let is_authenticated = matches!(client, (Some(id), Some(secret))
        if Credentials::new(id, secret).match_config(config));
    if !is_authenticated {
        return Err(TokenError("invalid_client", "client_id or client_secret is invalid."));
    }

    let scope = form.field("scope").unwrap_or_default().to_owned();
    let (scope, has_refresh_token) = match grant_type {
        "client_credentials" => (scope, false),
        "password" => {
            let (Some(username), Some(password)) = (form.field("username"), form.field("password"))
            else {
                return Err(TokenError("invalid_request", "username and password are required."));
            };
            if !Credentials::new(username, password).match_config(config) {
                return Err(TokenError("invalid_grant", "username or password is invalid."));
            }
            (scope, true)
        }
        "refresh_token" => {
            let token = form
                .field("refresh_token")
                .ok_or(TokenError("invalid_request", "refresh_token is required."))?;
            let granted = shared_tenant.lock().tokens.redeem(token).ok_or(TokenError(
                "invalid_grant",
                "The refresh token is unknown or already used.",
            ))?;
            (granted, true)
        }
        _ => {
            return Err(TokenError(
                "unsupported_grant_type",
                "The grant type must be client_credentials, password or refresh_token.",
            ));
        }
    };

    let mut tenant = shared_tenant.lock();
    let mut response = issue(&mut tenant, Grant::Platform, &scope);
    if let (true, Some(response)) = (has_refresh_token, response.as_object_mut()) {
        response.insert("refresh_token".to_owned(), tenant.tokens.issue_refresh(&scope).into());
    }
    Ok(json_response(StatusCode::OK, &response))
}
