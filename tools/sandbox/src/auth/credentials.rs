//! The credentials of an OAuth2 client.

use super::authorization;
use crate::config::Config;
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The client id and secret of a request, or the user name and password of the password grant.
pub(crate) struct Credentials {
    id: String,
    secret: String,
}

impl Credentials {
    pub(crate) fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { id: id.into(), secret: secret.into() }
    }

    /// Returns whether these are the configured credentials.
    pub(crate) fn match_config(&self, config: &Config) -> bool {
        self.id == config.client_id && self.secret == config.client_secret
    }
}

/// Returns the credentials of HTTP Basic in two readings, plain and form-decoded: RFC 6749 form-encodes id
/// and secret, but many clients do not. Returns `None` if the scheme is not Basic, and an empty list for
/// malformed credentials.
pub(crate) fn read_basic(headers: &HeaderMap) -> Option<Vec<Credentials>> {
    let (scheme, encoded) = authorization(headers)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let joined = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let Some((id, secret)) = joined.as_deref().and_then(|joined| joined.split_once(':')) else {
        return Some(Vec::new());
    };
    Some(vec![Credentials::new(id, secret), Credentials::new(form_decode(id), form_decode(secret))])
}

/// Decodes form-encoded text.
fn form_decode(text: &str) -> String {
    // `&` and `=` are not separators here.
    let text = text.replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(text.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use axum::http::header::AUTHORIZATION;

    fn is_accepted(header: &str, id: &str, secret: &str) -> Option<bool> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::try_from(header).unwrap());
        let config = Config {
            client_id: id.to_owned(),
            client_secret: secret.to_owned(),
            ..Config::default()
        };
        Some(read_basic(&headers)?.iter().any(|credentials| credentials.match_config(&config)))
    }

    fn basic_header(joined: &str) -> String {
        format!("Basic {}", STANDARD.encode(joined))
    }

    #[test]
    fn basic_credentials_are_read_with_and_without_form_encoding() {
        assert_eq!(is_accepted(&basic_header("a:b:c"), "a", "b:c"), Some(true));
        assert_eq!(is_accepted(&basic_header("a%3Ab:p%20+&=q"), "a:b", "p  &=q"), Some(true));
        assert_eq!(is_accepted(&basic_header("a%3Ab:+"), "a%3Ab", "+"), Some(true));
        assert_eq!(is_accepted(&basic_header("a:b"), "a", "c"), Some(false));
    }

    #[test]
    fn malformed_basic_is_rejected_and_another_scheme_is_none() {
        assert_eq!(is_accepted("Basic ???", "a", "b"), Some(false));
        assert_eq!(is_accepted(&basic_header("ab"), "ab", ""), Some(false));
        assert_eq!(is_accepted("Bearer YTpi", "a", "b"), None);
    }
}
