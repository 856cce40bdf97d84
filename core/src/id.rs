//! Ids in paths: encoded whole, so that an id can never change where a request goes.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::issue::{Code, Issue};
use crate::report::ValidationError;

/// All but the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes an id for its place in a path, `/` included.
///
/// ```
/// assert_eq!(cognigy_context::api::encode_id("a/b ü"), "a%2Fb%20%C3%BC");
/// ```
#[must_use]
pub fn encode_id(id: &str) -> String {
    utf8_percent_encode(id, ENCODED).to_string()
}

/// Whether `id` can be an id at all. `field` is its name on the wire, and its place in the report.
pub(crate) fn check_id(field: &'static str, id: &str, prefix: Option<&str>) -> Option<Issue> {
    let refuse = |message: &'static str, hint: &'static str| {
        Some(Issue::error(Code::InvalidId, format!("/{field}"), message).hint(hint))
    };
    match id {
        "" => refuse("the id is empty", "Take the id that the platform gave."),
        "." | ".." => refuse(
            "the id is a dot segment, which would change the path of the request",
            "Take the id that the platform gave.",
        ),
        _ if prefix.is_some_and(|prefix| !id.starts_with(prefix)) => refuse(
            "the id does not start with the prefix that this client takes",
            "Take a session id of this tenant, or change the client's session_id_prefix.",
        ),
        _ => None,
    }
}

/// The error for an id of a host language that is not text: it holds half of a surrogate pair.
#[must_use]
pub fn id_is_not_text(field: &'static str) -> ValidationError {
    let issue = Issue::error(
        Code::LoneSurrogate,
        format!("/{field}"),
        "the id holds half of a surrogate pair, which UTF-8 cannot carry",
    );
    ValidationError::of(vec![issue.hint("Take the id that the platform gave.")])
}
