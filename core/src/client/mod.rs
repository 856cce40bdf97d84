//! The REST client: builds requests with [`api`](crate::api), sends them over a [`Transport`], and
//! reads the answers. Over HTTP with the feature `http`; over a transport of your own without it.
//!
//! ```text
//!  client.inject(…)            checks and writes: a Call, or every issue at once
//!        │
//!        ▼
//!      Flight ──▶ token ──▶ limiter ──▶ a place among 5 ──▶ Transport ──▶ tenant
//!        ▲                                                      │
//!        └── wait: Retry-After, or full jitter ◀── retry ◀──────┘
//!        │
//!        ▼
//!      lands: typed answer or error, audit record, metrics, webhook
//! ```
//!
//! Each operation that takes data of a host language comes in two halves: `prepare_…`, which checks
//! and writes and does not wait, and `send_…`, which sends.

mod audit;
mod auth;
mod builder;
mod bulk;
mod documents;
mod flight;
#[cfg(feature = "http")]
mod http;
mod injections;
mod journal;
mod limiter;
#[cfg(not(target_arch = "wasm32"))]
mod lines;
mod memory;
mod metrics;
mod notices;
mod observer;
mod order;
mod platform;
mod reads;
mod retry;
mod seen;
mod settings;
mod states;
mod transport;

use std::sync::{Arc, RwLock};
use std::time::Duration;

use serde_json::{Map, Value};

pub use audit::{AuditDetails, AuditRecord, AuditSink, AuditStatus};
pub use auth::{TokenSource, TokenSourceError};
pub use builder::ClientBuilder;
pub use bulk::{BulkItem, BulkOptions, BulkOutcome, BulkStatus, BulkSummary};
pub use documents::{Document, PreparedSync};
#[cfg(feature = "http")]
pub use http::HttpTransport;
pub use injections::{InjectedVariables, InjectionResult, PreparedVariableInjection};
#[cfg(not(target_arch = "wasm32"))]
pub use journal::FileJournal;
pub use journal::{ItemKey, Journal};
#[cfg(not(target_arch = "wasm32"))]
pub use lines::JsonLinesAudit;
pub use memory::ClientTelemetry;
pub use metrics::{Metrics, RetrievalMetrics, StateMetrics};
pub use platform::Profile;
pub use reads::{DebugSnapshot, PreparedRead};
pub use settings::{Rate, Settings};
pub use states::{DialogState, PreparedUpdate, StateListener, StateUpdateResult, UpdateOptions};
pub use transport::{
    BoxFuture, DefaultTransport, Limits, MaybeSend, MaybeSync, Transport, TransportError,
};

use crate::api::{ApiFamily, BaseUrl};
use crate::policy::Policy;
use auth::Auth;
use limiter::Limiter;
use notices::{Notices, Target};
use observer::Observer;
use seen::Seen;

/// A context as the platform holds it.
pub type Context = Map<String, Value>;

/// A client of one tenant. Cheap to clone; all clones share connections, tokens and memory.
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
    /// Where it differs from that of the settings.
    deadline: Option<Duration>,
}

/// Shows no secret.
impl<T> std::fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.inner.base_url)
            .field("auth", &self.inner.auth.way)
            .field("settings", &self.inner.settings)
            .finish_non_exhaustive()
    }
}

impl<T> Clone for Client<T> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), deadline: self.deadline }
    }
}

struct Inner<T> {
    transport: T,
    base_url: BaseUrl,
    auth: Auth,
    policy: Policy,
    session_id_prefix: Option<String>,
    settings: Settings,
    /// Of the integration families.
    limiter: Option<Limiter>,
    platform_limiter: Option<Limiter>,
    /// Of those that are under way.
    places: async_lock::Semaphore,
    seen: Seen,
    observer: Observer,
    notices: Notices,
    crm_webhook: Option<Arc<Target>>,
    snapshot_webhook: Option<Arc<Target>>,
    listeners: RwLock<Vec<Arc<dyn StateListener>>>,
}

impl<T> Inner<T> {
    fn limiter(&self, family: ApiFamily) -> Option<&Limiter> {
        match family {
            ApiFamily::Platform => self.platform_limiter.as_ref(),
            _ => self.limiter.as_ref(),
        }
    }
}

impl Client {
    /// A client to be set up: base URL and credentials at least.
    #[must_use]
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }
}

impl<T: Transport> Client<T> {
    /// The same client with another deadline for its calls, for example what is left of a budget.
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        Self { inner: Arc::clone(&self.inner), deadline: Some(deadline) }
    }

    /// How long a call of this client may take.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.deadline.unwrap_or(self.inner.settings.deadline)
    }

    /// The address this client speaks to.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.inner.base_url
    }

    /// The policy that contexts are held against.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.inner.policy
    }

    /// How this client behaves.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    fn prefix(&self) -> Option<&str> {
        self.inner.session_id_prefix.as_deref()
    }

    /// How this client's injections went.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.memory().metrics()
    }

    /// The newest records, oldest first: at most `count`, and no more than are kept.
    #[must_use]
    pub fn audit_trail(&self, count: usize) -> Vec<AuditRecord> {
        self.memory().audit_trail(count)
    }

    /// What this client remembers, to be read when the client itself is gone.
    #[must_use]
    pub fn memory(&self) -> ClientTelemetry {
        ClientTelemetry {
            ring: Arc::clone(&self.inner.observer.ring),
            meter: Arc::clone(&self.inner.observer.meter),
            dropped_notices: Arc::clone(self.inner.notices.dropped()),
        }
    }

    /// Waits until the webhooks were told all there is to tell, for so long at most. Answers whether
    /// they were.
    pub async fn drain(&self, time: Duration) -> bool {
        self.inner.drain(time).await
    }
}
