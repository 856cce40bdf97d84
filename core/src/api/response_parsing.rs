//! Reads responses: the error for a status, and the object in a body.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::server_text::{MAX_CODE_BYTES, MAX_TRACE_ID_BYTES, plain_id};
use super::{Operation, Response};
use crate::check::{ExistingContext, parse_measured};
use crate::display_text::plain_path;
use crate::error::{ApiError, ApiErrorKind, Error, PlatformCode};

/// The fields of an RFC 9457 problem document that errors contain. Errors do not contain the texts of the
/// document, because those may contain data.
#[derive(Default, Deserialize)]
struct Problem {
    #[serde(default)]
    code: Value,
    #[serde(default, rename = "traceId")]
    trace_id: Value,
}

/// Returns the error for the status of a response; `None` for a 2xx status. The caller adds
/// `Retry-After`, which needs a clock, and removes texts that reveal its credentials.
pub(crate) fn error_from_response(operation: Operation, response: &Response) -> Option<ApiError> {
    if (200..300).contains(&response.status) {
        return None;
    }
    let kind = match response.status {
        0..400 => ApiErrorKind::Protocol,
        status => ApiErrorKind::from_status(status),
    };
    let problem: Problem = serde_json::from_slice(&response.body).unwrap_or_default();
    let mut error = ApiError::new(kind, operation.as_str());
    error.status = Some(response.status);
    error.code = platform_code(&problem.code);
    error.trace_id = problem.trace_id.as_str().and_then(|id| plain_id(id, MAX_TRACE_ID_BYTES));
    if matches!(response.status, 409 | 412) {
        error.current_tag = response.tag();
    }
    Some(error)
}

/// Returns the code if it is an integer, an integer as text, or another [plain id](plain_id).
fn platform_code(code: &Value) -> Option<PlatformCode> {
    match code {
        Value::Number(number) => number.as_i64().map(PlatformCode::Number),
        Value::String(text) => match text.parse() {
            Ok(number) => Some(PlatformCode::Number(number)),
            Err(_) => plain_id(text, MAX_CODE_BYTES).map(PlatformCode::Word),
        },
        _ => None,
    }
}

/// Returns the error for a response whose body does not have the documented format.
pub(crate) fn invalid_response(
    operation: Operation,
    response: &Response,
    detail: impl Into<Cow<'static, str>>,
) -> Error {
    let mut error = ApiError::new(ApiErrorKind::Protocol, operation.as_str()).with_detail(detail);
    error.status = Some(response.status);
    error.into()
}

/// Parses the object in a response and measures it. `subject` names the object in errors, for example
/// `the context`.
pub(crate) fn parse_object(
    operation: Operation,
    response: &Response,
    subject: &'static str,
) -> Result<(Map<String, Value>, ExistingContext), Error> {
    // Measuring first also limits the nesting, so that the parser below cannot overflow the stack.
    let existing = ExistingContext::of_json(&response.body).map_err(|error| {
        let report = error.into_report();
        let first = report.issues.first();
        let (code, path) =
            first.map_or(("", ""), |issue| (issue.code.as_str(), issue.path.as_str()));
        let detail = if path.is_empty() {
            format!("expected {subject} as a JSON object ({code})")
        } else {
            format!("{subject} cannot be read at {} ({code})", plain_path(path))
        };
        invalid_response(operation, response, detail)
    })?;
    match parse_measured(&response.body) {
        Some(object) => Ok((object, existing)),
        None => Err(invalid_response(
            operation,
            response,
            format!("expected {subject} as a JSON object"),
        )),
    }
}

/// Parses the object at a top-level key of the response. Returns an empty object for an absent key or
/// `null`, and an error for any other value.
pub(crate) fn parse_object_at(
    operation: Operation,
    response: &Response,
    key: &'static str,
) -> Result<Map<String, Value>, Error> {
    let (mut body, _) = parse_object(operation, response, "the response")?;
    match body.remove(key) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object),
        Some(_) => {
            Err(invalid_response(operation, response, format!("expected an object at /{key}")))
        }
    }
}
