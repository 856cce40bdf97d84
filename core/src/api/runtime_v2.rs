//! Reads and updates the state of dialogs: `{base}/runtime/v2/dialogs/{dialogId}/state`.

use serde_json::{Map, Value};

use super::id_validator::IdValidator;
use super::{
    Method, Operation, PreparedRequest, Response, encode_id, error_from_response, invalid_response,
    parse_object,
};
use crate::check::CheckedBody;
use crate::error::{ApiErrorKind, Error};
use crate::report::ValidationError;

fn path(dialog_id: &str) -> String {
    format!("/runtime/v2/dialogs/{}/state", encode_id(dialog_id))
}

/// Prepares updating the state of a dialog: `PATCH /runtime/v2/dialogs/{dialogId}/state`.
///
/// `checked_body` is the result of [`StateUpdate::to_json`](crate::StateUpdate::to_json), `count` is the
/// number of variables in it, and `has_transition` says whether it moves the dialog to another step. With
/// `if_match` the server applies the update only while the state has this `ETag`.
///
/// An update with a transition and without `if_match` is not retried after an ambiguous failure.
///
/// ```
/// use cognigy_context::api::{BaseUrl, Idempotency, runtime_v2};
/// use cognigy_context::StateUpdate;
///
/// let update = StateUpdate::default().next_step("confirm");
/// let request = runtime_v2::update_state("d/1", update.to_json(), 0, true, None)?;
/// let base: BaseUrl = "https://api.example".parse()?;
/// assert_eq!(
///     request.request(&base, None).url,
///     "https://api.example/runtime/v2/dialogs/d%2F1/state",
/// );
/// // A transition that may have happened must not happen twice.
/// assert_eq!(request.idempotency(), Idempotency::NonIdempotent);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ValidationError`] with every issue of the id, of `if_match` (only a strong entity tag is accepted) and of the
/// update.
pub fn update_state(
    dialog_id: &str,
    checked_body: Result<CheckedBody, ValidationError>,
    count: u64,
    has_transition: bool,
    if_match: Option<String>,
) -> Result<PreparedRequest, ValidationError> {
    let checked_body = IdValidator::for_field("dialogId", dialog_id)
        .and_if_match(if_match.as_deref())
        .finish_with(checked_body, |checked_body| checked_body.report)?;
    let request = PreparedRequest::new(Operation::UpdateState, Method::Patch, path(dialog_id))
        .for_resource(dialog_id)
        .variables(count)
        .body(checked_body.body);
    let request = if has_transition { request } else { request.idempotent() };
    Ok(request.with_condition(if_match))
}

/// Reads the response to [`update_state`]: its object, or an empty one for an empty body, and the
/// new `ETag` of the state, if the server sends one.
///
/// # Errors
/// [`Error::Api`] for a status other than 2xx or a body that is neither empty nor an object. Its kind
/// is `state_conflict` for 409 and 412.
pub fn read_updated(response: &Response) -> Result<(Map<String, Value>, Option<String>), Error> {
    if let Some(error) = state_error(Operation::UpdateState, response) {
        return Err(error.into());
    }
    let object = if response.body.trim_ascii().is_empty() {
        Map::new()
    } else {
        parse_object(Operation::UpdateState, response, "the response")?.0
    };
    Ok((object, response.tag()))
}

/// Prepares reading the state of a dialog: `GET /runtime/v2/dialogs/{dialogId}/state`.
///
/// # Errors
/// [`ValidationError`] when the dialog id is invalid.
pub fn get_state(dialog_id: &str) -> Result<PreparedRequest, ValidationError> {
    IdValidator::for_field("dialogId", dialog_id).finish()?;
    Ok(PreparedRequest::new(Operation::GetState, Method::Get, path(dialog_id))
        .for_resource(dialog_id))
}

/// Prepares reading the current `ETag` after a conflict of [`update_state`].
pub(crate) fn conflict_read(update: &PreparedRequest) -> PreparedRequest {
    let mut request = PreparedRequest::new(Operation::GetState, Method::Get, update.path.clone());
    request.resource.clone_from(&update.resource);
    request
}

/// Reads the response to [`get_state`]: the state and its `ETag`, if the server sends one.
///
/// # Errors
/// [`Error::Api`] for a status other than 2xx or a body that is not an object.
pub fn read_state(response: &Response) -> Result<(Map<String, Value>, Option<String>), Error> {
    if let Some(error) = state_error(Operation::GetState, response) {
        return Err(error.into());
    }
    if response.body.trim_ascii().is_empty() {
        return Err(invalid_response(
            Operation::GetState,
            response,
            "expected the state, got an empty body",
        ));
    }
    let (state, _) = parse_object(Operation::GetState, response, "the state")?;
    Ok((state, response.tag()))
}

/// Returns the error for the status of a response; `None` for a 2xx status. 409 and 412 are state
/// conflicts here.
pub(crate) fn state_error(
    operation: Operation,
    response: &Response,
) -> Option<crate::error::ApiError> {
    let mut error = error_from_response(operation, response)?;
    if matches!(response.status, 409 | 412) {
        error.kind = ApiErrorKind::StateConflict;
    }
    Some(error)
}
