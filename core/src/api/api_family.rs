//! The API families (groups of routes) and their token endpoints.

use std::fmt;
use std::time::Duration;

/// A group of routes of the API. Each family has its own token settings: endpoint, scope and margin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ApiFamily {
    /// Appending variables to a session: `POST /api/v1/sessions/{sessionId}/context`.
    SessionsV1,
    /// Injecting variables, which the server merges: `/api/v2/sessions/{sessionId}/context`.
    SessionsV2,
    /// Reading variables: `/api/v2/botsessions/{sessionId}/variables`.
    Botsessions,
    /// Context documents: `GET` and `PUT /api/v1/sessions/{sessionId}/context`.
    Documents,
    /// The state of dialogs: `/runtime/v2/dialogs/{dialogId}/state`.
    RuntimeV2,
    /// The Cognigy.AI platform API: `/new/v2.0`.
    Platform,
}

/// How a family requests tokens with client credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenPreset {
    /// The path of the family's token endpoint, relative to the base URL.
    pub path: &'static str,
    /// The scope to request. `None` requests no scope, and the endpoint grants its default scope.
    pub scope: Option<&'static str>,
    /// The scope that the family's operations need, except for `get_state`; empty for `platform`, where
    /// the tenant's configuration decides.
    pub needed: &'static str,
    /// Whether the credentials are sent in the `Authorization` header (HTTP Basic) instead of the body.
    pub basic: bool,
    /// How long before its expiry a token is no longer used, but at most half of its lifetime.
    pub margin: Duration,
}

impl ApiFamily {
    /// Every family.
    pub const ALL: &'static [Self] = &[
        Self::SessionsV1,
        Self::SessionsV2,
        Self::Botsessions,
        Self::Documents,
        Self::RuntimeV2,
        Self::Platform,
    ];

    /// Returns the name, for example `sessions_v1`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SessionsV1 => "sessions_v1",
            Self::SessionsV2 => "sessions_v2",
            Self::Botsessions => "botsessions",
            Self::Documents => "documents",
            Self::RuntimeV2 => "runtime_v2",
            Self::Platform => "platform",
        }
    }

    /// Returns the family called `name`; `None` when there is none.
    ///
    /// ```
    /// use cognigy_context::api::ApiFamily;
    ///
    /// assert_eq!(ApiFamily::of("runtime_v2"), Some(ApiFamily::RuntimeV2));
    /// assert_eq!(ApiFamily::of("runtime"), None);
    /// ```
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|family| family.as_str() == name)
    }

    /// Returns how the family requests tokens.
    #[must_use]
    pub const fn token(self) -> TokenPreset {
        let (path, scope, needed, margin) = match self {
            Self::SessionsV1 => (
                "/api/v1/auth/token",
                Some("session:write session:read"),
                "session:write",
                Duration::from_secs(300),
            ),
            Self::SessionsV2 => {
                ("/api/v2/oauth/token", None, "sessions:read_write", Duration::from_secs(30))
            }
            Self::Botsessions => (
                "/api/v2/auth/token",
                Some("bot:read session:read variable:read"),
                "variable:read",
                Duration::from_secs(30),
            ),
            Self::Documents => (
                "/oauth/token",
                Some("cognigy:context:readwrite"),
                "cognigy:context:readwrite",
                Duration::from_secs(60),
            ),
            Self::RuntimeV2 => (
                "/oauth/token",
                Some("runtime:write session:manage dialog:read"),
                "runtime:write",
                Duration::from_secs(300),
            ),
            Self::Platform => ("/auth/oauth2/token", None, "", Duration::from_secs(30)),
        };
        TokenPreset { path, scope, needed, basic: matches!(self, Self::RuntimeV2), margin }
    }
}

impl fmt::Display for ApiFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
