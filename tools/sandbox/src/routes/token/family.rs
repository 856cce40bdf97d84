//! The token routes of the integration APIs. They accept only the grant `client_credentials`.

use super::form::Form;
use super::response::{TokenError, issue};
use crate::auth::{Credentials, read_basic};
use crate::routes::json_response;
use crate::tenant::SharedTenant;
use crate::tokens::Grant;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

/// A token route of the integration APIs.
pub(super) struct Endpoint {
    pub(super) path: &'static str,
    /// The scopes that the route can grant.
    grantable: &'static [&'static str],
    /// The scopes that the route grants if the request names no scope.
    default_scopes: &'static [&'static str],
    /// Whether the route also accepts HTTP Basic.
    accepts_basic: bool,
}

pub(super) static ENDPOINTS: [Endpoint; 4] = [
    Endpoint {
        path: "/api/v1/auth/token",
        grantable: &["session:write", "session:read"],
        default_scopes: &[],
        accepts_basic: false,
    },
    Endpoint {
        path: "/api/v2/oauth/token",
        grantable: &["sessions:read_write"],
        default_scopes: &["sessions:read_write"],
        accepts_basic: false,
    },
    Endpoint {
        path: "/api/v2/auth/token",
        grantable: &["bot:read", "session:read", "variable:read"],
        default_scopes: &[],
        accepts_basic: false,
    },
    Endpoint {
        path: "/oauth/token",
        grantable: &["cognigy:context:readwrite", "runtime:write", "session:manage", "dialog:read"],
        default_scopes: &[],
        accepts_basic: true,
    },
];

/// Checks the credentials and the grant type, and returns a response with a new access token.
pub(super) fn grant(
    endpoint: &Endpoint,
    shared_tenant: &SharedTenant,
    headers: &HeaderMap,
    form: &Form,
) -> Result<Response, TokenError> {
    let grant_type = form.grant_type()?;
    let candidates = read_credentials(endpoint, headers, form)?;
    if !candidates.iter().any(|credentials| credentials.match_config(shared_tenant.config())) {
        return Err(TokenError("invalid_client", "client_id or client_secret is invalid."));
    }
    if grant_type != "client_credentials" {
        return Err(TokenError(
            "unsupported_grant_type",
            "The grant type must be client_credentials.",
        ));
    }
    let scopes = granted_scopes(endpoint, form.field("scope").unwrap_or_default())?;
    let scope = scopes.join(" ");
    let response = issue(&mut shared_tenant.lock(), Grant::Scopes(scopes), &scope);
    Ok(json_response(StatusCode::OK, &response))
}

/// Returns the possible readings of the request's credentials; an empty list without credentials. Rejects
/// credentials in both the header and the form.
fn read_credentials(
    endpoint: &Endpoint,
    headers: &HeaderMap,
    form: &Form,
) -> Result<Vec<Credentials>, TokenError> {
    let in_form = form
        .field("client_secret")
        .map(|secret| Credentials::new(form.field("client_id").unwrap_or_default(), secret));
    match (read_basic(headers).filter(|_| endpoint.accepts_basic), in_form) {
        (Some(_), Some(_)) => Err(TokenError(
            "invalid_request",
            "Send the credentials as Basic or in the form, not both.",
        )),
        (Some(basic), None) => Ok(basic),
        (None, in_form) => Ok(in_form.into_iter().collect()),
    }
}

/// Returns the requested scopes, or the default scopes. Rejects scopes that the route does not grant.
fn granted_scopes(endpoint: &Endpoint, requested: &str) -> Result<Vec<&'static str>, TokenError> {
    let mut granted = Vec::new();
    for name in requested.split(' ').filter(|name| !name.is_empty()) {
        let scope = endpoint.grantable.iter().find(|scope| **scope == name).ok_or(TokenError(
            "invalid_scope",
            "This token endpoint does not grant a requested scope.",
        ))?;
        if !granted.contains(scope) {
            granted.push(*scope);
        }
    }
    if granted.is_empty() {
        granted.extend(endpoint.default_scopes);
    }
    Ok(granted)
}
