//! The real platform's profiles: `/new/v2.0/profiles`.

use serde_json::{Map, Value};

use super::ids::Ids;
use super::{Method, Operation, PreparedRequest, Response, encode_id, failure_of, object_of};
use crate::check::{CheckOptions, CheckedBody};
use crate::error::{ApiError, ApiErrorKind, Error};
use crate::policy::Policy;
use crate::report::ValidationError;

/// What the fields of a profile are held against: the body's limit of the policy `platform`. Its
/// limit of the context is not a profile's.
#[must_use]
pub fn profile_policy() -> Policy {
    Policy { max_context_bytes: None, ..Policy::platform().clone() }
}

const PATH: &str = "/new/v2.0/profiles";

fn path(profile_id: &str) -> String {
    format!("{PATH}/{}", encode_id(profile_id))
}

/// Lists profiles: `GET /new/v2.0/profiles`. `query` is names and values, put into the address as
/// they come (`limit`, `skip`, `filter` and others that the platform takes).
#[must_use]
pub fn list_profiles(query: &[(&str, &str)]) -> PreparedRequest {
    let mut path = PATH.to_owned();
    for (place, (name, value)) in query.iter().enumerate() {
        path.push(if place == 0 { '?' } else { '&' });
        path.push_str(&format!("{}={}", encode_id(name), encode_id(value)));
    }
    PreparedRequest::new(Operation::ListProfiles, Method::Get, path)
}

/// Reads a profile: `GET /new/v2.0/profiles/{profileId}`.
///
/// # Errors
/// [`ValidationError`] when the id can be none.
pub fn get_profile(profile_id: &str) -> Result<PreparedRequest, ValidationError> {
    Ids::of("profileId", profile_id).check()?;
    Ok(PreparedRequest::new(Operation::GetProfile, Method::Get, path(profile_id)))
}

/// Makes a profile: `POST /new/v2.0/profiles`. It is never repeated when it may have taken effect.
/// `write` is given the check, and says what the fields are.
///
/// # Errors
/// [`ValidationError`] with every issue of the fields.
pub fn create_profile(
    write: impl FnOnce(CheckOptions<'_>) -> Result<CheckedBody, ValidationError>,
) -> Result<PreparedRequest, ValidationError> {
    let written = write(CheckOptions::new(&profile_policy()))?;
    Ok(PreparedRequest::new(Operation::CreateProfile, Method::Post, PATH.to_owned())
        .variables(written.report.sizes.variables)
        .body(written.body))
}

/// Changes a profile: `PATCH /new/v2.0/profiles/{profileId}` with `{profile?, active?,
/// contactIds?}`.
///
/// # Errors
/// [`ValidationError`] with every issue of the id and of the fields.
pub fn update_profile(
    profile_id: &str,
    write: impl FnOnce(CheckOptions<'_>) -> Result<CheckedBody, ValidationError>,
) -> Result<PreparedRequest, ValidationError> {
    let written = Ids::of("profileId", profile_id)
        .join(write(CheckOptions::new(&profile_policy())), |written| written.report)?;
    Ok(PreparedRequest::new(Operation::UpdateProfile, Method::Patch, path(profile_id))
        .variables(written.report.sizes.variables)
        // Setting the same fields twice is as good as once.
        .repeatable()
        .body(written.body))
}

/// Deletes a profile: `DELETE /new/v2.0/profiles/{profileId}`.
///
/// # Errors
/// [`ValidationError`] when the id can be none.
pub fn delete_profile(profile_id: &str) -> Result<PreparedRequest, ValidationError> {
    Ids::of("profileId", profile_id).check()?;
    Ok(PreparedRequest::new(Operation::DeleteProfile, Method::Delete, path(profile_id)))
}

/// Reads the answer to one of these: its object, empty where nothing is answered.
///
/// # Errors
/// [`Error::ApiError`] for a status other than 2xx or a body that is neither.
pub fn read_profile(
    operation: Operation,
    response: &Response,
) -> Result<Map<String, Value>, Error> {
    if let Some(failure) = profile_failure(operation, response) {
        return Err(failure.into());
    }
    if response.body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    object_of(operation, response, "the answer").map(|(object, _)| object)
}

/// A failure, in the words of profiles: 404 is no session that is missing.
pub(crate) fn profile_failure(operation: Operation, response: &Response) -> Option<ApiError> {
    let mut failure = failure_of(operation, response)?;
    if response.status == 404 {
        failure.kind = ApiErrorKind::BadRequest;
        failure.detail = Some("there is no such profile".into());
    }
    Some(failure)
}
