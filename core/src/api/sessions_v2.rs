//! Sessions, second form: injections that the server merges, under
//! `{base}/api/v2/sessions/{sessionId}`.

use serde_json::{Map, Value};

use super::ids::Ids;
use super::{
    Method, Operation, PreparedRequest, Response, encode_id, failure_of, object_below, object_of,
};
use crate::check::CheckedBody;
use crate::error::{ApiErrorKind, Error};
use crate::report::ValidationError;

/// Injects variables: `PUT /api/v2/sessions/{sessionId}/context`. `written` is the body that an
/// [`InjectionPayload`](crate::InjectionPayload) writes, and `count` how many variables it holds.
///
/// ```
/// use cognigy_context::api::{BaseUrl, sessions_v2};
/// use cognigy_context::{InjectionPayload, InjectionVariable, SystemClock};
///
/// let payload = InjectionPayload::new("s-1", [InjectionVariable::new("tier", "gold")]);
/// let call = sessions_v2::inject("s-1", None, payload.to_json(&SystemClock), 1)?;
/// let base: BaseUrl = "https://api.example".parse()?;
/// assert_eq!(
///     call.request(&base, None).url,
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
    written: Result<CheckedBody, ValidationError>,
    count: u64,
) -> Result<PreparedRequest, ValidationError> {
    let written = Ids::session(session_id, prefix).join(written, |written| written.report)?;
    Ok(PreparedRequest::new(
        Operation::Inject,
        Method::Put,
        format!("{}/context", path(session_id)),
    )
    .for_resource(session_id)
    .variables(count)
    .body(written.body))
}

/// Reads the answer to [`inject`]: `{sessionId, variables, updatedAt}`.
///
/// # Errors
/// [`Error::ApiError`] for a status other than 2xx or a body that is no object.
pub fn read_injected(response: &Response) -> Result<Map<String, Value>, Error> {
    match failure_of(Operation::Inject, response) {
        Some(failure) => Err(failure.into()),
        None => object_of(Operation::Inject, response, "the answer").map(|(object, _)| object),
    }
}

/// The same as the text of the answer, for hosts whose integers have no end: the object holds those
/// beyond 64 bits rounded.
///
/// # Errors
/// As [`read_injected`].
pub fn read_injected_text(response: &Response) -> Result<Vec<u8>, Error> {
    read_injected(response).map(|_| response.body.clone())
}

/// Reads what was injected: `GET` the same path.
///
/// # Errors
/// [`ValidationError`] when the session id can be none.
pub fn get_injected(
    session_id: &str,
    prefix: Option<&str>,
) -> Result<PreparedRequest, ValidationError> {
    Ids::session(session_id, prefix).check()?;
    let path = format!("{}/context", path(session_id));
    Ok(PreparedRequest::new(Operation::GetInjected, Method::Get, path).for_resource(session_id))
}

/// The read that belongs to a call of [`inject`].
pub(crate) fn read_before(inject: &PreparedRequest) -> PreparedRequest {
    let mut call = PreparedRequest::new(Operation::GetInjected, Method::Get, inject.path.clone());
    call.subject.clone_from(&inject.subject);
    call
}

/// Reads the answer to [`get_injected`]: the variables by name, and the tag.
///
/// # Errors
/// [`Error::ApiError`] for a status other than 2xx or a body of another shape.
pub fn read_variables(response: &Response) -> Result<(Map<String, Value>, Option<String>), Error> {
    if let Some(failure) = failure_of(Operation::GetInjected, response) {
        return Err(failure.into());
    }
    let variables = object_below(Operation::GetInjected, response, "variables")?;
    Ok((variables, response.tag()))
}

/// Asks whether there is a session: `GET /api/v2/sessions/{sessionId}`.
///
/// # Errors
/// [`ValidationError`] when the session id can be none.
pub fn session_exists(
    session_id: &str,
    prefix: Option<&str>,
) -> Result<PreparedRequest, ValidationError> {
    Ids::session(session_id, prefix).check()?;
    Ok(PreparedRequest::new(Operation::SessionExists, Method::Get, path(session_id))
        .for_resource(session_id))
}

/// Reads the answer to [`session_exists`]: 2xx is yes, 404 is no.
///
/// # Errors
/// [`Error::ApiError`] for any other status.
pub fn read_existence(response: &Response) -> Result<bool, Error> {
    match failure_of(Operation::SessionExists, response) {
        None => Ok(true),
        Some(failure) if failure.kind == ApiErrorKind::SessionNotFound => Ok(false),
        Some(failure) => Err(failure.into()),
    }
}

fn path(session_id: &str) -> String {
    format!("/api/v2/sessions/{}", encode_id(session_id))
}
