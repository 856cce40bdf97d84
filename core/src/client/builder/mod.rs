//! The builder of a client. `validation.rs` checks its options.

mod validation;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use super::audit::{AuditBuffer, AuditSink};
use super::auth::TokenSource;
use super::call_recorder::CallRecorder;
use super::context_size_cache::ContextSizeCache;
use super::metrics::MetricsRecorder;
use super::rate_limiter::RateLimiter;
use super::settings::{Rate, Settings};
use super::{Client, Inner, Transport};
use crate::api::ApiFamily;
use crate::clock::{Clock, SystemClock};
use crate::error::ConfigurationError;
use crate::policy::Policy;

// The environment variables that [`ClientBuilder::or_from`] reads.
const BASE_URL: [&str; 2] = ["COGNIGY_BASE_URL", "COGNIGY_TENANT_URL"];
const API_KEY: &str = "COGNIGY_API_KEY";
const CLIENT_ID: &str = "COGNIGY_CLIENT_ID";
const CLIENT_SECRET: &str = "COGNIGY_CLIENT_SECRET";
const TENANT_ID: &str = "COGNIGY_TENANT_ID";
const CRM_WEBHOOK_URL: &str = "CRM_WEBHOOK_URL";

/// The default of [`ClientBuilder::audit_capacity`].
const DEFAULT_AUDIT_CAPACITY: usize = 1_000;

/// The options of a client. [`Client::builder`] creates one.
///
/// A client needs a base URL and one kind of credentials: an API key, a bearer token, a token source,
/// or client credentials. An API key may be combined with one of the others: the API key is then used
/// for the family `platform`, and the other for the remaining families.
///
/// ```
/// # #[cfg(feature = "http")]
/// # fn example() -> Result<(), cognigy_context::Error> {
/// use std::time::Duration;
///
/// use cognigy_context::Client;
///
/// let client = Client::builder()
///     .base_url("https://api-trial.cognigy.ai")
///     .api_key("…")
///     .deadline(Duration::from_secs(20))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ClientBuilder {
    base_url: Option<String>,
    api_key: Option<String>,
    bearer_token: Option<String>,
    token_source: Option<Arc<dyn TokenSource>>,
    client_id: Option<String>,
    client_secret: Option<String>,
    tenant_id: Option<String>,
    token_urls: BTreeMap<ApiFamily, String>,
    scopes: BTreeMap<ApiFamily, String>,
    policy: Option<Policy>,
    session_id_prefix: Option<String>,
    settings: Settings,
    clock: Option<Arc<dyn Clock>>,
    audit_sinks: Vec<Arc<dyn AuditSink>>,
    audit_capacity: usize,
    log_raw_session_ids: bool,
    crm_webhook: Option<String>,
    crm_webhook_secret: Option<String>,
    snapshot_webhook: Option<String>,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            base_url: None,
            api_key: None,
            bearer_token: None,
            token_source: None,
            client_id: None,
            client_secret: None,
            tenant_id: None,
            token_urls: BTreeMap::new(),
            scopes: BTreeMap::new(),
            policy: None,
            session_id_prefix: None,
            settings: Settings::default(),
            clock: None,
            audit_sinks: Vec::new(),
            audit_capacity: DEFAULT_AUDIT_CAPACITY,
            log_raw_session_ids: false,
            crm_webhook: None,
            crm_webhook_secret: None,
            snapshot_webhook: None,
        }
    }
}

/// Shows some of the options, without secrets.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("has_base_url", &self.base_url.is_some())
            .field("has_api_key", &self.api_key.is_some())
            .field("has_client_credentials", &self.client_secret.is_some())
            .field("session_id_prefix", &self.session_id_prefix)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Sets the URL of the tenant's API, for example `https://api-trial.cognigy.ai`. A path ending
    /// in `/new`, `/new/v2.0`, `/api/v1` or `/api/v2` is accepted; the client removes the ending. Required.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Sets the API key, sent as `X-API-Key`. An empty text counts as unset.
    #[must_use]
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Sets a fixed token, sent as `Authorization: Bearer`. An empty text counts as unset.
    #[must_use]
    pub fn bearer_token(mut self, token: impl Into<String>) -> Self {
        self.bearer_token = Some(token.into());
        self
    }

    /// Sets the source of tokens. The client caches each token by API family until shortly before
    /// it expires, or until the server rejects it.
    #[must_use]
    pub fn token_source(mut self, source: impl TokenSource + 'static) -> Self {
        self.token_source = Some(Arc::new(source));
        self
    }

    /// Sets the credentials of an OAuth 2 client. Each API family requests its tokens with them from
    /// its token endpoint.
    #[must_use]
    pub fn client_credentials(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.client_id = Some(id.into());
        self.client_secret = Some(secret.into());
        self
    }

    /// Sets the id of the tenant, sent as the header `organisation-id`. Default: none; no header is sent.
    #[must_use]
    pub fn tenant_id(mut self, id: impl Into<String>) -> Self {
        self.tenant_id = Some(id.into());
        self
    }

    /// Sets the URL of an API family's token endpoint. Default: the endpoint of the family's
    /// [preset](crate::api::TokenPreset) below the base URL.
    #[must_use]
    pub fn token_url(mut self, family: ApiFamily, url: impl Into<String>) -> Self {
        self.token_urls.insert(family, url.into());
        self
    }

    /// Sets the scope of an API family's tokens. Default: the scope of the family's
    /// [preset](crate::api::TokenPreset).
    #[must_use]
    pub fn scope(mut self, family: ApiFamily, scope: impl Into<String>) -> Self {
        self.scopes.insert(family, scope.into());
        self
    }

    /// Sets the policy that contexts are checked against. Default: the preset `platform`.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Sets a prefix, for example `sess_`. Session ids without it are rejected. Default: none.
    #[must_use]
    pub fn session_id_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.session_id_prefix = Some(prefix.into());
        self
    }

    /// Replaces all timeouts, retries and limits, also those that were set before.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Sets the time limit of a call, with all attempts and waits. More than 0. Default: 60 s.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = deadline;
        self
    }

    /// Sets the number of retries of a request after its first attempt. Default: 3.
    #[must_use]
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.settings.max_retries = retries;
        self
    }

    /// Sets two rate limits: `rate` for all API families except `platform`, together, and `platform` for
    /// this family. `None`: no limit. Defaults: 100 requests in 60 s, and 1,000 requests in 300 s.
    #[must_use]
    pub fn rates(mut self, rate: Option<Rate>, platform: Option<Rate>) -> Self {
        self.settings.rate = rate;
        self.settings.platform_rate = platform;
        self
    }

    /// Sets the maximum number of concurrent requests, 1 or more. Default: 5.
    #[must_use]
    pub fn max_concurrent(mut self, requests: usize) -> Self {
        self.settings.max_concurrent = requests;
        self
    }

    /// Sets the clock for timestamps and HTTP dates. Default: the system's clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Adds a sink for audit records, in addition to the records that the client keeps in memory.
    ///
    /// ```
    /// use cognigy_context::Client;
    /// use cognigy_context::client::AuditRecord;
    ///
    /// # #[cfg(feature = "http")]
    /// let builder = Client::builder().audit(|record: &AuditRecord| {
    ///     println!("{} {:?} in {} ms", record.operation, record.status, record.latency_ms);
    /// });
    /// ```
    #[must_use]
    pub fn audit(mut self, sink: impl AuditSink + 'static) -> Self {
        self.audit_sinks.push(Arc::new(sink));
        self
    }

    /// Sets the maximum number of audit records that the client keeps in memory; 0 keeps none.
    /// Default: 1,000.
    #[must_use]
    pub fn audit_capacity(mut self, count: usize) -> Self {
        self.audit_capacity = count;
        self
    }

    /// Sets whether audit records contain the ids of sessions and dialogs instead of their hashes.
    /// Default: false. Anyone who knows a session id can join its conversation.
    #[must_use]
    pub fn log_raw_session_ids(mut self, is_raw: bool) -> Self {
        self.log_raw_session_ids = is_raw;
        self
    }

    /// Sets the URL of a webhook that receives an event for each injection, also for a failed or rejected
    /// one. Default: none.
    #[must_use]
    pub fn crm_webhook(mut self, url: impl Into<String>) -> Self {
        self.crm_webhook = Some(url.into());
        self
    }

    /// Sets the secret that signs the events for the CRM webhook, in the form of Standard Webhooks:
    /// `whsec_` and Base64. Default: none; the events are not signed.
    #[must_use]
    pub fn crm_webhook_secret(mut self, secret: impl Into<String>) -> Self {
        self.crm_webhook_secret = Some(secret.into());
        self
    }

    /// Sets the URL of a webhook that receives each debug snapshot. Default: none.
    #[must_use]
    pub fn snapshot_webhook(mut self, url: impl Into<String>) -> Self {
        self.snapshot_webhook = Some(url.into());
        self
    }

    /// Reads options that are not set yet from environment variables: `COGNIGY_BASE_URL` (or
    /// `COGNIGY_TENANT_URL`), `COGNIGY_TENANT_ID`, `CRM_WEBHOOK_URL`, and, if no credentials are set
    /// at all, `COGNIGY_API_KEY`, `COGNIGY_CLIENT_ID` and `COGNIGY_CLIENT_SECRET`. An empty variable
    /// counts as absent.
    #[must_use]
    pub fn or_from_env(self) -> Self {
        self.or_from(|name| std::env::var(name).ok())
    }

    /// Reads options that are not set yet, as [`or_from_env`](Self::or_from_env) does, with `variable`
    /// instead of the environment. `variable` returns the value of an environment variable, or `None`.
    #[must_use]
    pub fn or_from(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        if self.base_url.is_none() {
            self.base_url = BASE_URL.into_iter().find_map(variable);
        }
        if !self.has_credentials() {
            self.api_key = variable(API_KEY);
            self.client_id = variable(CLIENT_ID);
            self.client_secret = variable(CLIENT_SECRET);
        }
        if self.tenant_id.is_none() {
            self.tenant_id = variable(TENANT_ID);
        }
        if self.crm_webhook.is_none() {
            self.crm_webhook = variable(CRM_WEBHOOK_URL);
        }
        self
    }

    fn has_credentials(&self) -> bool {
        self.api_key.is_some()
            || self.bearer_token.is_some()
            || self.token_source.is_some()
            || self.client_id.is_some()
            || self.client_secret.is_some()
    }

    /// Creates a client that sends its requests over HTTP.
    ///
    /// # Errors
    /// [`ConfigurationError`] when an option is missing or invalid.
    #[cfg(feature = "http")]
    pub fn build(self) -> Result<Client, ConfigurationError> {
        let transport = super::HttpTransport::with(self.settings.connect_timeout)?;
        self.build_with(transport)
    }

    /// Checks the options without creating a client, for a host that has no transport yet.
    ///
    /// # Errors
    /// The error that [`build_with`](Self::build_with) would return.
    pub fn check(&self) -> Result<(), ConfigurationError> {
        self.validate().map(drop)
    }

    /// Creates a client that sends its requests over `transport`.
    ///
    /// # Errors
    /// [`ConfigurationError`] when an option is missing or invalid.
    pub fn build_with<T: Transport>(self, transport: T) -> Result<Client<T>, ConfigurationError> {
        let config = self.validate()?;
        let settings = self.settings;
        Ok(Client {
            inner: Arc::new(Inner {
                transport,
                base_url: config.base_url,
                auth: config.auth,
                policy: self.policy.unwrap_or_else(|| Policy::platform().clone()),
                session_id_prefix: self.session_id_prefix,
                settings,
                default_limiter: settings.rate.map(RateLimiter::new),
                platform_limiter: settings.platform_rate.map(RateLimiter::new),
                concurrency_permits: async_lock::Semaphore::new(settings.max_concurrent),
                context_sizes: ContextSizeCache::new(),
                recorder: CallRecorder {
                    clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock)),
                    audit_buffer: Arc::new(AuditBuffer::new(self.audit_capacity)),
                    audit_sinks: self.audit_sinks,
                    metrics: Arc::new(MetricsRecorder::new()),
                    log_raw_session_ids: self.log_raw_session_ids,
                },
                webhook_queue: Arc::default(),
                crm_webhook: config.crm_webhook.map(Arc::new),
                snapshot_webhook: config.snapshot_webhook.map(Arc::new),
                state_listeners: RwLock::default(),
            }),
            deadline: None,
        })
    }
}
