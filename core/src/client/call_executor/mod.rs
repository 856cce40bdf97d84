//! The loop that executes a call: token, rate limit, concurrency permit, request, retry. All operations
//! in all languages use it.
//!
//! ```text
//!  send ─▶ credential ─▶ acquire_permit ─▶ Transport ─▶ retry_or_return ─▶ finish
//!   ▲      tokens.rs     permits.rs                     retries.rs   │     completion.rs
//!   └────────────────── after a wait ────────────────────────────────┘
//! ```

mod completion;
mod errors;
mod permits;
mod retries;
mod tokens;

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::transport::{Limits, Transport, TransportError};
use super::{Client, Inner};
use crate::api::{
    ApiFamily, Authorization, Method, Operation, PreparedRequest, Request, ResourceId, Response,
    RetryAfter, Secret,
};
use crate::error::Error;

/// A call that is being executed: its deadline, its attempts and its last response. A call that is
/// dropped before it is [finished](Self::finish) is recorded as cancelled.
pub(super) struct InFlightCall<'c, T: Transport> {
    client: &'c Client<T>,
    pub(super) operation: Operation,
    /// The session or dialog that the call concerns.
    resource: Option<ResourceId>,
    /// The number of variables that the call sends or has read.
    pub(super) variables: u64,
    /// The start of the call, in the time of [`Transport::now`].
    started_at: Duration,
    /// The end of the time limit of the call, in the same time.
    deadline: Duration,
    /// The number of requests that were sent, without those for tokens.
    attempts: u32,
    /// The status of the response to the last request; `None` without a response.
    pub(super) status: Option<u16>,
    /// The wait that the response to the last request requires with `Retry-After`, if any.
    retry_after: Option<Duration>,
    /// The timeout of the last request, token requests included.
    timeout: Duration,
    /// Whether a failed attempt, other than a GET, may have taken effect.
    pub(super) is_ambiguous: bool,
    /// Whether the last write of the call had a condition.
    was_guarded: bool,
    is_finished: bool,
    /// The credentials that the call sent, which no text of the server may repeat in its error.
    sent_credentials: Vec<Secret>,
}

impl<'c, T: Transport> InFlightCall<'c, T> {
    pub(super) fn new(
        client: &'c Client<T>,
        operation: Operation,
        resource: Option<ResourceId>,
    ) -> Self {
        let started_at = client.inner.transport.now();
        Self {
            client,
            operation,
            resource,
            variables: 0,
            started_at,
            deadline: started_at.saturating_add(client.deadline()),
            attempts: 0,
            status: None,
            retry_after: None,
            timeout: Duration::ZERO,
            is_ambiguous: false,
            was_guarded: false,
            is_finished: false,
            sent_credentials: Vec::new(),
        }
    }

    pub(super) fn for_request(client: &'c Client<T>, request: &PreparedRequest) -> Self {
        let mut call = Self::new(client, request.operation, request.resource.clone());
        call.variables = request.variables;
        call
    }

    /// Sends a request, and sends it again while the retry policy and the deadline allow it; once also
    /// with a new token after a 401. Returns the last response, whatever its status.
    ///
    /// # Errors
    /// [`Error::Api`] when there is no token, no response, or not enough time until the deadline.
    pub(super) async fn send(&mut self, prepared: &PreparedRequest) -> Result<Response, Error> {
        let family = prepared.operation.family();
        if prepared.method != Method::Get {
            self.was_guarded = prepared.if_match.is_some();
        }
        let mut retries = 0;
        let mut has_second_token = false;
        loop {
            let credential = self.credential(family).await?;
            let authorization = Authorization {
                credential: credential.clone(),
                organisation: self.inner().auth.tenant_id.clone(),
            };
            let request = prepared.request(&self.inner().base_url, Some(&authorization));
            let timeout = self.inner().settings.attempt_timeout;
            let result = self.send_once(family, request, timeout, true).await?;
            if let Ok(response) = &result
                && response.status == 401
                && !has_second_token
                && self.invalidate_token(family, &credential)
            {
                has_second_token = true;
                continue;
            }
            if prepared.method != Method::Get
                && let Some(outcome) = self.failed_outcome(&result)
            {
                self.is_ambiguous |= outcome.may_have_taken_effect();
            }
            if let Some(response) =
                self.retry_or_return(result, prepared.idempotency(), &mut retries).await?
            {
                return Ok(response);
            }
        }
    }

    /// Sends one request as soon as the rate limit and the concurrency limit allow it, and stores the
    /// status and the `Retry-After` of the response. `is_attempt` is false for token requests.
    ///
    /// # Errors
    /// [`Error::Api`] when the request was not sent. The inner error means that there is no response.
    async fn send_once(
        &mut self,
        family: ApiFamily,
        request: Request,
        timeout: Duration,
        is_attempt: bool,
    ) -> Result<Result<Response, TransportError>, Error> {
        let inner = self.inner();
        let _permit = self.acquire_permit(family).await?;
        let timeout = timeout.min(self.remaining());
        if timeout.is_zero() {
            return Err(self.deadline_error("the deadline passed before the request was sent"));
        }
        self.timeout = timeout;
        if is_attempt {
            self.attempts += 1;
        }
        for credential in request.credentials() {
            if !self.sent_credentials.contains(&credential) {
                self.sent_credentials.push(credential);
            }
        }
        let limits = Limits { timeout, max_body: inner.settings.max_body };
        let result = inner.transport.send(request, limits).await;
        self.status = match &result {
            Ok(response) => Some(response.status),
            Err(TransportError::TooLarge { status }) => *status,
            Err(_) => None,
        };
        self.retry_after = result
            .as_ref()
            .ok()
            .and_then(|response| response.header("retry-after"))
            .and_then(RetryAfter::parse)
            .map(|retry_after| retry_after.wait(inner.recorder.clock.now()));
        Ok(result)
    }

    /// Returns the tag of a response for the `If-Match` of a write that follows. Logs a warning when that write
    /// overwrites the changes of others unnoticed although it should not: when the response has an `ETag` that cannot
    /// be used, or when it has none although the last write of the call had a condition.
    pub(super) fn tag_for_write(&self, response: &Response) -> Option<String> {
        let tag = response.entity_tag();
        let operation = self.operation.as_str();
        if let Some(reason) = tag.unusable_reason() {
            tracing::warn!(
                operation,
                "the write is unguarded: the server's `ETag` cannot be sent as `If-Match`, because {reason}"
            );
        } else if self.was_guarded && tag.strong().is_none() {
            tracing::warn!(
                operation,
                "the write after a conflict is unguarded: the response has no `ETag`"
            );
        }
        tag.strong().map(str::to_owned)
    }

    fn inner(&self) -> &'c Inner<T> {
        &self.client.inner
    }

    fn now(&self) -> Duration {
        self.inner().transport.now()
    }

    /// Returns the time until the deadline.
    fn remaining(&self) -> Duration {
        self.deadline.saturating_sub(self.now())
    }

    /// Returns the time since the call started, in milliseconds.
    pub(super) fn latency_ms(&self) -> f64 {
        self.now().saturating_sub(self.started_at).as_secs_f64() * 1_000.0
    }

    async fn sleep(&self, duration: Duration) {
        if !duration.is_zero() {
            self.inner().transport.sleep(duration).await;
        }
    }

    /// Awaits `future` for up to `timeout`. Returns `None` on timeout.
    async fn with_timeout<F: Future>(&self, timeout: Duration, future: F) -> Option<F::Output> {
        let sleep = pin!(self.inner().transport.sleep(timeout));
        match select(pin!(future), sleep).await {
            Either::Left((output, _)) => Some(output),
            Either::Right(_) => None,
        }
    }

    /// Awaits a session's lock until the deadline.
    ///
    /// # Errors
    /// [`Deadline`](crate::ApiErrorKind::Deadline) when other calls keep the lock until the deadline.
    pub(super) async fn lock_before_deadline<F: Future>(
        &self,
        lock: F,
    ) -> Result<F::Output, Error> {
        let guard = self.with_timeout(self.remaining(), lock).await;
        guard.ok_or_else(|| {
            self.deadline_error("other calls for this session did not finish before the deadline")
        })
    }
}
