//! The base URL of a tenant's API.

use std::fmt;
use std::str::FromStr;

use crate::error::ConfigurationError;

/// The base URL of a tenant's API: scheme, host and, if the API has one, a path prefix.
///
/// Parsing removes the endings `/new`, `/new/v2.0`, `/api/v1` and `/api/v2`, because each route adds
/// its own.
///
/// ```
/// use cognigy_context::api::BaseUrl;
///
/// let base: BaseUrl = "https://api-trial.cognigy.ai/new/".parse()?;
/// assert_eq!(base.as_str(), "https://api-trial.cognigy.ai");
/// # Ok::<(), cognigy_context::ConfigurationError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

/// Endings that belong to the routes of an API family and not to the tenant.
const FAMILY_ENDINGS: [&str; 4] = ["/new/v2.0", "/new", "/api/v1", "/api/v2"];

impl BaseUrl {
    /// Returns the URL without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the URL of a path, which starts with a slash.
    pub(crate) fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Parses an `http` or `https` URL without user name, password, query and fragment.
impl FromStr for BaseUrl {
    type Err = ConfigurationError;

    fn from_str(url: &str) -> Result<Self, ConfigurationError> {
        let reject = |message: &'static str| Err(ConfigurationError::of_field("base_url", message));
        let url = url.trim();
        let (scheme, rest) = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => ("https", rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => ("http", rest),
            _ => return reject("base URL: it must start with https:// or http://"),
        };
        if rest.bytes().any(|byte| byte <= b' ' || byte == b'\\' || byte >= 0x7f) {
            return reject("base URL: it contains a character that must be percent-encoded");
        }
        if rest.contains(['?', '#']) {
            return reject("base URL: it must have no query and no fragment");
        }
        let host = rest.split('/').next().unwrap_or_default();
        if host.contains('@') {
            return reject("base URL: it must not contain a user name or password");
        }
        if host.is_empty() || host.starts_with(':') {
            return reject("base URL: the host is missing");
        }
        let mut rest = rest.trim_end_matches('/');
        while let Some(tenant) = FAMILY_ENDINGS.iter().find_map(|ending| rest.strip_suffix(ending))
        {
            rest = tenant.trim_end_matches('/');
        }
        Ok(Self(format!("{scheme}://{rest}")))
    }
}
