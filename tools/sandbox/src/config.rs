//! The configuration of a sandbox, fixed at its start.

use std::time::Duration;

/// The settings of a sandbox. [`Options`](crate::Options) controls the behaviour of its tenant.
/// Start from [`Config::default`] and change single fields.
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
    /// The address or host name to listen on: `127.0.0.1`.
    pub host: String,
    /// The port to listen on; 0, the default, takes a free one.
    pub port: u16,
    /// The one API key that is accepted in `X-API-Key`: `sandbox-key`.
    pub api_key: String,
    /// The OAuth2 client, which is also the user name of the password grant: `sandbox`.
    pub client_id: String,
    /// The OAuth2 client's secret, which is also the password of the password grant: `sandbox`.
    pub client_secret: String,
    /// The largest request body of the platform's routes, in bytes: 65,536. A larger one is answered
    /// 413. The other families have limits of their own.
    pub body_limit: usize,
    /// The largest context, in the platform's own measure: 64,000. A key that brings the context
    /// over it is replaced by an error, as on the platform.
    pub context_limit: usize,
    /// How long an access token is accepted: 900 seconds.
    pub token_lifetime: Duration,
    /// The maximum number of sessions, dialogs, profiles and tokens each: 10,000. Beyond it the oldest is evicted.
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
