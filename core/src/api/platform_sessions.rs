//! The Cognigy.AI platform API: resetting a context, setting and resetting a state.
//!
//! The parameter `prefix` is the prefix that session ids must start with, if any.

use serde_json::{Map, Value, json};

use super::id_validator::IdValidator;
use super::platform::session_path;
use super::{
    Method, Operation, PreparedRequest, Response, error_from_response, invalid_response,
    parse_object,
};
use crate::check::ExistingContext;
use crate::error::Error;
use crate::report::ValidationError;

fn post_request(
    operation: Operation,
    session_id: &str,
    end: &str,
    body: &Value,
) -> PreparedRequest {
    PreparedRequest::new(operation, Method::Post, session_path(session_id, end))
        .for_resource(session_id)
        .body(body.to_string().into_bytes())
}

/// Prepares resetting a session's context to that of a flow's entry point:
/// `POST /new/v2.0/sessions/{sessionId}/context/reset`.
///
/// The request is not retried after an ambiguous failure, because a second reset would lose data that
/// was written after the first.
///
/// # Errors
/// [`ValidationError`] when an id is invalid or the entry point is empty.
pub fn reset_context(
    session_id: &str,
    prefix: Option<&str>,
    user_id: &str,
    flow_reference_id: &str,
    entrypoint: &str,
) -> Result<PreparedRequest, ValidationError> {
    IdValidator::for_session(session_id, prefix)
        .and_field("userId", user_id)
        .and_field("flowReferenceId", flow_reference_id)
        .and_field("entrypoint", entrypoint)
        .finish()?;
    let body = json!({
        "userId": user_id, "flowReferenceId": flow_reference_id, "entrypoint": entrypoint,
    });
    Ok(post_request(Operation::ResetContext, session_id, "context/reset", &body))
}

/// Reads the response to [`reset_context`]: the new context and its sizes.
///
/// # Errors
/// [`Error::Api`] for a status other than 2xx or a body that is not a context.
pub fn read_reset(response: &Response) -> Result<(Map<String, Value>, ExistingContext), Error> {
    match error_from_response(Operation::ResetContext, response) {
        Some(error) => Err(error.into()),
        None => parse_object(Operation::ResetContext, response, "the context"),
    }
}

/// Prepares setting the state of a session: `POST /new/v2.0/sessions/{sessionId}/state/inject`.
///
/// The platform deprecated states in 2026.7 and removes them in 2026.12.
///
/// # Errors
/// [`ValidationError`] when an id is invalid or the state is empty.
pub fn inject_state(
    session_id: &str,
    prefix: Option<&str>,
    user_id: &str,
    state: &str,
) -> Result<PreparedRequest, ValidationError> {
    IdValidator::for_session(session_id, prefix)
        .and_field("userId", user_id)
        .and_field("state", state)
        .finish()?;
    let body = json!({"userId": user_id, "state": state});
    Ok(post_request(Operation::InjectState, session_id, "state/inject", &body).idempotent())
}

/// Reads the response to [`inject_state`]: the new state.
///
/// # Errors
/// [`Error::Api`] for a status other than 2xx or a body without a state.
pub fn read_injected_state(response: &Response) -> Result<String, Error> {
    if let Some(error) = error_from_response(Operation::InjectState, response) {
        return Err(error.into());
    }
    let (mut body, _) = parse_object(Operation::InjectState, response, "the response")?;
    match body.remove("state") {
        Some(Value::String(state)) => Ok(state),
        _ => Err(invalid_response(Operation::InjectState, response, "expected a string at /state")),
    }
}

/// Prepares resetting the state of a session: `POST /new/v2.0/sessions/{sessionId}/state/reset`.
///
/// The request is not retried after an ambiguous failure.
///
/// # Errors
/// [`ValidationError`] when an id is invalid.
pub fn reset_state(
    session_id: &str,
    prefix: Option<&str>,
    user_id: &str,
) -> Result<PreparedRequest, ValidationError> {
    IdValidator::for_session(session_id, prefix).and_field("userId", user_id).finish()?;
    Ok(post_request(Operation::ResetState, session_id, "state/reset", &json!({"userId": user_id})))
}

/// Reads the response to [`reset_state`], which has no content.
///
/// # Errors
/// [`Error::Api`] for a status other than 2xx.
pub fn read_state_reset(response: &Response) -> Result<(), Error> {
    error_from_response(Operation::ResetState, response).map_or(Ok(()), |error| Err(error.into()))
}
