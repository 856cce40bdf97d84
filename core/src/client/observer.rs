//! What is told of every operation when it is over: a record, the metrics, the webhook.

use std::sync::Arc;

use super::Client;
use super::audit::{AuditDetails, AuditRecord, AuditSink, AuditStatus, Ring};
use super::flight::Flight;
use super::metrics::Meter;
use super::transport::Transport;
use crate::api::{Operation, PreparedRequest, ResourceId};
use crate::clock::{Clock, format_rfc3339};
use crate::error::Error;
use crate::report::ValidationError;

/// Where everything is told.
pub(super) struct Observer {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ring: Arc<Ring>,
    pub(super) sinks: Vec<Arc<dyn AuditSink>>,
    pub(super) meter: Arc<Meter>,
    /// Whether records hold ids in the clear.
    pub(super) log_raw_session_ids: bool,
}

impl std::fmt::Debug for Observer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Observer")
            .field("sinks", &self.sinks.len())
            .field("log_raw_session_ids", &self.log_raw_session_ids)
            .finish_non_exhaustive()
    }
}

/// An operation that is over.
struct Over<'o> {
    operation: Operation,
    subject: Option<&'o ResourceId>,
    status: AuditStatus,
    variables: u64,
    latency_ms: f64,
    details: AuditDetails,
}

impl Observer {
    fn tell(&self, over: Over<'_>) {
        let Over { operation, subject, status, variables, latency_ms, details } = over;
        let is_success = status == AuditStatus::Success;
        let latency = (status != AuditStatus::Refused).then_some(latency_ms);
        if operation.is_injection() {
            self.meter.injected(is_success, latency);
        } else if operation == Operation::UpdateState {
            self.meter.updated(is_success, latency);
        } else if operation.family() == crate::api::ApiFamily::Botsessions && is_success {
            self.meter.retrieved(variables, latency_ms);
        }
        let session = subject.map(|subject| {
            if self.log_raw_session_ids { subject.id.clone() } else { subject.hash.clone() }
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
        for sink in &self.sinks {
            if let Err(error) = sink.record(&record) {
                tracing::warn!(operation = record.operation, %error, "an audit record was not kept");
            }
        }
        self.ring.push(record);
    }
}

impl<T: Transport> Flight<'_, T> {
    /// The call is over: tells of it, and completes its error.
    pub(super) fn land<R>(&mut self, result: Result<R, Error>) -> Result<R, Error> {
        self.land_with(result, AuditDetails::default())
    }

    /// The same with more to tell.
    pub(super) fn land_with<R>(
        &mut self,
        result: Result<R, Error>,
        details: AuditDetails,
    ) -> Result<R, Error> {
        self.is_landed = true;
        let result = result.map_err(|error| self.complete(error));
        let status = match &result {
            Ok(_) => AuditStatus::Success,
            Err(error) => {
                tracing::warn!(operation = self.operation.as_str(), %error, "a call failed");
                AuditStatus::ApiError
            }
        };
        self.tell(status, result.as_ref().err(), details);
        result
    }

    fn tell(&self, status: AuditStatus, error: Option<&Error>, details: AuditDetails) {
        let (kind, trace_id) = match error {
            None => (None, None),
            Some(Error::Validation(_)) => (Some("validation"), None),
            Some(Error::Configuration(_)) => (Some("configuration"), None),
            Some(Error::Api(failure)) => {
                (Some(failure.kind.as_str()), failure.trace_id.clone())
            }
        };
        self.inner().observer.tell(Over {
            operation: self.operation,
            subject: self.subject.as_ref(),
            status,
            variables: self.variables,
            latency_ms: self.latency_ms(),
            details: AuditDetails {
                attempts: self.attempts,
                http_status: self.status,
                error: kind,
                trace_id,
                ..details
            },
        });
    }
}

impl<T: Transport> Drop for Flight<'_, T> {
    fn drop(&mut self) {
        if !self.is_landed {
            self.tell(AuditStatus::Cancelled, None, AuditDetails::default());
        }
    }
}

impl<T: Transport> Client<T> {
    /// A call that was checked; one that was refused is told of.
    pub(super) fn checked<P>(
        &self,
        operation: Operation,
        id: Option<&str>,
        checked: Result<P, ValidationError>,
    ) -> Result<P, ValidationError> {
        checked.inspect_err(|_| {
            self.inner.observer.tell(Over {
                operation,
                subject: id.map(ResourceId::new).as_ref(),
                status: AuditStatus::Refused,
                variables: 0,
                latency_ms: 0.0,
                details: AuditDetails { error: Some("validation"), ..AuditDetails::default() },
            });
        })
    }

    /// Sends one call, reads its answer, and tells of it.
    pub(super) async fn run<R>(
        &self,
        call: &PreparedRequest,
        read: impl FnOnce(&crate::api::Response) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let mut flight = Flight::of(self, call);
        let answer = flight.send(call).await;
        let result = answer.and_then(|response| read(&response));
        flight.land(result)
    }
}
