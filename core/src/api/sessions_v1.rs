//! Sessions, first form: variables that are appended, and context documents as a whole, both under
//! `{base}/api/v1/sessions/{sessionId}/context`.

use serde_json::{Map, Value};

use super::ids::Ids;
use super::{
    Method, Operation, PreparedRequest, Response, encode_id, failure_of, misshapen, object_of,
};
use crate::check::{CheckOptions, CheckedBody, INITIAL_CAPACITY};
use crate::error::Error;
use crate::policy::Policy;
use crate::report::ValidationError;

fn path(session_id: &str) -> String {
    format!("/api/v1/sessions/{}/context", encode_id(session_id))
}

/// Appends variables: `POST` with `{"variables": {name: value}}`. `write` is given the check, and
/// says what the map of variables is. Paths of issues are of that map.
///
/// ```
/// use cognigy_context::api::{BaseUrl, sessions_v1};
/// use cognigy_context::Policy;
/// use serde_json::json;
///
/// let base: BaseUrl = "https://api.example".parse()?;
/// let call = sessions_v1::append_variables("s-1", None, Policy::injection(), |check| {
///     check.value_to_json(&json!({"tier": "gold"}))
/// })?;
/// let request = call.request(&base, None);
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
    let written = write(CheckOptions::new(policy));
    let CheckedBody { body: variables, report, .. } =
        Ids::session(session_id, prefix).join(written, |written| written.report)?;
    // The limit is that of the variables, so the frame is put around them afterwards.
    let mut body = Vec::with_capacity(variables.len() + 16);
    body.extend_from_slice(b"{\"variables\":");
    body.extend_from_slice(&variables);
    body.push(b'}');
    Ok(PreparedRequest::new(Operation::AppendVariables, Method::Post, path(session_id))
        .for_resource(session_id)
        .variables(report.sizes.variables)
        // Appending the same data twice is as good as once.
        .repeatable()
        .body(body))
}

/// Reads the answer to [`append_variables`]: its object, empty where nothing is answered.
///
/// # Errors
/// [`Error::ApiError`] for a status other than 2xx or a body that is neither.
pub fn read_appended(response: &Response) -> Result<Map<String, Value>, Error> {
    match failure_of(Operation::AppendVariables, response) {
        Some(failure) => Err(failure.into()),
        None => object_or_nothing(Operation::AppendVariables, response, "the answer"),
    }
}

/// Reads a context document: `GET`, answered by the bare document.
///
/// # Errors
/// [`ValidationError`] when the session id can be none.
pub fn get_document(
    session_id: &str,
    prefix: Option<&str>,
) -> Result<PreparedRequest, ValidationError> {
    Ids::session(session_id, prefix).check()?;
    Ok(PreparedRequest::new(Operation::GetDocument, Method::Get, path(session_id))
        .for_resource(session_id))
}

/// Reads the answer to [`get_document`]: the document and its tag. Nothing is an empty document.
///
/// # Errors
/// [`Error::ApiError`] for a status other than 2xx or a body that is no document.
pub fn read_document(response: &Response) -> Result<(Map<String, Value>, Option<String>), Error> {
    if let Some(failure) = failure_of(Operation::GetDocument, response) {
        return Err(failure.into());
    }
    let document = object_or_nothing(Operation::GetDocument, response, "the document")?;
    Ok((document, response.tag()))
}

/// Replaces a context document: `PUT` of the bare document, under the policy that is given
/// (`context`, as a rule).
///
/// # Errors
/// [`ValidationError`] with every issue of the id and of the document.
pub fn put_document(
    session_id: &str,
    prefix: Option<&str>,
    policy: &Policy,
    document: &Map<String, Value>,
) -> Result<PreparedRequest, ValidationError> {
    let written = CheckOptions::new(policy).write(Vec::with_capacity(INITIAL_CAPACITY), |checker| {
        crate::check::serde_value::visit(document, checker);
    });
    let CheckedBody { body, report, .. } =
        Ids::session(session_id, prefix).join(written, |written| written.report)?;
    Ok(PreparedRequest::new(Operation::PutDocument, Method::Put, path(session_id))
        .for_resource(session_id)
        .variables(report.sizes.variables)
        .body(body))
}

fn object_or_nothing(
    operation: Operation,
    response: &Response,
    what: &'static str,
) -> Result<Map<String, Value>, Error> {
    let body = response.body.trim_ascii();
    if body.is_empty() || body == b"null" {
        return Ok(Map::new());
    }
    if !body.starts_with(b"{") {
        return Err(misshapen(operation, response, format!("expected {what} as a JSON object")));
    }
    object_of(operation, response, what).map(|(object, _)| object)
}
