//! Authentication with the API key or an access token, and the permissions of tokens.

mod credentials;
mod permission;

pub(crate) use credentials::{Credentials, read_basic};
pub(crate) use permission::{
    ContextReadWrite, DialogRead, Permission, Platform, RuntimeWrite, SessionWrite,
    SessionsReadWrite, VariableRead,
};

use crate::problem::Problem;
use crate::tenant::SharedTenant;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use std::marker::PhantomData;

const API_KEY_HEADER: &str = "x-api-key";

/// Extracts the proof that a caller has the permission `P`. Without a valid key or token the status
/// is 401, without the permission 403. The API key has all permissions; with a key the token is ignored.
pub(crate) struct Allowed<P>(PhantomData<P>);

impl<P: Permission> FromRequestParts<SharedTenant> for Allowed<P> {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        shared_tenant: &SharedTenant,
    ) -> Result<Self, Problem> {
        if let Some(key) = parts.headers.get(API_KEY_HEADER) {
            return if key.as_bytes() == shared_tenant.config().api_key.as_bytes() {
                Ok(Self(PhantomData))
            } else {
                Err(Problem::unauthorized())
            };
        }
        let token = match authorization(&parts.headers) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token,
            _ => return Err(Problem::unauthorized()),
        };
        match shared_tenant.lock().tokens.grant_of(token) {
            None => Err(Problem::unauthorized()),
            Some(grant) if P::is_granted_by(grant) => Ok(Self(PhantomData)),
            Some(_) => Err(Problem::forbidden(P::denied_detail())),
        }
    }
}

/// Returns the kind of the credential for the log, never the credential itself.
pub(crate) fn credential_kind(headers: &HeaderMap) -> &'static str {
    if headers.contains_key(API_KEY_HEADER) {
        return "api-key";
    }
    match authorization(headers) {
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("bearer") => "bearer",
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("basic") => "basic",
        Some(_) => "other",
        None => "none",
    }
}

/// Returns the scheme and the credential of the `Authorization` header; `None` if it is absent or malformed.
fn authorization(headers: &HeaderMap) -> Option<(&str, &str)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credential) = value.split_once(' ')?;
    Some((scheme, credential.trim()))
}
