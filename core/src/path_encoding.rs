//! Ids in the path of a URL. Every reserved character is percent-encoded, so that an id cannot change
//! the route of a request.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::issue::{Code, Issue};
use crate::report::ValidationError;

/// All but the unreserved characters of RFC 3986 (letters, digits, `-`, `.`, `_`, `~`).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes an id for use as one segment of a URL path; `/` is encoded, too.
///
/// ```
/// assert_eq!(cognigy_context::api::encode_id("a/b ü"), "a%2Fb%20%C3%BC");
/// ```
#[must_use]
pub fn encode_id(id: &str) -> String {
    percent_encode(id)
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
pub(crate) fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

const HINT: &str = "Use the id that the platform returned.";

/// Returns the issue of an id that is empty, a dot segment (`.` or `..`), or without the required prefix;
/// `None` for a valid id. `field` is the field's name in the API, and its path in the report.
pub(crate) fn check_id(field: &'static str, id: &str, prefix: Option<&str>) -> Option<Issue> {
    let reject = |message: &'static str, hint: &'static str| {
        Some(Issue::error(Code::InvalidId, format!("/{field}"), message).with_hint(hint))
    };
    match id {
        "" => reject("the id is empty", HINT),
        "." | ".." => {
            reject("the id is a dot segment, which would change the path of the request", HINT)
        }
        _ if prefix.is_some_and(|prefix| !id.starts_with(prefix)) => reject(
            "the id does not start with the client's session id prefix",
            "Use a session id of this tenant, or change the prefix.",
        ),
        _ => None,
    }
}

/// Returns the error for an id that contains half of a surrogate pair, which strings of JavaScript and
/// Python can contain. `field` is the field's name in the API, for example `sessionId`.
#[must_use]
pub fn id_is_not_text(field: &'static str) -> ValidationError {
    let issue = Issue::error(
        Code::LoneSurrogate,
        format!("/{field}"),
        "the id contains half of a surrogate pair, which UTF-8 cannot encode",
    );
    ValidationError::of(vec![issue.with_hint(HINT)])
}
