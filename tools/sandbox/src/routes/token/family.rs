//! The token routes of the other families: client credentials only, and each its own scopes.

use super::form::Form;
use super::response::{TokenError, issue};
use crate::auth::{Credentials, Grant, basic};
use crate::routes::json_response;
use crate::tenant::SharedTenant;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

/// One token route.
pub(super) struct Endpoint {
    pub(super) path: &'static str,
    /// The scopes that it can grant.
    grantable: &'static [&'static str],
    /// The default scope.
    unasked: &'static [&'static str],
    /// Whether it takes the credentials of HTTP Basic, besides those in the form.
    basic: bool,
}

pub(super) static ENDPOINTS: [Endpoint; 4] = [
    Endpoint {
        path: "/api/v1/auth/token",
        grantable: &["session:write", "session:read"],
        unasked: &[],
        basic: false,
    },
    Endpoint {
        path: "/api/v2/oauth/token",
        grantable: &["sessions:read_write"],
        unasked: &["sessions:read_write"],
        basic: false,
    },
    Endpoint {
        path: "/api/v2/auth/token",
        grantable: &["bot:read", "session:read", "variable:read"],
        unasked: &[],
        basic: false,
    },
    Endpoint {
        path: "/oauth/token",
        grantable: &["cognigy:context:readwrite", "runtime:write", "session:manage", "dialog:read"],
        unasked: &[],
        basic: true,
    },
];

pub(super) fn grant(
    endpoint: &Endpoint,
    shared: &SharedTenant,
    headers: &HeaderMap,
    form: &Form,
) -> Result<Response, TokenError> {
    let grant_type = form.grant_type()?;
    let said = credentials(endpoint, headers, form)?;
    if !said.iter().any(|credentials| credentials.match_config(shared.config())) {
        return Err(TokenError("invalid_client", "client_id or client_secret is invalid."));
    }
    if grant_type != "client_credentials" {
        return Err(TokenError("unsupported_grant_type", "Use client_credentials."));
    }
    let scopes = scopes(endpoint, form.field("scope").unwrap_or_default())?;
    let scope = scopes.join(" ");
    let answer = issue(&mut shared.tenant(), Grant::Scopes(scopes), &scope);
    Ok(json_response(StatusCode::OK, &answer))
}

/// The credentials of the request, which may say them in one way only.
fn credentials(
    endpoint: &Endpoint,
    headers: &HeaderMap,
    form: &Form,
) -> Result<Vec<Credentials>, TokenError> {
    let in_form = form
        .field("client_secret")
        .map(|secret| Credentials::new(form.field("client_id").unwrap_or_default(), secret));
    match (basic(headers).filter(|_| endpoint.basic), in_form) {
        (Some(_), Some(_)) => Err(TokenError(
            "invalid_request",
            "Send the credentials as Basic or in the form, not both.",
        )),
        (Some(basic), None) => Ok(basic),
        (None, in_form) => Ok(in_form.into_iter().collect()),
    }
}

/// Returns the granted part of the requested scope.
fn scopes(endpoint: &Endpoint, asked: &str) -> Result<Vec<&'static str>, TokenError> {
    let mut granted = Vec::new();
    for name in asked.split(' ').filter(|name| !name.is_empty()) {
        let scope = endpoint.grantable.iter().find(|scope| **scope == name).ok_or(TokenError(
            "invalid_scope",
            "This token endpoint does not grant a requested scope.",
        ))?;
        if !granted.contains(scope) {
            granted.push(*scope);
        }
    }
    if granted.is_empty() {
        granted.extend(endpoint.unasked);
    }
    Ok(granted)
}
