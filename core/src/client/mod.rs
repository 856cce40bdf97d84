//! The REST client: builds requests with [`api`](crate::api), sends them over a [`Transport`], and
//! reads the responses. The feature `http` provides an HTTP transport; without it the program provides
//! a [`Transport`].
//!
//! ```text
//!  client.inject(…)            checks and writes: a PreparedRequest, or every issue at once
//!        │
//!        ▼
//!   call executor ──▶ token ──▶ rate limit ──▶ concurrency permit ──▶ Transport ──▶ tenant
//!        ▲                                                                │
//!        └── wait: Retry-After, or backoff with jitter ◀── retry policy ◀─┘
//!        │
//!        ▼
//!      finish: typed result or error, audit record, metrics, webhook delivery
//! ```
//!
//! An operation that takes data of a host language has two steps: `prepare_…` checks and writes
//! without waiting, and `send_…` sends.

mod audit;
mod auth;
mod bot_sessions;
mod builder;
mod bulk;
mod call_executor;
mod call_recorder;
mod context_documents;
mod context_size_cache;
mod dialog_state;
pub(crate) mod file_format;
#[cfg(not(target_arch = "wasm32"))]
mod files;
#[cfg(feature = "http")]
mod http_transport;
mod injections;
pub(crate) mod journal;
pub(crate) mod log_line;
mod metrics;
mod platform;
mod rate_limiter;
mod retry;
mod session_locks;
mod settings;
mod telemetry;
mod token_cache;
mod transport;
pub(crate) mod webhook_delivery;

use std::sync::{Arc, RwLock};
use std::time::Duration;

use serde_json::{Map, Value};

#[cfg(not(target_arch = "wasm32"))]
pub use audit::JsonLinesAudit;
pub use audit::{AuditDetails, AuditRecord, AuditSink, AuditStatus};
pub use auth::{TokenSource, TokenSourceError};
pub use bot_sessions::{DebugSnapshot, PreparedRead};
pub use builder::ClientBuilder;
pub use bulk::{BulkItem, BulkOptions, BulkOutcome, BulkStatus, BulkSummary};
pub use context_documents::{Document, PreparedSync};
pub use dialog_state::{
    DialogState, PreparedUpdate, StateListener, StateUpdateResult, UpdateOptions,
};
#[cfg(feature = "http")]
pub use http_transport::HttpTransport;
pub use injections::{InjectedVariables, InjectionResult, PreparedVariableInjection};
#[cfg(not(target_arch = "wasm32"))]
pub use journal::FileJournal;
pub use journal::{ItemKey, Journal, JournalReport};
pub use metrics::{Metrics, RetrievalMetrics, StateMetrics};
pub use platform::Profile;
pub use settings::{Rate, Settings};
pub use telemetry::ClientTelemetry;
pub use transport::{
    BoxFuture, DefaultTransport, Limits, MaybeSend, MaybeSync, Transport, TransportError,
};

use crate::api::{ApiFamily, BaseUrl};
use crate::policy::Policy;
use auth::Auth;
use call_recorder::CallRecorder;
use context_size_cache::ContextSizeCache;
use rate_limiter::RateLimiter;
use webhook_delivery::{DeliveryQueue, UndeliveredWebhooks, WebhookEndpoint};

/// The context of a session on the platform.
pub type Context = Map<String, Value>;

/// A client of one tenant. It is cheap to clone; all clones share connections, tokens, rate limits and
/// metrics.
///
/// Every call checks its data before it sends anything, waits for the client's rate and concurrency
/// limits, retries transient failures up to [`Settings::max_retries`] times, and ends within its
/// [deadline](Self::deadline). After an ambiguous failure only idempotent requests are retried. Dropping
/// the future of a call cancels the call.
///
/// ```no_run
/// # #[cfg(feature = "http")]
/// # async fn example() -> Result<(), cognigy_context::Error> {
/// use cognigy_context::{Client, InjectionPayload, InjectionVariable};
/// use serde_json::json;
///
/// let client = Client::builder()
///     .base_url("https://api-trial.cognigy.ai")
///     .client_credentials("…", "…")
///     .build()?;
/// let tier = InjectionVariable::new("tier", json!("gold"));
/// let result = client.inject(&InjectionPayload::new("session-1", [tier]), None).await?;
/// assert_eq!(result.variables_injected, 1);
/// # Ok(())
/// # }
/// ```
pub struct Client<T = DefaultTransport> {
    inner: Arc<Inner<T>>,
    /// Replaces the deadline of the settings; `None` keeps it.
    deadline: Option<Duration>,
}

/// Shows no secret.
impl<T> std::fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.inner.base_url)
            .field("auth", self.inner.auth.default_source())
            .field("settings", &self.inner.settings)
            .finish_non_exhaustive()
    }
}

impl<T> Clone for Client<T> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), deadline: self.deadline }
    }
}

/// The state that all clones of a client share.
struct Inner<T> {
    transport: T,
    base_url: BaseUrl,
    auth: Auth,
    policy: Policy,
    session_id_prefix: Option<String>,
    settings: Settings,
    /// The rate limiter of all families except `platform`; `None` without a limit.
    default_limiter: Option<RateLimiter>,
    platform_limiter: Option<RateLimiter>,
    concurrency_permits: async_lock::Semaphore,
    context_sizes: ContextSizeCache,
    recorder: CallRecorder,
    webhook_queue: Arc<DeliveryQueue>,
    crm_webhook: Option<Arc<WebhookEndpoint>>,
    snapshot_webhook: Option<Arc<WebhookEndpoint>>,
    state_listeners: RwLock<Vec<Arc<dyn StateListener>>>,
}

impl<T> Inner<T> {
    fn rate_limiter(&self, family: ApiFamily) -> Option<&RateLimiter> {
        match family {
            ApiFamily::Platform => self.platform_limiter.as_ref(),
            _ => self.default_limiter.as_ref(),
        }
    }
}

impl Client {
    /// Returns a builder. It needs at least a base URL and credentials.
    #[must_use]
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }
}

impl<T: Transport> Client<T> {
    /// Returns a clone whose calls have the time limit `deadline`, for example the rest of a time budget.
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        Self { inner: Arc::clone(&self.inner), deadline: Some(deadline) }
    }

    /// Returns the time limit of a call of this client, with all attempts and waits.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.deadline.unwrap_or(self.inner.settings.deadline)
    }

    /// Returns the URL of the tenant's API.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.inner.base_url
    }

    /// Returns the policy that context injections are checked against.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.inner.policy
    }

    /// Returns the client's timeouts, retries and limits.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    fn session_id_prefix(&self) -> Option<&str> {
        self.inner.session_id_prefix.as_deref()
    }

    /// Returns the metrics of this client's injections.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.telemetry().metrics()
    }

    /// Returns the newest audit records, oldest first: at most `count`, and at most
    /// [`ClientBuilder::audit_capacity`].
    #[must_use]
    pub fn audit_trail(&self, count: usize) -> Vec<AuditRecord> {
        self.telemetry().audit_trail(count)
    }

    /// Returns the client's metrics and audit records, which remain readable after the client is dropped.
    #[must_use]
    pub fn telemetry(&self) -> ClientTelemetry {
        ClientTelemetry {
            audit_buffer: Arc::clone(&self.inner.recorder.audit_buffer),
            metrics: Arc::clone(&self.inner.recorder.metrics),
            webhook_queue: Arc::clone(&self.inner.webhook_queue),
        }
    }

    /// Waits up to `timeout` for queued webhook deliveries to finish, and then drops the rest. Returns the number
    /// of dropped deliveries, which [`Metrics::dropped_notices`] includes and the client logs as a warning. A
    /// delivery that is in flight at that moment counts as dropped, although it may have reached the webhook.
    ///
    /// Call it before the program ends. The client can still be used.
    pub async fn close(&self, timeout: Duration) -> u64 {
        self.inner.drain_and_discard(timeout).await
    }

    pub(crate) fn undelivered_webhooks(&self) -> UndeliveredWebhooks {
        self.inner.undelivered_webhooks()
    }

    /// Waits up to `timeout` for queued webhook deliveries to finish. Returns whether all have finished.
    pub async fn drain(&self, timeout: Duration) -> bool {
        self.inner.drain(timeout).await
    }
}
