//! The families of routes, and how each gets its tokens.

use std::fmt;
use std::time::Duration;

/// A family of routes. Each has a token endpoint and a scope of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ApiFamily {
    /// Variables that are appended to a session: `POST /api/v1/sessions/{sessionId}/context`.
    SessionsV1,
    /// Injections that the server merges: `/api/v2/sessions/{sessionId}/context`.
    SessionsV2,
    /// Variables that are read: `/api/v2/botsessions/{sessionId}/variables`.
    Botsessions,
    /// Context documents: `GET` and `PUT /api/v1/sessions/{sessionId}/context`.
    Documents,
    /// The state of dialogs: `/runtime/v2/dialogs/{dialogId}/state`.
    RuntimeV2,
    /// The real platform: `/new/v2.0`.
    Platform,
}

/// How a family gets its tokens with client credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenPreset {
    /// The path of its token endpoint.
    pub path: &'static str,
    /// The scope that is asked for; none where the endpoint grants one by itself.
    pub scope: Option<&'static str>,
    /// The scope that its operations need, which a token may lack.
    pub needed: &'static str,
    /// Whether the credentials go into the header (HTTP Basic) and not into the form.
    pub basic: bool,
    /// How long before its end a token is not used any more.
    pub margin: Duration,
}

impl ApiFamily {
    /// Every family there is.
    pub const ALL: &'static [Self] = &[
        Self::SessionsV1,
        Self::SessionsV2,
        Self::Botsessions,
        Self::Documents,
        Self::RuntimeV2,
        Self::Platform,
    ];

    /// The name, for example `sessions_v1`.
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

    /// The family of this name.
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

    /// How it gets its tokens.
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
