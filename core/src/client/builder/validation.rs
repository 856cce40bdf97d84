//! Checks the options of a client.

use super::ClientBuilder;
use crate::api::{BaseUrl, Credential, MAX_HEADER_VALUE_BYTES, Secret, check_http_url};
use crate::client::auth::{Auth, CredentialSource};
use crate::client::webhook_delivery::WebhookEndpoint;
use crate::display_text::grouped;
use crate::error::ConfigurationError;

/// The options that were converted when they were checked.
pub(super) struct ValidatedConfig {
    pub(super) base_url: BaseUrl,
    pub(super) auth: Auth,
    pub(super) crm_webhook: Option<WebhookEndpoint>,
    pub(super) snapshot_webhook: Option<WebhookEndpoint>,
}

impl ClientBuilder {
    /// Checks all options. Returns those that the client uses in another form.
    pub(super) fn validate(&self) -> Result<ValidatedConfig, ConfigurationError> {
        let base_url = non_empty(&self.base_url).ok_or_else(|| {
            ConfigurationError::of_field(
                "base_url",
                "`base_url` is missing. Set it, or the environment variable COGNIGY_BASE_URL.",
            )
        })?;
        let base_url = base_url.parse()?;
        let auth = self.auth()?;
        self.validate_settings()?;
        let secret = self.crm_webhook_secret.as_deref();
        let endpoint = |field, url: &Option<String>, secret| {
            url.as_deref().map(|url| WebhookEndpoint::new((field, url), secret)).transpose()
        };
        Ok(ValidatedConfig {
            base_url,
            auth,
            crm_webhook: endpoint(
                "crm_webhook",
                &self.crm_webhook,
                secret.map(|secret| ("crm_webhook_secret", secret)),
            )?,
            snapshot_webhook: endpoint("snapshot_webhook", &self.snapshot_webhook, None)?,
        })
    }

    fn validate_settings(&self) -> Result<(), ConfigurationError> {
        let settings = self.settings;
        for (field, time) in [
            ("deadline", settings.deadline),
            ("attempt_timeout", settings.attempt_timeout),
            ("token_timeout", settings.token_timeout),
        ] {
            if time.is_zero() {
                let message = format!("`{field}` must be more than 0 s");
                return Err(ConfigurationError::of_field(field, message));
            }
        }
        for (field, rate) in [("rate", settings.rate), ("platform_rate", settings.platform_rate)] {
            if rate.is_some_and(|rate| rate.requests == 0 || rate.window.is_zero()) {
                let message = format!("`{field}` must be at least 1 request in more than 0 s");
                return Err(ConfigurationError::of_field(field, message));
            }
        }
        if settings.max_concurrent == 0 {
            let message = "`max_concurrent` must be at least 1";
            return Err(ConfigurationError::of_field("max_concurrent", message));
        }
        Ok(())
    }

    fn auth(&self) -> Result<Auth, ConfigurationError> {
        let api_key = non_empty(&self.api_key).map(Secret::new).transpose()?;
        let api_key = api_key.map(|key| CredentialSource::Fixed(Credential::ApiKey(key)));
        let (source, platform) = match (self.token_or_client()?, api_key) {
            (Some(source), api_key) => (source, api_key),
            (None, Some(api_key)) => (api_key, None),
            (None, None) => {
                return Err(ConfigurationError::of_field(
                    "api_key",
                    "the credentials are missing. Set `api_key`, or `client_id` and `client_secret`, \
                     or the environment variable COGNIGY_API_KEY, or COGNIGY_CLIENT_ID and \
                     COGNIGY_CLIENT_SECRET.",
                ));
            }
        };
        let tenant_id = non_empty(&self.tenant_id)
            .map(|id| Secret::named("the tenant id", id).map(|id| id.expose().to_owned()))
            .transpose()?;
        let mut auth = Auth::new(source, platform, tenant_id);
        auth.scopes.clone_from(&self.scopes);
        for (family, url) in &self.token_urls {
            let checked = check_http_url(url).and_then(|_| {
                if url.contains('#') { Err("it must have no fragment") } else { Ok(()) }
            });
            checked.map_err(|reason| {
                let message = format!("the URL for {family} in `token_urls`: {reason}");
                ConfigurationError::of_field("token_urls", message)
            })?;
            auth.token_urls.insert(*family, url.clone());
        }
        Ok(auth)
    }

    /// Returns the token, token source or client credentials, if any; the API key is not among them.
    fn token_or_client(&self) -> Result<Option<CredentialSource>, ConfigurationError> {
        let token = non_empty(&self.bearer_token).map(|token| Secret::named("the token", token));
        let token =
            token.transpose()?.map(|token| CredentialSource::Fixed(Credential::Bearer(token)));
        let client = match (non_empty(&self.client_id), non_empty(&self.client_secret)) {
            (Some(id), Some(_)) if id.len() > MAX_HEADER_VALUE_BYTES => {
                let (actual, limit) =
                    (grouped(id.len() as u64), grouped(MAX_HEADER_VALUE_BYTES as u64));
                let message = format!("`client_id` is {actual} bytes, the limit is {limit}");
                return Err(ConfigurationError::of_field("client_id", message));
            }
            (Some(id), Some(secret)) => {
                let secret = Secret::opaque("the client secret", secret)?;
                Some(CredentialSource::Client { id: id.to_owned(), secret })
            }
            (None, None) => None,
            (id, _) => {
                let missing = if id.is_some() { "client_secret" } else { "client_id" };
                return Err(ConfigurationError::of_field(
                    missing,
                    format!(
                        "`{missing}` is missing. Set both `client_id` and `client_secret`, or the \
                         environment variables COGNIGY_CLIENT_ID and COGNIGY_CLIENT_SECRET."
                    ),
                ));
            }
        };
        let token_source = self.token_source.clone().map(CredentialSource::Tokens);
        let mut sources = [token, token_source, client].into_iter().flatten();
        let (source, other) = (sources.next(), sources.next());
        if other.is_some() {
            return Err(ConfigurationError::new(
                "more than one kind of credentials is set. Set a token, a token source, or client \
                 credentials.",
            ));
        }
        Ok(source)
    }
}

/// Returns the text, unless it is unset or empty.
fn non_empty(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}
