//! The real platform's other session routes: the context set back, the state set and set back.

use serde_json::{Map, Value, json};

use super::ids::Ids;
use super::platform::session_path;
use super::{Method, Operation, PreparedRequest, Response, failure_of, misshapen, object_of};
use crate::check::ExistingContext;
use crate::error::Error;
use crate::report::ValidationError;

fn post(operation: Operation, session_id: &str, end: &str, body: &Value) -> PreparedRequest {
    PreparedRequest::new(operation, Method::Post, session_path(session_id, end))
        .for_resource(session_id)
        .body(body.to_string().into_bytes())
}

/// Sets a session's context back to that of the entry point of a flow:
/// `POST /new/v2.0/sessions/{sessionId}/context/reset`.
///
/// It is not repeated when it may have taken effect: what was written in between would be lost.
///
/// # Errors
/// [`ValidationError`] when an id can be none.
pub fn reset_context(
    session_id: &str,
    prefix: Option<&str>,
    user_id: &str,
    flow_reference_id: &str,
    entrypoint: &str,
) -> Result<PreparedRequest, ValidationError> {
    Ids::session(session_id, prefix)
        .and("userId", user_id)
        .and("flowReferenceId", flow_reference_id)
        .and("entrypoint", entrypoint)
        .check()?;
    let body = json!({
        "userId": user_id, "flowReferenceId": flow_reference_id, "entrypoint": entrypoint,
    });
    Ok(post(Operation::ResetContext, session_id, "context/reset", &body))
}

/// Reads the answer to [`reset_context`]: the context that is there now, and its sizes.
///
/// # Errors
/// [`Error::ApiError`] for a status other than 2xx or a body that is no context.
pub fn read_reset(response: &Response) -> Result<(Map<String, Value>, ExistingContext), Error> {
    match failure_of(Operation::ResetContext, response) {
        Some(failure) => Err(failure.into()),
        None => object_of(Operation::ResetContext, response, "the context"),
    }
}

/// Sets the state of a session: `POST /new/v2.0/sessions/{sessionId}/state/inject`. The platform is
/// giving states up (deprecated in 2026.7, to be removed in 2026.12).
///
/// # Errors
/// [`ValidationError`] when an id can be none, or the state is empty.
pub fn inject_state(
    session_id: &str,
    prefix: Option<&str>,
    user_id: &str,
    state: &str,
) -> Result<PreparedRequest, ValidationError> {
    Ids::session(session_id, prefix).and("userId", user_id).and("state", state).check()?;
    let body = json!({"userId": user_id, "state": state});
    Ok(post(Operation::InjectState, session_id, "state/inject", &body).repeatable())
}

/// Reads the answer to [`inject_state`]: the state that is set now.
///
/// # Errors
/// [`Error::ApiError`] for a status other than 2xx or a body without a state.
pub fn read_injected_state(response: &Response) -> Result<String, Error> {
    if let Some(failure) = failure_of(Operation::InjectState, response) {
        return Err(failure.into());
    }
    let (mut answer, _) = object_of(Operation::InjectState, response, "the answer")?;
    match answer.remove("state") {
        Some(Value::String(state)) => Ok(state),
        _ => Err(misshapen(Operation::InjectState, response, "expected a string at /state")),
    }
}

/// Sets the state of a session back: `POST /new/v2.0/sessions/{sessionId}/state/reset`.
///
/// # Errors
/// [`ValidationError`] when an id can be none.
pub fn reset_state(
    session_id: &str,
    prefix: Option<&str>,
    user_id: &str,
) -> Result<PreparedRequest, ValidationError> {
    Ids::session(session_id, prefix).and("userId", user_id).check()?;
    Ok(post(Operation::ResetState, session_id, "state/reset", &json!({"userId": user_id})))
}

/// Reads the answer to [`reset_state`], which is empty.
///
/// # Errors
/// [`Error::ApiError`] for a status other than 2xx.
pub fn read_state_reset(response: &Response) -> Result<(), Error> {
    failure_of(Operation::ResetState, response).map_or(Ok(()), |failure| Err(failure.into()))
}
