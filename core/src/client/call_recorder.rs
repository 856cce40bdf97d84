//! Records every finished call as an audit record, and injections, state updates and reads in the metrics.

use std::sync::Arc;

use super::audit::{AuditBuffer, AuditDetails, AuditRecord, AuditSink, AuditStatus};
use super::metrics::MetricsRecorder;
use crate::api::{ApiFamily, Operation, ResourceId};
use crate::clock::{Clock, format_rfc3339};

/// Records finished calls in the audit buffer and the audit sinks, and some operations in the metrics.
pub(super) struct CallRecorder {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) audit_buffer: Arc<AuditBuffer>,
    pub(super) audit_sinks: Vec<Arc<dyn AuditSink>>,
    pub(super) metrics: Arc<MetricsRecorder>,
    /// Whether records contain the ids of sessions and dialogs instead of their hashes.
    pub(super) log_raw_session_ids: bool,
}

impl std::fmt::Debug for CallRecorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallRecorder")
            .field("audit_sinks", &self.audit_sinks.len())
            .field("log_raw_session_ids", &self.log_raw_session_ids)
            .finish_non_exhaustive()
    }
}

/// A call that has finished.
pub(super) struct CompletedCall<'c> {
    pub(super) operation: Operation,
    /// The session or dialog; `None` if the operation concerns neither.
    pub(super) resource: Option<&'c ResourceId>,
    pub(super) status: AuditStatus,
    /// The number of variables that the call sends or has read.
    pub(super) variables: u64,
    pub(super) latency_ms: f64,
    pub(super) details: AuditDetails,
}

impl CallRecorder {
    pub(super) fn record(&self, call: CompletedCall<'_>) {
        let CompletedCall { operation, resource, status, variables, latency_ms, details } = call;
        let is_success = status == AuditStatus::Success;
        let sent_latency_ms = (status != AuditStatus::Refused).then_some(latency_ms);
        if operation.is_injection() {
            self.metrics.record_injection(is_success, sent_latency_ms);
        } else if operation == Operation::UpdateState {
            self.metrics.record_state_update(is_success, sent_latency_ms);
        } else if operation.family() == ApiFamily::Botsessions && is_success {
            self.metrics.record_read(variables, latency_ms);
        }
        let session = resource.map(|resource| {
            if self.log_raw_session_ids { resource.id.clone() } else { resource.hash.clone() }
        });
        let record = AuditRecord {
            timestamp: format_rfc3339(self.clock.now()),
            operation: operation.as_str(),
            status,
            session,
            variable_count: variables,
            latency_ms,
            details,
        };
        for sink in &self.audit_sinks {
            if let Err(error) = sink.record(&record) {
                let operation = record.operation;
                tracing::warn!(operation, %error, "an audit sink failed to record a call");
            }
        }
        self.audit_buffer.push(record);
    }
}
