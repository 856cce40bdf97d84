//! Base URLs: what is accepted has one form, which parses to itself, and no part but scheme, host and path.

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use cognigy_context::api::botsessions::{VariablesQuery, variables_url};
use cognigy_context::api::{BaseUrl, sessions_v2};
use support::text_of;

/// Parses one URL and builds requests with it.
pub fn run(data: &[u8]) {
    let Some(text) = text_of(data) else { return };
    let Ok(base) = text.parse::<BaseUrl>() else { return };
    let url = base.as_str();
    assert_eq!(url.parse::<BaseUrl>().as_ref(), Ok(&base));
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .expect("the scheme is http or https");
    let host = rest.split('/').next().unwrap_or_default();
    assert!(!host.is_empty() && !host.contains('@'));
    assert!(url.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#\\".contains(&byte)));
    let query = VariablesQuery { name: Some("a&b"), scope: Some("user"), include_system: true };
    let built = variables_url(&base, "s/1", &query).expect("the id is valid");
    assert_eq!(
        built,
        format!(
            "{url}/api/v2/botsessions/s%2F1/variables?name=a%26b&scope=user&includeSystem=true"
        )
    );
    let request =
        sessions_v2::get_injected("s", None).expect("the id is valid").request(&base, None);
    assert_eq!(request.url, format!("{url}/api/v2/sessions/s/context"));
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
