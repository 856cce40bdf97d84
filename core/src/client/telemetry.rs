//! The metrics and audit records of a client, which remain readable after the client is dropped.

use std::sync::Arc;

use super::audit::{AuditBuffer, AuditRecord};
use super::metrics::{Metrics, MetricsRecorder, StateMetrics};
use super::webhook_delivery::DeliveryQueue;

/// The metrics and audit records of a client. They remain readable after the client is dropped, and
/// keep no connection open. Calls that finish after the client was dropped are recorded, too.
///
/// The default contains no calls.
#[derive(Clone, Debug)]
pub struct ClientTelemetry {
    pub(super) audit_buffer: Arc<AuditBuffer>,
    pub(super) metrics: Arc<MetricsRecorder>,
    pub(super) webhook_queue: Arc<DeliveryQueue>,
}

impl Default for ClientTelemetry {
    fn default() -> Self {
        Self {
            audit_buffer: Arc::new(AuditBuffer::new(0)),
            metrics: Arc::new(MetricsRecorder::new()),
            webhook_queue: Arc::default(),
        }
    }
}

impl ClientTelemetry {
    /// Returns the metrics of injections.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        Metrics { dropped_notices: self.webhook_queue.dropped(), ..self.metrics.injections() }
    }

    /// Returns the metrics of updates of dialog states.
    #[must_use]
    pub fn state_metrics(&self) -> StateMetrics {
        self.metrics.state_updates()
    }

    /// Returns the newest audit records, oldest first: at most `count`, and at most
    /// [`audit_capacity`](super::ClientBuilder::audit_capacity).
    #[must_use]
    pub fn audit_trail(&self, count: usize) -> Vec<AuditRecord> {
        self.audit_buffer.newest(count, |_| true)
    }
}
