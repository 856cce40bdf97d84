//! Who may call what: the API key, and access tokens with their scopes.

mod credentials;
mod permission;
mod tokens;

pub(crate) use credentials::{Credentials, basic};
pub(crate) use permission::{
    ContextReadWrite, DialogRead, Permission, Platform, RuntimeWrite, SessionWrite,
    SessionsReadWrite, VariableRead,
};
pub(crate) use tokens::{Grant, Tokens};

use crate::problem::Problem;
use crate::tenant::SharedTenant;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use std::marker::PhantomData;

const API_KEY: &str = "x-api-key";

/// Extracts the proof that a caller has the permission `P`. Without a key or token that is known
/// the answer is 401, with a token that lacks the permission 403. The API key has them all.
pub(crate) struct Allowed<P>(PhantomData<P>);

impl<P: Permission> FromRequestParts<SharedTenant> for Allowed<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &SharedTenant) -> Result<Self, Problem> {
        if let Some(key) = parts.headers.get(API_KEY) {
            return if key.as_bytes() == shared.config().api_key.as_bytes() {
                Ok(Self(PhantomData))
            } else {
                Err(Problem::unauthorized())
            };
        }
        let token = match authorization(&parts.headers) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token,
            _ => return Err(Problem::unauthorized()),
        };
        match shared.tenant().tokens.grant(token) {
            None => Err(Problem::unauthorized()),
            Some(grant) if P::is_in(grant) => Ok(Self(PhantomData)),
            Some(_) => Err(Problem::forbidden(P::lacking())),
        }
    }
}

/// Returns the kind of the credential for the log, never the credential itself.
pub(crate) fn kind(headers: &HeaderMap) -> &'static str {
    if headers.contains_key(API_KEY) {
        return "api-key";
    }
    match authorization(headers) {
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("bearer") => "bearer",
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("basic") => "basic",
        Some(_) => "other",
        None => "none",
    }
}

/// The scheme and the credential of the `Authorization` header.
fn authorization(headers: &HeaderMap) -> Option<(&str, &str)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credential) = value.split_once(' ')?;
    Some((scheme, credential.trim()))
}
