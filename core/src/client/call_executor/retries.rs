//! Retries a call: the outcome of its last attempt, whether to send it again, and the wait before that.

use std::time::Duration;

use super::InFlightCall;
use crate::api::{Idempotency, Response};
use crate::client::retry::{self, Decision, Outcome};
use crate::client::transport::{Transport, TransportError};
use crate::error::Error;

impl<T: Transport> InFlightCall<'_, T> {
    /// Returns the outcome of an attempt that failed, or `None` for a 2xx response.
    pub(super) fn failed_outcome(
        &self,
        result: &Result<Response, TransportError>,
    ) -> Option<Outcome> {
        match result {
            Ok(response) if response.status < 300 => None,
            Ok(Response { status, .. }) => {
                Some(Outcome::Response { status: *status, retry_after: self.retry_after })
            }
            Err(error) => Some(Outcome::NoResponse(*error)),
        }
    }

    /// Returns the response when the request must not be sent again, or when the backoff lies beyond the
    /// deadline. Otherwise waits, adds 1 to `retries` and returns `None`.
    ///
    /// # Errors
    /// The transport's error when it is not retried, and
    /// [`RateLimit`](crate::ApiErrorKind::RateLimit) when `Retry-After` lies beyond the deadline.
    pub(super) async fn retry_or_return(
        &self,
        result: Result<Response, TransportError>,
        idempotency: Idempotency,
        retries: &mut u32,
    ) -> Result<Option<Response>, Error> {
        let Some(outcome) = self.failed_outcome(&result) else {
            return result.map(Some).map_err(|error| self.transport_error(error));
        };
        let inner = self.inner();
        let (max, random) = (inner.settings.max_retries, inner.transport.random());
        let decision = retry::decide(outcome, *retries, max, idempotency, random);
        let Decision::Retry(wait) = decision else {
            return result.map(Some).map_err(|error| self.transport_error(error));
        };
        if wait > self.remaining() {
            return match result {
                Ok(response) if outcome.server_retry_after().is_some() => {
                    Err(self.retry_after_error(&response, wait))
                }
                result => result.map(Some).map_err(|error| self.transport_error(error)),
            };
        }
        tracing::debug!(
            operation = self.operation.as_str(),
            attempt = self.attempts,
            status = self.status,
            wait_ms = wait.as_millis() as u64,
            "retrying the request"
        );
        self.sleep(wait).await;
        *retries += 1;
        Ok(None)
    }

    /// Waits a random time before the resource is read and written again after a conflict. `round` counts
    /// the conflicts from 0.
    ///
    /// # Errors
    /// [`Deadline`](crate::ApiErrorKind::Deadline) when the deadline does not allow the wait.
    pub(in crate::client) async fn conflict_backoff(&self, round: u32) -> Result<(), Error> {
        /// A conflict ends after about one request, so its waits are shorter than those of a retry.
        const BACKOFF_DIVISOR: u32 = 20;
        let backoff = retry::backoff(round, self.inner().transport.random());
        let wait: Duration = backoff / BACKOFF_DIVISOR;
        if wait >= self.remaining() {
            return Err(self.deadline_error("other writers caused conflicts until the deadline"));
        }
        self.sleep(wait).await;
        Ok(())
    }
}
