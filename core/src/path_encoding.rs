//! Ids in the path of a URL, and texts in its query. Every reserved character is percent-encoded, so that no
//! text can change the route of a request. The length of each text is limited.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::display_text::grouped;
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

/// The maximum length of an id or of another text in a URL, percent-encoded, in bytes. Most servers limit the
/// first line of a request to 8 KiB (nginx, Apache), which must hold the path of the base URL and up to three
/// such texts. Longer URLs, beyond 64 KiB, cannot be sent at all.
pub(crate) const MAX_ENCODED_BYTES: u64 = 2_048;

/// Returns the length of a text that [`percent_encode`] has encoded.
pub(crate) fn encoded_len(text: &str) -> u64 {
    text.bytes().map(|byte| if is_unreserved(byte) { 1 } else { 3 }).sum()
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Returns the issue of a text in the query of a URL, of `actual` bytes percent-encoded, that is too long; `None`
/// for a valid one. `field` is the name of the query parameter.
pub(crate) fn check_query_length(field: &str, actual: u64) -> Option<Issue> {
    (actual > MAX_ENCODED_BYTES).then(|| {
        let path = crate::path::Path::ROOT.key(field).to_pointer();
        let message = format!("the text is {}", length_text(actual));
        Issue::error(Code::ValueTooLarge, path, message)
            .with_figures(MAX_ENCODED_BYTES, actual)
            .with_hint("Send a shorter text.")
    })
}

/// Returns the length of an encoded text and its limit, for a message.
fn length_text(actual: u64) -> String {
    let (actual, limit) = (grouped(actual), grouped(MAX_ENCODED_BYTES));
    format!("{actual} bytes in a URL, the limit is {limit}")
}

const HINT: &str = "Use the id that the platform returned.";

/// Returns the issue of an id that is empty, a dot segment (`.` or `..`), longer than [`MAX_ENCODED_BYTES`], or
/// without the required prefix; `None` for a valid id. `field` is the field's name in the API, and its path in the
/// report.
pub(crate) fn check_id(field: &'static str, id: &str, prefix: Option<&str>) -> Option<Issue> {
    let reject = |message: &'static str, hint: &'static str| {
        Some(Issue::error(Code::InvalidId, format!("/{field}"), message).with_hint(hint))
    };
    match id {
        "" => reject("the id is empty", HINT),
        "." | ".." => {
            reject("the id is a dot segment, which would change the path of the request", HINT)
        }
        _ if encoded_len(id) > MAX_ENCODED_BYTES => {
            let actual = encoded_len(id);
            let message = format!("the id is {}", length_text(actual));
            Some(
                Issue::error(Code::InvalidId, format!("/{field}"), message)
                    .with_figures(MAX_ENCODED_BYTES, actual)
                    .with_hint(HINT),
            )
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
