//! Answers as outcomes: what a status means, and what a body must be.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Operation, Response};
use crate::check::{ExistingContext, parse_measured};
use crate::error::{ApiError, ApiErrorKind, Error, PlatformCode};

/// The part of an RFC 7807 problem document that may be shown: its sentences are not, because they
/// may repeat data.
#[derive(Default, Deserialize)]
struct Problem {
    #[serde(default)]
    code: Value,
    #[serde(default, rename = "traceId")]
    trace_id: Value,
}

/// The failure that an answer means; none for a 2xx. What `Retry-After` says is left to who knows
/// the time.
pub(crate) fn failure_of(operation: Operation, response: &Response) -> Option<ApiError> {
    if (200..300).contains(&response.status) {
        return None;
    }
    let kind = match response.status {
        0..400 => ApiErrorKind::Protocol,
        status => ApiErrorKind::of_status(status),
    };
    let problem: Problem = serde_json::from_slice(&response.body).unwrap_or_default();
    let mut failure = ApiError::new(kind, operation.as_str());
    failure.status = Some(response.status);
    failure.code = platform_code(&problem.code);
    failure.trace_id = problem.trace_id.as_str().filter(|id| is_plain_id(id)).map(str::to_owned);
    if matches!(response.status, 409 | 412) {
        failure.current_tag = response.tag();
    }
    Some(failure)
}

fn platform_code(code: &Value) -> Option<PlatformCode> {
    match code {
        Value::Number(number) => number.as_i64().map(PlatformCode::Number),
        Value::String(text) => match text.parse() {
            Ok(number) => Some(PlatformCode::Number(number)),
            Err(_) => is_plain_id(text).then(|| PlatformCode::Word(text.clone())),
        },
        _ => None,
    }
}

/// The failure for an answer that is not what the API promises.
pub(crate) fn misshapen(
    operation: Operation,
    response: &Response,
    detail: impl Into<Cow<'static, str>>,
) -> Error {
    let mut failure = ApiError::new(ApiErrorKind::Protocol, operation.as_str()).detail(detail);
    failure.status = Some(response.status);
    failure.into()
}

/// A trace id is an id: what is long or not plain is something else, and not repeated.
fn is_plain_id(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

/// The object in an answer, and its sizes. `what` names it in the error: `the context`.
pub(crate) fn object_of(
    operation: Operation,
    response: &Response,
    what: &'static str,
) -> Result<(Map<String, Value>, ExistingContext), Error> {
    // Measuring first also caps the nesting, so that the parser below cannot run out of stack.
    let existing = ExistingContext::of_json(&response.body).map_err(|error| {
        let report = error.into_report();
        let found = report.issues.first();
        let (code, path) =
            found.map_or(("", ""), |issue| (issue.code.as_str(), issue.path.as_str()));
        let detail = if path.is_empty() {
            format!("expected {what} as a JSON object ({code})")
        } else {
            format!("{what} at {path} is not readable ({code})")
        };
        misshapen(operation, response, detail)
    })?;
    match parse_measured(&response.body) {
        Some(object) => Ok((object, existing)),
        None => Err(misshapen(operation, response, format!("expected {what} as a JSON object"))),
    }
}

/// The object that stands below a key of the answer; an absent or `null` one is empty.
pub(crate) fn object_below(
    operation: Operation,
    response: &Response,
    key: &'static str,
) -> Result<Map<String, Value>, Error> {
    let (mut answer, _) = object_of(operation, response, "the answer")?;
    match answer.remove(key) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(misshapen(operation, response, format!("expected an object at /{key}"))),
    }
}
