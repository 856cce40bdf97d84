//! Reads request bodies within their limits, and the id in a path.

use crate::problem::Problem;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The maximum nesting depth of a body.
const MAX_DEPTH: usize = 512;

/// The maximum number of bytes read and discarded beyond the limit of a body. Reading them lets the
/// caller receive the response instead of a connection error.
const MAX_DISCARDED_BYTES: usize = 16 * 1024 * 1024;

/// A received body.
pub(crate) struct ReceivedBody {
    /// The bytes; empty if the body exceeds the limit.
    pub(crate) bytes: Bytes,
    /// The number of received bytes.
    pub(crate) length: usize,
    /// Whether the body exceeds the limit.
    pub(crate) is_too_large: bool,
}

/// Reads a body. Discards the bytes of a body over `limit` bytes, and stops 16 MiB beyond it. Fails if the
/// connection is closed before the end of the body.
pub(crate) async fn receive(mut body: Body, limit: usize) -> Result<ReceivedBody, axum::Error> {
    let mut bytes = Vec::new();
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length <= limit {
            bytes.extend_from_slice(&data);
        } else {
            bytes = Vec::new();
        }
        if length > limit.saturating_add(MAX_DISCARDED_BYTES) {
            break;
        }
    }
    Ok(ReceivedBody { bytes: bytes.into(), length, is_too_large: length > limit })
}

/// Extracts a body that is a JSON object. Keys keep their order; a duplicate key has its last value.
pub(crate) struct JsonObject(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for JsonObject {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        SizedJsonObject::from_request(request, state).await.map(|sized| Self(sized.object))
    }
}

/// Extracts a body that is a JSON object, with its length.
pub(crate) struct SizedJsonObject {
    pub(crate) object: Map<String, Value>,
    /// The length of the body in bytes.
    pub(crate) length: usize,
}

impl<S: Send + Sync> FromRequest<S> for SizedJsonObject {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|_| Problem::invalid("The body could not be read.", Vec::new()))?;
        Ok(Self { object: parse(&bytes)?, length: bytes.len() })
    }
}

/// Extracts the percent-decoded id of the path. An encoded slash (`%2F`) is part of the id.
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Path::<String>::from_request_parts(parts, state)
            .await
            .map(|Path(id)| Self(id))
            .map_err(|_| Problem::invalid("The id in the path is not UTF-8 text.", Vec::new()))
    }
}

/// Parses a JSON object of at most 512 nesting levels.
fn parse(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    if depth(bytes) > MAX_DEPTH {
        return Err(Problem::invalid("The body has more than 512 nesting levels.", Vec::new()));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    // `depth` has limited the nesting.
    deserializer.disable_recursion_limit();
    match Value::deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value))
    {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Problem::invalid("The body is not a JSON object.", Vec::new())),
        Err(_) => Err(Problem::invalid("The body is not JSON.", Vec::new())),
    }
}

/// Returns the nesting depth of JSON text. Counts brackets outside strings without recursion and
/// without validation, so that it can run before the recursive parser.
fn depth(bytes: &[u8]) -> usize {
    let (mut open, mut deepest) = (0_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                open += 1;
                deepest = deepest.max(open);
            }
            b'}' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_strings() {
        assert_eq!(depth(b"1"), 0);
        assert_eq!(depth(br#"{"a":[1,{}],"b":[]}"#), 3);
        assert_eq!(depth(br#"{"[[[\"[[":"\\"}"#), 1);
    }

    #[test]
    fn a_duplicate_key_has_the_last_value_at_the_first_position() {
        let object = parse(br#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(serde_json::to_string(&object).unwrap(), r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn a_body_that_is_not_a_json_object_is_rejected() {
        for body in ["", "1", "[]", "{", "{} {}", r#"{"a":"\ud800"}"#, "{'a':1}", "{\"a\":1e400}"] {
            assert!(parse(body.as_bytes()).is_err(), "accepted {body}");
        }
        assert!(parse(b"{\"a\":\"\xff\"}").is_err());
    }
}
