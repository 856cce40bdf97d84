//! The v1 session API: appending variables, and reading and replacing context documents, both under
//! `{base}/api/v1/sessions/{sessionId}/context`.
//!
//! The parameter `prefix` is the prefix that session ids must start with, if any.

use serde_json::{Map, Value};

use super::id_validator::IdValidator;
use super::{
    Method, Operation, PreparedRequest, Response, encode_id, error_from_response, invalid_response,
    parse_object,
};
use crate::check::{CheckOptions, CheckedBody, INITIAL_CAPACITY};
use crate::error::Error;
use crate::policy::Policy;
use crate::report::ValidationError;

fn path(session_id: &str) -> String {
    format!("/api/v1/sessions/{}/context", encode_id(session_id))
}

/// Prepares appending variables: `POST /api/v1/sessions/{sessionId}/context` with
/// `{"variables": {name: value}}`.
///
/// `write` checks and writes the map of variables with the options that it receives, which use
/// `policy`. The paths of issues are paths in that map.
///
/// ```
/// use cognigy_context::api::{BaseUrl, sessions_v1};
/// use cognigy_context::Policy;
/// use serde_json::json;
///
/// let base: BaseUrl = "https://api.example".parse()?;
/// let prepared = sessions_v1::append_variables("s-1", None, Policy::injection(), |check| {
///     check.value_to_json(&json!({"tier": "gold"}))
/// })?;
/// let request = prepared.request(&base, None);
/// assert_eq!(request.url, "https://api.example/api/v1/sessions/s-1/context");
/// assert_eq!(request.body.unwrap(), br#"{"variables":{"tier":"gold"}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ValidationError`] with every issue of the id and of the variables.
pub fn append_variables(
    session_id: &str,
    prefix: Option<&str>,
    policy: &Policy,
    write: impl FnOnce(CheckOptions<'_>) -> Result<CheckedBody, ValidationError>,
) -> Result<PreparedRequest, ValidationError> {
    let checked_body = write(CheckOptions::new(policy));
    let CheckedBody { body: variables, report, .. } = IdValidator::for_session(session_id, prefix)
        .finish_with(checked_body, |checked_body| checked_body.report)?;
    // The limit applies to the variables alone, so the check does not see the text around them.
    let mut body = Vec::with_capacity(variables.len() + 16);
    body.extend_from_slice(b"{\"variables\":");
    body.extend_from_slice(&variables);
    body.push(b'}');
    Ok(PreparedRequest::new(Operation::AppendVariables, Method::Post, path(session_id))
        .for_resource(session_id)
        .variables(report.sizes.variables)
        // Appending the same data twice has the same effect as appending it once.
        .idempotent()
        .body(body))
}

/// Reads the response to [`append_variables`]: its object, or an empty one for an empty body or `null`.
///
/// # Errors
/// [`Error::Api`] for a status other than 2xx or for any other body.
pub fn read_appended(response: &Response) -> Result<Map<String, Value>, Error> {
    match error_from_response(Operation::AppendVariables, response) {
        Some(error) => Err(error.into()),
        None => parse_optional_object(Operation::AppendVariables, response, "the response"),
    }
}

/// Prepares reading a context document: `GET /api/v1/sessions/{sessionId}/context`. The response is the
/// document itself.
///
/// # Errors
/// [`ValidationError`] when the session id is invalid.
pub fn get_document(
    session_id: &str,
    prefix: Option<&str>,
) -> Result<PreparedRequest, ValidationError> {
    IdValidator::for_session(session_id, prefix).finish()?;
    Ok(PreparedRequest::new(Operation::GetDocument, Method::Get, path(session_id))
        .for_resource(session_id))
}

/// Reads the response to [`get_document`]: the document and its `ETag`, if the server sends one. An
/// empty body or `null` is an empty document.
///
/// # Errors
/// [`Error::Api`] for a status other than 2xx or a body that is not a document.
pub fn read_document(response: &Response) -> Result<(Map<String, Value>, Option<String>), Error> {
    if let Some(error) = error_from_response(Operation::GetDocument, response) {
        return Err(error.into());
    }
    let document = parse_optional_object(Operation::GetDocument, response, "the document")?;
    Ok((document, response.tag()))
}

/// Prepares replacing a context document: `PUT /api/v1/sessions/{sessionId}/context` with the document
/// itself, checked with `policy` (usually `context`).
///
/// # Errors
/// [`ValidationError`] with every issue of the id and of the document.
pub fn put_document(
    session_id: &str,
    prefix: Option<&str>,
    policy: &Policy,
    document: &Map<String, Value>,
) -> Result<PreparedRequest, ValidationError> {
    let checked_body =
        CheckOptions::new(policy).write(Vec::with_capacity(INITIAL_CAPACITY), |checker| {
            crate::check::serde_value::visit(document, checker);
        });
    let CheckedBody { body, report, .. } = IdValidator::for_session(session_id, prefix)
        .finish_with(checked_body, |checked_body| checked_body.report)?;
    Ok(PreparedRequest::new(Operation::PutDocument, Method::Put, path(session_id))
        .for_resource(session_id)
        .variables(report.sizes.variables)
        .body(body))
}

/// Parses the object in a response, or returns an empty one for an empty body or `null`.
fn parse_optional_object(
    operation: Operation,
    response: &Response,
    subject: &'static str,
) -> Result<Map<String, Value>, Error> {
    let body = response.body.trim_ascii();
    if body.is_empty() || body == b"null" {
        return Ok(Map::new());
    }
    if !body.starts_with(b"{") {
        return Err(invalid_response(
            operation,
            response,
            format!("expected {subject} as a JSON object"),
        ));
    }
    parse_object(operation, response, subject).map(|(object, _)| object)
}
