//! Responses of a token endpoint: the first two bytes are the status, the rest is the body.

#![cfg_attr(fuzzing, no_main)]

use cognigy_context::Error;
use cognigy_context::api::{Authorization, Credential, Response, Secret, TokenRequest};

/// Reads one response, and sends its text as credentials.
pub fn run(data: &[u8]) {
    let Some((status, body)) = data.split_first_chunk::<2>() else { return };
    let status = u16::from_le_bytes(*status) % 1_000;
    let response = Response { status, headers: Vec::new(), body: body.to_vec() };
    match TokenRequest::read(&response) {
        Ok(token) => {
            assert!((200..300).contains(&status));
            let secret = token.secret.expose();
            assert!(!secret.is_empty() && secret.bytes().all(|byte| byte.is_ascii_graphic()));
            assert!(!format!("{token:?}").contains(secret) || secret.len() < 16);
            let authorization = Authorization {
                credential: Credential::Bearer(token.secret.clone()),
                organisation: None,
            };
            assert!(!format!("{authorization:?}").contains(secret) || secret.len() < 16);
        }
        Err(Error::Api(error)) => assert_eq!(error.status, Some(status)),
        Err(error) => panic!("{error}"),
    }
    let Ok(text) = std::str::from_utf8(body) else { return };
    let Ok(secret) = Secret::opaque("the client secret", text) else { return };
    for basic in [false, true] {
        let request = TokenRequest {
            url: "https://h/token",
            client_id: text,
            client_secret: &secret,
            scope: Some(text),
            basic,
            organisation: None,
        };
        let request = request.request();
        let form = request.body.unwrap_or_default();
        assert!(form.iter().all(|byte| byte.is_ascii_graphic()));
        assert_eq!(form.split(|byte| *byte == b'&').count(), if basic { 2 } else { 4 });
        assert!(
            request
                .headers
                .iter()
                .all(|(_, value)| value.bytes().all(|byte| (b' '..=b'~').contains(&byte)))
        );
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
