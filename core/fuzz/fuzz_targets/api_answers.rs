//! Responses of every API family: an arbitrary status, `ETag`, `Retry-After` and body.
//!
//! The first two bytes are the status. A text up to a zero byte is the value of the headers, the rest is the body.

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use std::fmt::Debug;

use cognigy_context::api::platform::InjectContext;
use cognigy_context::api::{
    Operation, Response, TokenRequest, botsessions, platform_sessions, profiles, runtime_v2,
    sessions_v1, sessions_v2,
};
use cognigy_context::{Error, ExistingContext};
use serde_json::json;
use support::{split_once, text_of};

/// The maximum length of an error's text. A text that grew with the response would contain parts of it.
const MAX_ERROR_CHARS: usize = 2_000;

/// Reads one response with the reader of each operation.
pub fn run(data: &[u8]) {
    let Some((status, rest)) = data.split_first_chunk::<2>() else { return };
    let (header, body) = split_once(rest);
    let status = u16::from_le_bytes(*status) % 1_000;
    let headers = text_of(header).into_iter().flat_map(|value| {
        ["etag", "retry-after", "content-type"].map(|name| (name.to_owned(), value.to_owned()))
    });
    let response = Response { status, headers: headers.collect(), body: body.to_vec() };
    assert!(format!("{response:?}").len() < 100);
    let is_success = (200..300).contains(&status);

    check(is_success, sessions_v2::read_injected(&response));
    check(is_success, sessions_v2::read_injected_text(&response));
    check(is_success, sessions_v2::read_variables(&response));
    check(is_success || status == 404, sessions_v2::read_existence(&response));
    check(is_success, sessions_v1::read_appended(&response));
    check(is_success, sessions_v1::read_document(&response));
    check(is_success, runtime_v2::read_updated(&response));
    check(is_success, runtime_v2::read_state(&response));
    check(is_success, platform_sessions::read_reset(&response));
    check(is_success, platform_sessions::read_injected_state(&response));
    check(is_success, platform_sessions::read_state_reset(&response));
    check(is_success, botsessions::read_page(&response));
    check(is_success, TokenRequest::read(&response));
    for operation in [
        Operation::ListProfiles,
        Operation::GetProfile,
        Operation::CreateProfile,
        Operation::UpdateProfile,
        Operation::DeleteProfile,
    ] {
        check(is_success, profiles::read_profile(operation, &response));
    }
    let injection = InjectContext::new("s", "u").context(&json!({"a": 1, "b": {"c": "d"}}));
    let injection = injection.expect("the context is valid");
    let result = injection.read(&response);
    if let Ok(result) = &result {
        let measured =
            ExistingContext::of(&result.context).map(|existing| existing.platform_bytes());
        assert_eq!(measured.ok(), Some(result.existing.platform_bytes()));
    }
    check(is_success, result.map(|result| result.into_context().is_ok()));
}

/// Checks that only a successful status has a result, and that an error is short and one line.
fn check<T>(may_succeed: bool, result: Result<T, Error>) {
    match result {
        Ok(_) => assert!(may_succeed),
        Err(error) => {
            let text = error.to_string();
            assert!(text.chars().count() <= MAX_ERROR_CHARS, "{} characters", text.chars().count());
            assert!(!text.chars().any(char::is_control), "{text:?}");
            check_debug(&error);
        }
    }
}

/// Checks that the debug form can be written.
fn check_debug(error: &impl Debug) {
    assert!(!format!("{error:?}").is_empty());
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
