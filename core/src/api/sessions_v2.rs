//! The v2 session API: injecting variables, which the server merges, under
//! `{base}/api/v2/sessions/{sessionId}`.
//!
//! The parameter `prefix` is the prefix that session ids must start with, if any.

use serde_json::{Map, Value};

use super::id_validator::IdValidator;
use super::{
    Method, Operation, PreparedRequest, Response, encode_id, error_from_response, parse_object,
    parse_object_at,
};
use crate::check::CheckedBody;
use crate::error::{ApiErrorKind, Error};
use crate::report::ValidationError;

/// Prepares injecting variables: `PUT /api/v2/sessions/{sessionId}/context`.
///
/// `checked_body` is the result of [`InjectionPayload::to_json`](crate::InjectionPayload::to_json), and
/// `count` is the number of variables in it.
///
/// ```
/// use cognigy_context::api::{BaseUrl, sessions_v2};
/// use cognigy_context::{InjectionPayload, InjectionVariable, SystemClock};
///
/// let payload = InjectionPayload::new("s-1", [InjectionVariable::new("tier", "gold")]);
/// let request = sessions_v2::inject("s-1", None, payload.to_json(&SystemClock), 1)?;
/// let base: BaseUrl = "https://api.example".parse()?;
/// assert_eq!(
///     request.request(&base, None).url,
///     "https://api.example/api/v2/sessions/s-1/context",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ValidationError`] with every issue of the id and of the variables.
pub fn inject(
    session_id: &str,
    prefix: Option<&str>,
    checked_body: Result<CheckedBody, ValidationError>,
    count: u64,
) -> Result<PreparedRequest, ValidationError> {
    let checked_body = IdValidator::for_session(session_id, prefix)
        .finish_with(checked_body, |checked_body| checked_body.report)?;
    Ok(PreparedRequest::new(
        Operation::Inject,
        Method::Put,
        format!("{}/context", path(session_id)),
    )
    .for_resource(session_id)
    .variables(count)
    .body(checked_body.body))
}

/// Reads the response to [`inject`]: `{sessionId, variables, updatedAt}`.
///
/// # Errors
/// [`Error::Api`] for a status other than 2xx or a body that is not an object.
pub fn read_injected(response: &Response) -> Result<Map<String, Value>, Error> {
    match error_from_response(Operation::Inject, response) {
        Some(error) => Err(error.into()),
        None => parse_object(Operation::Inject, response, "the response").map(|(object, _)| object),
    }
}

/// Reads the response to [`inject`] as JSON text, for languages with integers of any size. In the
/// object that [`read_injected`] returns, integers beyond 64 bits are rounded.
///
/// # Errors
/// As [`read_injected`].
pub fn read_injected_text(response: &Response) -> Result<Vec<u8>, Error> {
    read_injected(response).map(|_| response.body.clone())
}

/// Prepares reading the injected variables: `GET /api/v2/sessions/{sessionId}/context`.
///
/// # Errors
/// [`ValidationError`] when the session id is invalid.
pub fn get_injected(
    session_id: &str,
    prefix: Option<&str>,
) -> Result<PreparedRequest, ValidationError> {
    IdValidator::for_session(session_id, prefix).finish()?;
    let path = format!("{}/context", path(session_id));
    Ok(PreparedRequest::new(Operation::GetInjected, Method::Get, path).for_resource(session_id))
}

/// Prepares reading the current `ETag` after a conflict of [`inject`].
pub(crate) fn conflict_read(inject: &PreparedRequest) -> PreparedRequest {
    let mut request =
        PreparedRequest::new(Operation::GetInjected, Method::Get, inject.path.clone());
    request.resource.clone_from(&inject.resource);
    request
}

/// Reads the response to [`get_injected`]: the variables by name, and the `ETag`, if the server sends one.
/// Without `variables`, or with `null`, there are no variables.
///
/// # Errors
/// [`Error::Api`] for a status other than 2xx, a body that is not an object, or another value at
/// `variables`.
pub fn read_variables(response: &Response) -> Result<(Map<String, Value>, Option<String>), Error> {
    if let Some(error) = error_from_response(Operation::GetInjected, response) {
        return Err(error.into());
    }
    let variables = parse_object_at(Operation::GetInjected, response, "variables")?;
    Ok((variables, response.tag()))
}

/// Prepares checking whether a session exists: `GET /api/v2/sessions/{sessionId}`.
///
/// # Errors
/// [`ValidationError`] when the session id is invalid.
pub fn session_exists(
    session_id: &str,
    prefix: Option<&str>,
) -> Result<PreparedRequest, ValidationError> {
    IdValidator::for_session(session_id, prefix).finish()?;
    Ok(PreparedRequest::new(Operation::SessionExists, Method::Get, path(session_id))
        .for_resource(session_id))
}

/// Reads the response to [`session_exists`]: `true` for 2xx, `false` for 404.
///
/// # Errors
/// [`Error::Api`] for any other status.
pub fn read_existence(response: &Response) -> Result<bool, Error> {
    match error_from_response(Operation::SessionExists, response) {
        None => Ok(true),
        Some(error) if error.kind == ApiErrorKind::SessionNotFound => Ok(false),
        Some(error) => Err(error.into()),
    }
}

fn path(session_id: &str) -> String {
    format!("/api/v2/sessions/{}", encode_id(session_id))
}
