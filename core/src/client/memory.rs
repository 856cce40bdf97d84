//! What a client remembers of its calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::audit::{AuditRecord, Ring};
use super::metrics::{Meter, Metrics, StateMetrics};

/// What a client remembers of its calls: it outlives the client, and holds none of its connections.
/// Calls that are still under way are remembered too, when they are over.
#[derive(Clone, Debug)]
pub struct ClientTelemetry {
    pub(super) ring: Arc<Ring>,
    pub(super) meter: Arc<Meter>,
    pub(super) dropped_notices: Arc<AtomicU64>,
}

/// That of a client that has done nothing.
impl Default for ClientTelemetry {
    fn default() -> Self {
        Self {
            ring: Arc::new(Ring::new(0)),
            meter: Arc::new(Meter::new()),
            dropped_notices: Arc::default(),
        }
    }
}

impl ClientTelemetry {
    /// How the injections went.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        Metrics {
            dropped_notices: self.dropped_notices.load(Ordering::Relaxed),
            ..self.meter.injections()
        }
    }

    /// How the updates of dialogs' states went.
    #[must_use]
    pub fn state_metrics(&self) -> StateMetrics {
        self.meter.updates()
    }

    /// The newest records, oldest first: at most `count`, and no more than are kept.
    #[must_use]
    pub fn audit_trail(&self, count: usize) -> Vec<AuditRecord> {
        self.ring.last(count, |_| true)
    }
}
