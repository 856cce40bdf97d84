//! The Cognigy.AI platform API: profiles under `/new/v2.0/profiles`.

use serde_json::{Map, Value};

use super::id_validator::IdValidator;
use super::{
    Method, Operation, PreparedRequest, Response, encode_id, error_from_response, parse_object,
};
use crate::check::{CheckOptions, CheckedBody};
use crate::error::{ApiError, ApiErrorKind, Error};
use crate::path_encoding::percent_encode;
use crate::policy::Policy;
use crate::report::ValidationError;

/// Returns the policy that checks the fields of a profile: `platform` without the context limit,
/// which does not apply to profiles.
#[must_use]
pub fn profile_policy() -> Policy {
    Policy { max_context_bytes: None, ..Policy::platform().clone() }
}

const PATH: &str = "/new/v2.0/profiles";

fn path(profile_id: &str) -> String {
    format!("{PATH}/{}", encode_id(profile_id))
}

/// Prepares listing profiles: `GET /new/v2.0/profiles`.
///
/// `query` contains the names and values of the query (`limit`, `skip`, `filter` and others that the
/// platform accepts). They are percent-encoded and sent in this order.
///
/// # Errors
/// [`ValidationError`] when the query is too long for a URL.
pub fn list_profiles(query: &[(&str, &str)]) -> Result<PreparedRequest, ValidationError> {
    let mut path = PATH.to_owned();
    for (index, (name, value)) in query.iter().enumerate() {
        path.push(if index == 0 { '?' } else { '&' });
        path.push_str(&format!("{}={}", percent_encode(name), percent_encode(value)));
    }
    IdValidator::default().and_encoded_query("query", path.len() - PATH.len()).finish()?;
    Ok(PreparedRequest::new(Operation::ListProfiles, Method::Get, path))
}

/// Prepares reading a profile: `GET /new/v2.0/profiles/{profileId}`.
///
/// # Errors
/// [`ValidationError`] when the id is invalid.
pub fn get_profile(profile_id: &str) -> Result<PreparedRequest, ValidationError> {
    IdValidator::for_field("profileId", profile_id).finish()?;
    Ok(PreparedRequest::new(Operation::GetProfile, Method::Get, path(profile_id)))
}

/// Prepares creating a profile: `POST /new/v2.0/profiles`. `write` checks and writes the fields with
/// the options that it receives.
///
/// The request is not retried after an ambiguous failure, because a retry could create two profiles.
///
/// # Errors
/// [`ValidationError`] with every issue of the fields.
pub fn create_profile(
    write: impl FnOnce(CheckOptions<'_>) -> Result<CheckedBody, ValidationError>,
) -> Result<PreparedRequest, ValidationError> {
    let checked_body = write(CheckOptions::new(&profile_policy()))?;
    Ok(PreparedRequest::new(Operation::CreateProfile, Method::Post, PATH.to_owned())
        .variables(checked_body.report.sizes.variables)
        .body(checked_body.body))
}

/// Prepares updating a profile: `PATCH /new/v2.0/profiles/{profileId}` with `{profile?, active?,
/// contactIds?}`. `write` checks and writes the fields with the options that it receives.
///
/// # Errors
/// [`ValidationError`] with every issue of the id and of the fields.
pub fn update_profile(
    profile_id: &str,
    write: impl FnOnce(CheckOptions<'_>) -> Result<CheckedBody, ValidationError>,
) -> Result<PreparedRequest, ValidationError> {
    let checked_body = IdValidator::for_field("profileId", profile_id)
        .finish_with(write(CheckOptions::new(&profile_policy())), |checked_body| {
            checked_body.report
        })?;
    Ok(PreparedRequest::new(Operation::UpdateProfile, Method::Patch, path(profile_id))
        .variables(checked_body.report.sizes.variables)
        // Setting the same fields twice has the same effect as setting them once.
        .idempotent()
        .body(checked_body.body))
}

/// Prepares deleting a profile: `DELETE /new/v2.0/profiles/{profileId}`.
///
/// # Errors
/// [`ValidationError`] when the id is invalid.
pub fn delete_profile(profile_id: &str) -> Result<PreparedRequest, ValidationError> {
    IdValidator::for_field("profileId", profile_id).finish()?;
    Ok(PreparedRequest::new(Operation::DeleteProfile, Method::Delete, path(profile_id)))
}

/// Reads the response to `operation`, one of the operations on profiles: its object, or an empty one for
/// an empty body.
///
/// # Errors
/// [`Error::Api`] for a status other than 2xx or a body that is neither empty nor an object.
pub fn read_profile(
    operation: Operation,
    response: &Response,
) -> Result<Map<String, Value>, Error> {
    if let Some(error) = profile_error(operation, response) {
        return Err(error.into());
    }
    if response.body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    parse_object(operation, response, "the response").map(|(object, _)| object)
}

/// Returns the error for the status of a response; `None` for a 2xx status. A 404 is a bad request here,
/// because the missing resource is not a session.
pub(crate) fn profile_error(operation: Operation, response: &Response) -> Option<ApiError> {
    let mut error = error_from_response(operation, response)?;
    if response.status == 404 {
        error.kind = ApiErrorKind::BadRequest;
        error.detail = Some("profile not found".into());
    }
    Some(error)
}
