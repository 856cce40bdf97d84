//! The start-up text of a sandbox in the foreground.

use crate::config::Config;

/// Returns the start-up text: the URL, the credentials, the API families and example commands.
///
/// # Example
///
/// ```
/// use cognigy_context_sandbox::{Config, banner};
///
/// let text = banner(&Config::default(), "http://127.0.0.1:8900");
/// assert!(text.contains("X-API-Key: sandbox-key"));
/// ```
pub fn banner(config: &Config, url: &str) -> String {
    let Config { api_key, client_id, client_secret, .. } = config;
    format!(
        r#"The Cognigy sandbox is listening.

  URL            {url}
  API key        {api_key}
  OAuth2 client  {client_id} / {client_secret}

API families and their token endpoints:

  /new/v2.0/sessions, /new/v2.0/profiles  POST /auth/oauth2/token
  /api/v1/sessions/ID/context             POST /api/v1/auth/token, /oauth/token
  /api/v2/sessions/ID/context             POST /api/v2/oauth/token
  /api/v2/botsessions/ID/variables        POST /api/v2/auth/token
  /runtime/v2/dialogs/ID/state            POST /oauth/token

Inject a context:

  curl -X POST {url}/new/v2.0/sessions/my-session/context/inject \
    -H 'X-API-Key: {api_key}' -H 'Content-Type: application/json' \
    -d '{{"userId": "me", "context": {{"name": "Ada"}}}}'

Read it back:

  curl {url}/_sandbox/sessions/my-session

Inject a variable into the same session through /api/v2:

  curl -X PUT {url}/api/v2/sessions/my-session/context \
    -H 'X-API-Key: {api_key}' -H 'Content-Type: application/json' \
    -d '{{"variables": [{{"key": "tier", "value": "gold", "scope": "session"}}],
         "mergeStrategy": "atomic_put"}}'

Make the next request fail:

  curl -X POST {url}/_sandbox/faults -d '{{"status": 503, "retryAfter": 1, "times": 1}}'

Press Ctrl-C to stop."#
    )
}
