//! Reading a request's body, within bounds.

use crate::problem::Problem;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::{Map, Value};

/// How many brackets may be open at once in a body.
const MAX_DEPTH: usize = 512;

/// How much of a body over the limit is still read, and thrown away, so that the caller gets to
/// see the answer instead of a broken connection.
const MAX_DRAINED: usize = 16 * 1024 * 1024;

/// A body as it arrived.
pub(crate) struct Received {
    /// The bytes; empty when there were too many.
    pub(crate) bytes: Bytes,
    /// How many bytes arrived.
    pub(crate) length: usize,
    /// Whether there were more than the limit.
    pub(crate) too_large: bool,
}

/// Reads a body of at most `limit` bytes. Fails when the connection breaks before its end.
pub(crate) async fn receive(mut body: Body, limit: usize) -> Result<Received, axum::Error> {
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
        if length > limit.saturating_add(MAX_DRAINED) {
            break;
        }
    }
    Ok(Received { bytes: bytes.into(), length, too_large: length > limit })
}

/// Extracts a body that is a JSON object, its keys in order; of a key given twice the last wins.
pub(crate) struct JsonObject(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for JsonObject {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        SizedJsonObject::from_request(request, state).await.map(|it| Self(it.object))
    }
}

/// Extracts a body that is a JSON object, with its length.
pub(crate) struct SizedJsonObject {
    pub(crate) object: Map<String, Value>,
    /// The bytes that arrived.
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

/// Extracts the id in the path, percent-decoded whole: `%2F` is part of the id.
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

/// Reads a JSON object of at most 512 levels.
fn parse(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    if depth(bytes) > MAX_DEPTH {
        return Err(Problem::invalid("The body is nested deeper than 512 levels.", Vec::new()));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    // The depth is known to be small enough by now.
    deserializer.disable_recursion_limit();
    match Value::deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value))
    {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Problem::invalid("The body is not a JSON object.", Vec::new())),
        Err(_) => Err(Problem::invalid("The body is not JSON.", Vec::new())),
    }
}

/// The most brackets that are open at once, outside strings. Looks at bytes only, so that it can
/// run before any recursion; the parser rejects invalid JSON.
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
