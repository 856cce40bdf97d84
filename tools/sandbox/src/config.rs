//! The configuration of a sandbox. It cannot change while the sandbox runs.

use std::time::Duration;

/// The configuration of a sandbox: the address, credentials and limits. It cannot change while the sandbox
/// runs; [`Options`](crate::Options), the behaviour of its tenant, can. Start from [`Config::default`] and change single fields.
///
/// # Example
///
/// ```
/// use cognigy_context_sandbox::Config;
///
/// let config = Config { port: 8900, context_limit: 262_144, ..Config::default() };
/// assert_eq!(config.host, "127.0.0.1");
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    /// The address or host name to listen on (default `127.0.0.1`).
    pub host: String,
    /// The port to listen on; 0 selects a free port (default 0).
    pub port: u16,
    /// The accepted API key, in `X-API-Key` (default `sandbox-key`).
    pub api_key: String,
    /// The accepted OAuth2 client id, also the user name of the password grant (default `sandbox`).
    pub client_id: String,
    /// The accepted OAuth2 client secret, also the password of the password grant (default
    /// `sandbox`).
    pub client_secret: String,
    /// The maximum request body in bytes, for all routes except `/api`, `/runtime` and `/_sandbox`, which
    /// have fixed limits (default 65,536). A larger body gets 413.
    pub body_limit: usize,
    /// The maximum context of a session, in platform bytes (default 64,000): 2 for each UTF-16 code unit
    /// of a string or key, 8 for a number, 4 for a boolean, 0 for `null` and brackets. As on the platform,
    /// a value that exceeds the limit is replaced by an object with an error text.
    pub context_limit: usize,
    /// The initial lifetime of new access tokens (default 900 seconds).
    /// [`Sandbox::set_token_lifetime`](crate::Sandbox::set_token_lifetime)
    /// changes the lifetime while the sandbox runs.
    pub token_lifetime: Duration,
    /// The maximum number of entries of each kind: sessions, dialogs, profiles, access tokens and refresh
    /// tokens (default 10,000; 0 counts as 1). Beyond it the oldest entry is evicted.
    pub max_entries: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 0,
            api_key: "sandbox-key".to_owned(),
            client_id: "sandbox".to_owned(),
            client_secret: "sandbox".to_owned(),
            body_limit: 65_536,
            context_limit: 64_000,
            token_lifetime: Duration::from_secs(900),
            max_entries: 10_000,
        }
    }
}
