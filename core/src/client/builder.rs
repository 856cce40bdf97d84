//! Setting up a client.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use super::audit::{AuditSink, Ring};
use super::auth::{Auth, TokenSource, Way};
use super::limiter::Limiter;
use super::metrics::Meter;
use super::notices::{Notices, Target};
use super::observer::Observer;
use super::seen::Seen;
use super::settings::{Rate, Settings};
use super::{Client, Inner, Transport};
use crate::api::{ApiFamily, BaseUrl, Credential, Secret};
use crate::clock::{Clock, SystemClock};
use crate::error::ConfigurationError;
use crate::policy::Policy;

/// The environment variables that [`ClientBuilder::or_from`] asks for.
const BASE_URL: [&str; 2] = ["COGNIGY_BASE_URL", "COGNIGY_TENANT_URL"];
const API_KEY: &str = "COGNIGY_API_KEY";
const CLIENT_ID: &str = "COGNIGY_CLIENT_ID";
const CLIENT_SECRET: &str = "COGNIGY_CLIENT_SECRET";
const TENANT_ID: &str = "COGNIGY_TENANT_ID";
const CRM_WEBHOOK_URL: &str = "CRM_WEBHOOK_URL";

/// How many audit records are kept in memory when nothing else is said.
const KEPT_RECORDS: usize = 1_000;

/// What a client is to be: made by [`Client::builder`].
///
/// Credentials are one of: an API key, a token, a token source, or client credentials. An API key may
/// stand beside client credentials: it then serves the family `platform`, and they the others.
#[derive(Clone)]
pub struct ClientBuilder {
    base_url: Option<String>,
    api_key: Option<String>,
    bearer_token: Option<String>,
    token_source: Option<Arc<dyn TokenSource>>,
    client_id: Option<String>,
    client_secret: Option<String>,
    organisation: Option<String>,
    token_urls: BTreeMap<ApiFamily, String>,
    scopes: BTreeMap<ApiFamily, String>,
    policy: Option<Policy>,
    session_id_prefix: Option<String>,
    settings: Settings,
    clock: Option<Arc<dyn Clock>>,
    audit: Vec<Arc<dyn AuditSink>>,
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
            organisation: None,
            token_urls: BTreeMap::new(),
            scopes: BTreeMap::new(),
            policy: None,
            session_id_prefix: None,
            settings: Settings::default(),
            clock: None,
            audit: Vec::new(),
            audit_capacity: KEPT_RECORDS,
            log_raw_session_ids: false,
            crm_webhook: None,
            crm_webhook_secret: None,
            snapshot_webhook: None,
        }
    }
}

/// What a client is made of that can be wrong.
struct Parts {
    base_url: BaseUrl,
    auth: Auth,
    crm_webhook: Option<Target>,
    snapshot_webhook: Option<Target>,
}

/// Shows what is set, but no key.
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
    /// The address of the tenant's API, for example `https://api-trial.cognigy.ai`. An ending
    /// `/new`, `/api/v1` or `/api/v2` is recognised.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The key that is sent as `X-API-Key`.
    #[must_use]
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// A token that is ready, sent as `Authorization: Bearer`.
    #[must_use]
    pub fn bearer_token(mut self, token: impl Into<String>) -> Self {
        self.bearer_token = Some(token.into());
        self
    }

    /// Where tokens come from. Each is kept until shortly before its end, or until it is refused.
    #[must_use]
    pub fn token_source(mut self, source: impl TokenSource + 'static) -> Self {
        self.token_source = Some(Arc::new(source));
        self
    }

    /// Credentials of an OAuth 2 client, for which each family gets its tokens from its endpoint.
    #[must_use]
    pub fn client_credentials(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.client_id = Some(id.into());
        self.client_secret = Some(secret.into());
        self
    }

    /// The tenant, sent as `organisation-id`.
    #[must_use]
    pub fn tenant_id(mut self, id: impl Into<String>) -> Self {
        self.organisation = Some(id.into());
        self
    }

    /// The address of a family's token endpoint, where it is another than the usual one.
    #[must_use]
    pub fn token_url(mut self, family: ApiFamily, url: impl Into<String>) -> Self {
        self.token_urls.insert(family, url.into());
        self
    }

    /// The scope that a family's token is asked for with, where it is another than the usual one.
    #[must_use]
    pub fn scope(mut self, family: ApiFamily, scope: impl Into<String>) -> Self {
        self.scopes.insert(family, scope.into());
        self
    }

    /// The policy that contexts are held against; `platform` when none is given.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Refuse session ids that do not start so, for example `sess_`.
    #[must_use]
    pub fn session_id_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.session_id_prefix = Some(prefix.into());
        self
    }

    /// How long, how often, how many at a time.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// How long a whole call may take, 60 s when nothing else is said.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = deadline;
        self
    }

    /// How often a failed request is sent again, 3 times when nothing else is said.
    #[must_use]
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.settings.max_retries = retries;
        self
    }

    /// Most requests of the integration families and of the family `platform`, each in a stretch of
    /// time; none for as many as there are.
    #[must_use]
    pub fn rates(mut self, families: Option<Rate>, platform: Option<Rate>) -> Self {
        self.settings.rate = families;
        self.settings.platform_rate = platform;
        self
    }

    /// Most requests that are under way at a time, 5 when nothing else is said.
    #[must_use]
    pub fn max_concurrent(mut self, requests: usize) -> Self {
        self.settings.max_concurrent = requests;
        self
    }

    /// The time of day; the system's when none is given.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// One more place where audit records go, beside the memory of the client.
    #[must_use]
    pub fn audit(mut self, sink: impl AuditSink + 'static) -> Self {
        self.audit.push(Arc::new(sink));
        self
    }

    /// How many audit records are kept in memory, 1,000 when nothing else is said.
    #[must_use]
    pub fn audit_capacity(mut self, count: usize) -> Self {
        self.audit_capacity = count;
        self
    }

    /// Whether audit records hold session and dialog ids in the clear and not their hashes. A
    /// session id lets whoever reads it join the conversation.
    #[must_use]
    pub fn log_raw_session_ids(mut self, clear: bool) -> Self {
        self.log_raw_session_ids = clear;
        self
    }

    /// The address that is told of each injection.
    #[must_use]
    pub fn crm_webhook(mut self, url: impl Into<String>) -> Self {
        self.crm_webhook = Some(url.into());
        self
    }

    /// The secret that notices to the CRM are signed with, as Standard Webhooks write it: `whsec_`
    /// and Base64.
    #[must_use]
    pub fn crm_webhook_secret(mut self, secret: impl Into<String>) -> Self {
        self.crm_webhook_secret = Some(secret.into());
        self
    }

    /// The address that is told of each debug snapshot.
    #[must_use]
    pub fn snapshot_webhook(mut self, url: impl Into<String>) -> Self {
        self.snapshot_webhook = Some(url.into());
        self
    }

    /// Fills what is not given from the environment: `COGNIGY_BASE_URL` (or `COGNIGY_TENANT_URL`),
    /// `COGNIGY_TENANT_ID`, `CRM_WEBHOOK_URL`, and, where no credentials are given at all,
    /// `COGNIGY_API_KEY`, `COGNIGY_CLIENT_ID` and `COGNIGY_CLIENT_SECRET`.
    #[must_use]
    pub fn or_from_env(self) -> Self {
        self.or_from(|name| std::env::var(name).ok())
    }

    /// The same from an environment that a host gives.
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
        if self.organisation.is_none() {
            self.organisation = variable(TENANT_ID);
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

    /// A client over HTTP.
    ///
    /// # Errors
    /// [`ConfigurationError`] when the base URL or the credentials are missing or cannot be such.
    #[cfg(feature = "http")]
    pub fn build(self) -> Result<Client, ConfigurationError> {
        let transport = super::HttpTransport::with(self.settings.connect_timeout)?;
        self.build_with(transport)
    }

    /// Whether a client can be made of this: for a host that says so before it has a transport.
    ///
    /// # Errors
    /// What [`build_with`](Self::build_with) would say.
    pub fn check(&self) -> Result<(), ConfigurationError> {
        self.parts().map(drop)
    }

    /// A client over a transport of your own.
    ///
    /// # Errors
    /// [`ConfigurationError`] when the base URL or the credentials are missing or cannot be such.
    pub fn build_with<T: Transport>(self, transport: T) -> Result<Client<T>, ConfigurationError> {
        let Parts { base_url, auth, crm_webhook, snapshot_webhook } = self.parts()?;
        let settings = self.settings;
        Ok(Client {
            inner: Arc::new(Inner {
                transport,
                base_url,
                auth,
                policy: self.policy.unwrap_or_else(|| Policy::platform().clone()),
                session_id_prefix: self.session_id_prefix,
                settings,
                limiter: settings.rate.map(Limiter::new),
                platform_limiter: settings.platform_rate.map(Limiter::new),
                places: async_lock::Semaphore::new(settings.max_concurrent),
                seen: Seen::new(),
                observer: Observer {
                    clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock)),
                    ring: Arc::new(Ring::new(self.audit_capacity)),
                    sinks: self.audit,
                    meter: Arc::new(Meter::new()),
                    log_raw_session_ids: self.log_raw_session_ids,
                },
                notices: Notices::default(),
                crm_webhook: crm_webhook.map(Arc::new),
                snapshot_webhook: snapshot_webhook.map(Arc::new),
                listeners: RwLock::default(),
            }),
            deadline: None,
        })
    }

    /// All that may be refused, judged.
    fn parts(&self) -> Result<Parts, ConfigurationError> {
        let base_url = self.base_url.as_ref().filter(|url| !url.is_empty());
        let base_url: BaseUrl = base_url
            .ok_or_else(|| {
                ConfigurationError::new(
                    "the base URL is missing: give base_url, or set COGNIGY_BASE_URL",
                )
            })?
            .parse()?;
        let auth = self.auth()?;
        let settings = self.settings;
        for (time, what) in [
            (settings.deadline, "the deadline"),
            (settings.attempt_timeout, "the timeout of an attempt"),
            (settings.token_timeout, "the timeout of a token"),
        ] {
            if time.is_zero() {
                return Err(ConfigurationError::new(format!("{what} must be more than nothing")));
            }
        }
        for rate in [settings.rate, settings.platform_rate].into_iter().flatten() {
            if rate.requests == 0 || rate.window.is_zero() {
                return Err(ConfigurationError::new(
                    "a rate is one request or more in a stretch of time; for no limit give none",
                ));
            }
        }
        if settings.max_concurrent == 0 {
            return Err(ConfigurationError::new("max_concurrent must be 1 or more"));
        }
        let target = |url: &Option<String>, secret| {
            url.clone().map(|url| Target::new(url, secret)).transpose()
        };
        Ok(Parts {
            base_url,
            auth,
            crm_webhook: target(&self.crm_webhook, self.crm_webhook_secret.clone())?,
            snapshot_webhook: target(&self.snapshot_webhook, None)?,
        })
    }

    fn auth(&self) -> Result<Auth, ConfigurationError> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let key = given(&self.api_key).map(Secret::new).transpose()?;
        let key = key.map(|key| Way::Fixed(Credential::ApiKey(key)));
        let token = given(&self.bearer_token).map(|token| Secret::named("the token", token));
        let token = token.transpose()?.map(|token| Way::Fixed(Credential::Bearer(token)));
        let client = match (given(&self.client_id), given(&self.client_secret)) {
            (Some(id), Some(secret)) => {
                let secret = Secret::opaque("the client secret", secret)?;
                Some(Way::Client { id, secret })
            }
            (None, None) => None,
            _ => {
                return Err(ConfigurationError::new(
                    "client credentials are an id and a secret: give both, or set COGNIGY_CLIENT_ID and COGNIGY_CLIENT_SECRET",
                ));
            }
        };
        let source = self.token_source.clone().map(Way::Source);
        let mut ways = [token, source, client].into_iter().flatten();
        let (way, other) = (ways.next(), ways.next());
        if other.is_some() {
            return Err(ConfigurationError::new(
                "the credentials are given in more than one way: give a token, a token source, or client credentials",
            ));
        }
        let (way, platform) = match (way, key) {
            (Some(way), key) => (way, key),
            (None, Some(key)) => (key, None),
            (None, None) => {
                return Err(ConfigurationError::new(
                    "the credentials are missing: give api_key or client credentials, or set COGNIGY_API_KEY, or COGNIGY_CLIENT_ID and COGNIGY_CLIENT_SECRET",
                ));
            }
        };
        let organisation = given(&self.organisation)
            .map(|id| Secret::named("the tenant id", id).map(|id| id.expose().to_owned()))
            .transpose()?;
        let mut auth = Auth::new(way, platform, organisation);
        auth.scopes.clone_from(&self.scopes);
        for (family, url) in &self.token_urls {
            // An address with a path of its own; it is looked at in the same way.
            let _: BaseUrl = url.parse()?;
            auth.token_urls.insert(*family, url.clone());
        }
        Ok(auth)
    }
}
