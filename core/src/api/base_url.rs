//! The base URL of a tenant's API.

use std::fmt;
use std::str::FromStr;

use super::http_url::{HttpUrl, check_http_url};
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

/// Parses an `http` or `https` URL of at most 2,048 bytes, without user name, password, query and fragment. The host is
/// a name or an IP address, the port a number from 1 to 65,535.
impl FromStr for BaseUrl {
    type Err = ConfigurationError;

    fn from_str(url: &str) -> Result<Self, ConfigurationError> {
        let reject = |reason: &'static str| {
            Err(ConfigurationError::of_field("base_url", format!("base URL: {reason}")))
        };
        let url = url.trim();
        let HttpUrl { scheme, rest } = match check_http_url(url) {
            Ok(url) => url,
            Err(reason) => return reject(reason),
        };
        if rest.contains(['?', '#']) {
            return reject("it must have no query and no fragment");
        }
        let mut rest = rest.trim_end_matches('/');
        while let Some(tenant) = FAMILY_ENDINGS.iter().find_map(|ending| rest.strip_suffix(ending))
        {
            rest = tenant.trim_end_matches('/');
        }
        Ok(Self(format!("{scheme}://{rest}")))
    }
}
