//! Finishes a call: records it and adds context to its error.

use super::InFlightCall;
use crate::api::{Operation, PreparedRequest, ResourceId, Response};
use crate::client::Client;
use crate::client::audit::{AuditDetails, AuditStatus};
use crate::client::call_recorder::CompletedCall;
use crate::client::transport::Transport;
use crate::error::Error;
use crate::report::ValidationError;

impl<T: Transport> InFlightCall<'_, T> {
    /// Records the finished call and adds the context of the call to its error.
    pub(in crate::client) fn finish<R>(&mut self, result: Result<R, Error>) -> Result<R, Error> {
        self.finish_with(result, AuditDetails::default())
    }

    /// Records the finished call with `details` and adds the context of the call to its error.
    pub(in crate::client) fn finish_with<R>(
        &mut self,
        result: Result<R, Error>,
        details: AuditDetails,
    ) -> Result<R, Error> {
        self.is_finished = true;
        let result = result.map_err(|error| self.add_call_context(error));
        let status = match &result {
            Ok(_) => AuditStatus::Success,
            Err(error) => {
                tracing::warn!(operation = self.operation.as_str(), %error, "API call failed");
                AuditStatus::Failure
            }
        };
        self.record(status, result.as_ref().err(), details);
        result
    }

    fn record(&self, status: AuditStatus, error: Option<&Error>, details: AuditDetails) {
        let (kind, trace_id) = match error {
            None => (None, None),
            Some(Error::Validation(_)) => (Some("validation"), None),
            Some(Error::Configuration(_)) => (Some("configuration"), None),
            Some(Error::Api(error)) => (Some(error.kind.as_str()), error.trace_id.clone()),
        };
        self.inner().recorder.record(CompletedCall {
            operation: self.operation,
            resource: self.resource.as_ref(),
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

impl<T: Transport> Drop for InFlightCall<'_, T> {
    fn drop(&mut self) {
        if !self.is_finished {
            self.record(AuditStatus::Cancelled, None, AuditDetails::default());
        }
    }
}

impl<T: Transport> Client<T> {
    /// Sends one request, reads its response with `read`, and records the call.
    pub(in crate::client) async fn execute<R>(
        &self,
        request: &PreparedRequest,
        read: impl FnOnce(&Response) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let mut call = InFlightCall::for_request(self, request);
        let response = call.send(request).await;
        let result = response.and_then(|response| read(&response));
        call.finish(result)
    }

    /// Records the call if the checks rejected its data, so that nothing is sent. Returns `result`
    /// unchanged. `id` is the id of the session or dialog; `None` if the operation concerns neither.
    pub(in crate::client) fn record_rejection<P>(
        &self,
        operation: Operation,
        id: Option<&str>,
        result: Result<P, ValidationError>,
    ) -> Result<P, ValidationError> {
        result.inspect_err(|_| {
            self.inner.recorder.record(CompletedCall {
                operation,
                resource: id.map(ResourceId::new).as_ref(),
                status: AuditStatus::Refused,
                variables: 0,
                latency_ms: 0.0,
                details: AuditDetails { error: Some("validation"), ..AuditDetails::default() },
            });
        })
    }
}
