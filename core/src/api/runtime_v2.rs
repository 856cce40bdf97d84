//! The state of dialogs: `{base}/runtime/v2/dialogs/{dialogId}/state`.

use serde_json::{Map, Value};

use super::ids::Ids;
use super::{
    Method, Operation, PreparedRequest, Response, encode_id, failure_of, misshapen, object_of,
};
use crate::check::CheckedBody;
use crate::error::{ApiErrorKind, Error};
use crate::report::ValidationError;

fn path(dialog_id: &str) -> String {
    format!("/runtime/v2/dialogs/{}/state", encode_id(dialog_id))
}

/// Updates the state of a dialog: `PATCH`. `written` is the body that a
/// [`StateUpdate`](crate::StateUpdate) writes, with how many variables it holds and whether a
/// transition; `if_match` is the tag that the state must still have.
///
/// ```
/// use cognigy_context::api::{BaseUrl, Idempotency, runtime_v2};
/// use cognigy_context::StateUpdate;
///
/// let update = StateUpdate::default().next_step("confirm");
/// let call = runtime_v2::update_state("d/1", update.to_json(), 0, true, None)?;
/// let base: BaseUrl = "https://api.example".parse()?;
/// assert_eq!(
///     call.request(&base, None).url,
///     "https://api.example/runtime/v2/dialogs/d%2F1/state",
/// );
/// // A transition that may have happened must not happen again.
/// assert_eq!(call.repeat(), Idempotency::NonIdempotent);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ValidationError`] with every issue of the id and of the update.
pub fn update_state(
    dialog_id: &str,
    written: Result<CheckedBody, ValidationError>,
    count: u64,
    has_transition: bool,
    if_match: Option<String>,
) -> Result<PreparedRequest, ValidationError> {
    let written = Ids::of("dialogId", dialog_id).join(written, |written| written.report)?;
    let call = PreparedRequest::new(Operation::UpdateState, Method::Patch, path(dialog_id))
        .for_resource(dialog_id)
        .variables(count)
        .body(written.body);
    let is_repeatable = if_match.is_some() || !has_transition;
    let call = call.if_match(if_match);
    Ok(if is_repeatable { call.repeatable() } else { call })
}

/// Reads the answer to [`update_state`]: its object, empty where nothing is answered, and the tag
/// that the state has now.
///
/// # Errors
/// [`Error::ApiError`] for a status other than 2xx or a body that is neither. 409 and 412 are of kind
/// `state_conflict`.
pub fn read_updated(response: &Response) -> Result<(Map<String, Value>, Option<String>), Error> {
    if let Some(failure) = state_failure(Operation::UpdateState, response) {
        return Err(failure.into());
    }
    let object = if response.body.trim_ascii().is_empty() {
        Map::new()
    } else {
        object_of(Operation::UpdateState, response, "the answer")?.0
    };
    Ok((object, response.tag()))
}

/// Reads the state of a dialog: `GET`.
///
/// # Errors
/// [`ValidationError`] when the dialog id can be none.
pub fn get_state(dialog_id: &str) -> Result<PreparedRequest, ValidationError> {
    Ids::of("dialogId", dialog_id).check()?;
    Ok(PreparedRequest::new(Operation::GetState, Method::Get, path(dialog_id))
        .for_resource(dialog_id))
}

/// The read that belongs to a call of [`update_state`].
pub(crate) fn read_before(update: &PreparedRequest) -> PreparedRequest {
    let mut call = PreparedRequest::new(Operation::GetState, Method::Get, update.path.clone());
    call.subject.clone_from(&update.subject);
    call
}

/// Reads the answer to [`get_state`]: the state and its tag.
///
/// # Errors
/// [`Error::ApiError`] for a status other than 2xx or a body that is no object.
pub fn read_state(response: &Response) -> Result<(Map<String, Value>, Option<String>), Error> {
    if let Some(failure) = state_failure(Operation::GetState, response) {
        return Err(failure.into());
    }
    if response.body.trim_ascii().is_empty() {
        return Err(misshapen(Operation::GetState, response, "expected the state, got nothing"));
    }
    let (state, _) = object_of(Operation::GetState, response, "the state")?;
    Ok((state, response.tag()))
}

/// A failure, in the words of states.
pub(crate) fn state_failure(
    operation: Operation,
    response: &Response,
) -> Option<crate::error::ApiError> {
    let mut failure = failure_of(operation, response)?;
    if matches!(response.status, 409 | 412) {
        failure.kind = ApiErrorKind::StateConflict;
    }
    Some(failure)
}
