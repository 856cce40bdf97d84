//! Entity tags: only one strong tag of RFC 9110 is used as `If-Match`, and it is sent as it came.

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use cognigy_context::StateUpdate;
use cognigy_context::api::{BaseUrl, Response, runtime_v2};
use support::text_of;

/// The maximum length of a tag, in characters. Each is one byte of the header.
const MAX_TAG_CHARS: usize = 4_096;

/// Reads one `ETag`, and sends it back.
pub fn run(data: &[u8]) {
    let Some(text) = text_of(data) else { return };
    let headers = vec![("etag".to_owned(), text.to_owned())];
    let response = Response { status: 200, headers, body: b"{}".to_vec() };
    let tag = response.tag();
    assert_eq!(tag.as_deref(), is_strong_tag(text).then_some(text));
    let (_, read) = runtime_v2::read_state(&response).expect("the response is valid");
    assert_eq!(read, tag);
    let body = StateUpdate::default().session("a", 1.into()).to_json();
    let prepared = runtime_v2::update_state("d", body, 1, false, Some(text.to_owned()));
    assert_eq!(prepared.is_ok(), tag.is_some(), "{text:?}");
    if let Ok(prepared) = prepared {
        let base: BaseUrl = "https://h".parse().expect("the base URL is valid");
        let request = prepared.request(&base, None);
        let sent = request.headers.iter().find(|(name, _)| *name == "if-match");
        assert_eq!(sent.map(|(_, value)| value.as_str()), Some(text));
    }
}

/// Returns whether a text is `DQUOTE *etagc DQUOTE`, where each character is one byte of the header.
fn is_strong_tag(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let [first, inner @ .., last] = characters.as_slice() else { return false };
    *first == '"'
        && *last == '"'
        && characters.len() <= MAX_TAG_CHARS
        && inner.iter().all(|c| matches!(u32::from(*c), 0x21 | 0x23..=0x7e | 0x80..=0xff))
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
