//! One call under way: its attempts, its waits and its deadline. The one loop of all operations, in
//! every language.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::auth::Way;
use super::limiter::Limiter;
use super::retry::{self, Decision, Outcome};
use super::transport::{Limits, Transport, TransportError};
use super::{Client, Inner};
use crate::api::{
    AccessToken, ApiFamily, Authorization, Credential, Idempotency, Method, Operation,
    PreparedRequest, Request, ResourceId, Response, RetryAfter, TokenRequest, error_from_response,
};
use crate::error::{ApiError, ApiErrorKind, Error};

/// A call under way. Dropped before it has [landed](Self::land), it is told as given up.
pub(super) struct Flight<'c, T: Transport> {
    pub(super) client: &'c Client<T>,
    pub(super) operation: Operation,
    pub(super) subject: Option<ResourceId>,
    pub(super) variables: u64,
    pub(super) started: Duration,
    deadline: Duration,
    /// How many requests were sent for it, those for tokens not counted.
    pub(super) attempts: u32,
    /// The status of the last answer.
    pub(super) status: Option<u16>,
    /// How long the server of the last answer wanted to be left alone.
    retry_after: Option<Duration>,
    /// Whether an attempt that failed may have taken effect.
    pub(super) is_ambiguous: bool,
    pub(super) is_landed: bool,
}

impl<'c, T: Transport> Flight<'c, T> {
    pub(super) fn new(
        client: &'c Client<T>,
        operation: Operation,
        subject: Option<ResourceId>,
    ) -> Self {
        let started = client.inner.transport.now();
        Self {
            client,
            operation,
            subject,
            variables: 0,
            started,
            deadline: started.saturating_add(client.deadline()),
            attempts: 0,
            status: None,
            retry_after: None,
            is_ambiguous: false,
            is_landed: false,
        }
    }

    pub(super) fn of(client: &'c Client<T>, call: &PreparedRequest) -> Self {
        let mut flight = Self::new(client, call.operation, call.resource.clone());
        flight.variables = call.variables;
        flight
    }

    pub(super) fn inner(&self) -> &'c Inner<T> {
        &self.client.inner
    }

    fn now(&self) -> Duration {
        self.inner().transport.now()
    }

    fn remaining(&self) -> Duration {
        self.deadline.saturating_sub(self.now())
    }

    /// Sends a request until there is an answer that stands, whatever its status.
    pub(super) async fn send(&mut self, call: &PreparedRequest) -> Result<Response, Error> {
        let family = call.operation.family();
        let mut retries = 0;
        let mut has_second_token = false;
        loop {
            let credential = self.credential(family).await?;
            let authorization = Authorization {
                credential: credential.clone(),
                organisation: self.inner().auth.organisation.clone(),
            };
            let request = call.request(&self.inner().base_url, Some(&authorization));
            let timeout = self.inner().settings.attempt_timeout;
            let answer = self.exchange(family, request, timeout, true).await?;
            if let Ok(response) = &answer
                && response.status == 401
                && !has_second_token
                && self.throw_away(family, &credential)
            {
                has_second_token = true;
                continue;
            }
            if call.method != Method::Get
                && let Some(outcome) = self.outcome(&answer)
            {
                self.is_ambiguous |= outcome.may_have_taken_effect();
            }
            if let Some(answer) = self.settle(answer, call.idempotency, &mut retries).await? {
                return Ok(answer);
            }
        }
    }

    /// One exchange, when the limiter and the number of those under way let it.
    async fn exchange(
        &mut self,
        family: ApiFamily,
        request: Request,
        timeout: Duration,
        counts: bool,
    ) -> Result<Result<Response, TransportError>, Error> {
        let inner = self.inner();
        let limiter = inner.limiter(family);
        if let Some(limiter) = limiter {
            let turn = limiter.reserve(self.now(), self.deadline);
            self.sleep(turn.map_err(|wait| self.too_long(wait))?).await;
        }
        let _place = loop {
            let place = self.within(self.remaining(), inner.places.acquire()).await;
            let place = place.ok_or_else(|| self.late("too many calls are under way"))?;
            let Some(wait) = limiter.and_then(|limiter: &Limiter| limiter.go(self.now()).err())
            else {
                break place;
            };
            drop(place);
            if wait > self.remaining() {
                return Err(self.too_long(wait));
            }
            self.sleep(wait).await;
        };
        let timeout = timeout.min(self.remaining());
        if timeout.is_zero() {
            return Err(self.late("no time was left to send the request"));
        }
        if counts {
            self.attempts += 1;
        }
        let limits = Limits { timeout, max_body: inner.settings.max_body };
        let answer = inner.transport.send(request, limits).await;
        let response = answer.as_ref().ok();
        self.status = match &answer {
            Ok(response) => Some(response.status),
            Err(TransportError::TooLarge { status }) => *status,
            Err(_) => None,
        };
        self.retry_after = response
            .and_then(|response| response.header("retry-after"))
            .and_then(RetryAfter::parse)
            .map(|retry_after| retry_after.wait(inner.observer.clock.now()));
        Ok(answer)
    }

    /// What came of an attempt that brought no success.
    fn outcome(&self, answer: &Result<Response, TransportError>) -> Option<Outcome> {
        match answer {
            Ok(response) if response.status < 300 => None,
            Ok(Response { status, .. }) => {
                Some(Outcome::Answer { status: *status, retry_after: self.retry_after })
            }
            Err(error) => Some(Outcome::NoAnswer(*error)),
        }
    }

    /// Gives the answer when it stands; none after a wait, when the request is to be sent again.
    async fn settle(
        &mut self,
        answer: Result<Response, TransportError>,
        repeat: Idempotency,
        retries: &mut u32,
    ) -> Result<Option<Response>, Error> {
        let Some(outcome) = self.outcome(&answer) else {
            return answer.map(Some).map_err(|error| self.no_answer(error));
        };
        let inner = self.inner();
        let (most, random) = (inner.settings.max_retries, inner.transport.random());
        let Decision::Again(wait) = retry::decide(outcome, *retries, most, repeat, random) else {
            return answer.map(Some).map_err(|error| self.no_answer(error));
        };
        if wait > self.remaining() {
            return match answer {
                Ok(response) if outcome.asked_wait().is_some() => {
                    Err(self.asked_too_long(&response))
                }
                answer => answer.map(Some).map_err(|error| self.no_answer(error)),
            };
        }
        tracing::debug!(
            operation = self.operation.as_str(),
            attempt = self.attempts,
            status = self.status,
            wait_ms = wait.as_millis() as u64,
            "trying again"
        );
        self.sleep(wait).await;
        *retries += 1;
        Ok(None)
    }

    /// The key or token for a family, got first where it has to be.
    async fn credential(&mut self, family: ApiFamily) -> Result<Credential, Error> {
        let inner = self.inner();
        let way = inner.auth.way(family);
        if let Way::Fixed(credential) = way {
            return Ok(credential.clone());
        }
        let Some(slot) = inner.auth.slot(family) else {
            return Err(self.late("there is no place for a token"));
        };
        let rounds = slot.rounds();
        if let Some(token) = slot.fresh(self.now()) {
            return Ok(Credential::Bearer(token));
        }
        // One gets the token, the others wait here for it.
        let turn = self.within(self.remaining(), slot.turn.lock()).await;
        let _turn = turn.ok_or_else(|| self.late_token("no token came in time"))?;
        if let Some(token) = slot.fresh(self.now()) {
            return Ok(Credential::Bearer(token));
        }
        if let Some(error) = slot.failed_since(rounds) {
            return Err(error);
        }
        let asked = self.now();
        match self.fetch(family, way).await {
            Ok(token) => {
                let margin = family.token().margin;
                slot.keep(&token, asked, inner.settings.token_lifetime, margin);
                Ok(Credential::Bearer(token.secret))
            }
            Err(Error::Api(mut failure)) => {
                failure.during_token = true;
                // That the time of this call ran out says nothing to the others.
                if failure.kind != ApiErrorKind::Deadline {
                    slot.fail(Error::Api(failure.clone()));
                }
                Err(Error::Api(failure))
            }
            Err(other) => Err(other),
        }
    }

    /// Gets a token.
    async fn fetch(&mut self, family: ApiFamily, way: &Way) -> Result<AccessToken, Error> {
        let inner = self.inner();
        let timeout = inner.settings.token_timeout;
        let (client_id, client_secret) = match way {
            Way::Client { id, secret } => (id, secret),
            Way::Source(source) => {
                let token = self.within(timeout.min(self.remaining()), source.token(family)).await;
                return match token {
                    Some(Ok(token)) => Ok(token),
                    Some(Err(_)) => Err(ApiError::new(
                        ApiErrorKind::Authentication,
                        Operation::GetToken.as_str(),
                    )
                    .detail("the token source failed")
                    .into()),
                    None => Err(self.late_token("the token source gave no token in time")),
                };
            }
            Way::Fixed(_) => return Err(self.late_token("a fixed key needs no token")),
        };
        let preset = family.token();
        let configured = inner.auth.token_urls.get(&family);
        let url = configured.cloned().unwrap_or_else(|| inner.base_url.join(preset.path));
        let request = TokenRequest {
            url: &url,
            client_id,
            client_secret,
            scope: inner.auth.scope(family),
            basic: preset.basic,
            organisation: inner.auth.organisation.as_deref(),
        };
        let request = request.request();
        let mut retries = 0;
        loop {
            let answer = self.exchange(family, request.clone(), timeout, false).await?;
            // A token that nobody got is a token that nobody uses.
            if let Some(answer) = self.settle(answer, Idempotency::Idempotent, &mut retries).await?
            {
                return TokenRequest::read(&answer);
            }
        }
    }

    /// Throws away the token that was refused. Answers whether there can be another.
    fn throw_away(&self, family: ApiFamily, refused: &Credential) -> bool {
        let auth = &self.inner().auth;
        match (auth.way(family), auth.slot(family), refused) {
            (Way::Fixed(_), ..) | (_, None, _) | (.., Credential::ApiKey(_)) => false,
            (_, Some(slot), Credential::Bearer(token)) => {
                slot.discard(token);
                true
            }
        }
    }

    pub(super) async fn sleep(&self, time: Duration) {
        if !time.is_zero() {
            self.inner().transport.sleep(time).await;
        }
    }

    /// Waits a moment drawn by lot, so that those who collided do not collide again.
    ///
    /// # Errors
    /// A failure of kind `deadline` when that would be too long.
    pub(super) async fn step_back(&self, round: u32) -> Result<(), Error> {
        // A conflict is over in as much time as a request takes, so the waits begin small.
        let wait = retry::backoff(round, self.inner().transport.random()) / 20;
        if wait >= self.remaining() {
            return Err(self.late("others kept changing it"));
        }
        self.sleep(wait).await;
        Ok(())
    }

    pub(super) async fn within<W: Future>(&self, time: Duration, work: W) -> Option<W::Output> {
        let sleep = pin!(self.inner().transport.sleep(time));
        match select(pin!(work), sleep).await {
            Either::Left((output, _)) => Some(output),
            Either::Right(_) => None,
        }
    }

    /// Waits for a lock until the deadline.
    pub(super) async fn until_deadline<W: Future>(&self, work: W) -> Result<W::Output, Error> {
        let output = self.within(self.remaining(), work).await;
        output.ok_or_else(|| self.late("other calls for this session took too long"))
    }

    fn late(&self, detail: &'static str) -> Error {
        ApiError::new(ApiErrorKind::Deadline, self.operation.as_str()).detail(detail).into()
    }

    fn late_token(&self, detail: &'static str) -> Error {
        let mut failure =
            ApiError::new(ApiErrorKind::Deadline, self.operation.as_str()).detail(detail);
        failure.during_token = true;
        failure.into()
    }

    /// This client's own limit would hold the request back for too long.
    fn too_long(&self, wait: Duration) -> Error {
        let mut failure = ApiError::new(ApiErrorKind::RateLimit, self.operation.as_str())
            .detail("this client's own limit would hold the request back past its deadline");
        failure.retry_after = Some(wait.as_secs_f64());
        failure.into()
    }

    /// The server wants to be left alone for too long.
    fn asked_too_long(&self, response: &Response) -> Error {
        let failure = error_from_response(self.operation, response);
        let mut failure = failure
            .unwrap_or_else(|| ApiError::new(ApiErrorKind::RateLimit, self.operation.as_str()))
            .detail("the server wants to be left alone for longer than the call may take");
        failure.kind = ApiErrorKind::RateLimit;
        failure.into()
    }

    fn no_answer(&self, error: TransportError) -> Error {
        let kind = match error {
            TransportError::Unreachable | TransportError::Broken | TransportError::Aborted => {
                ApiErrorKind::Network
            }
            TransportError::TimedOut => ApiErrorKind::Deadline,
            TransportError::TooLarge { .. } => ApiErrorKind::Protocol,
        };
        let mut failure = ApiError::new(kind, self.operation.as_str()).detail(error.sentence());
        failure.status = self.status;
        failure.into()
    }

    /// Says in an error what only the call as a whole knows.
    pub(super) fn complete(&self, error: Error) -> Error {
        let Error::Api(mut failure) = error else { return error };
        failure.operation = self.operation.as_str();
        failure.attempts = self.attempts;
        failure.session = self.subject.as_ref().map(|subject| subject.hash.clone());
        if failure.retry_after.is_none()
            && failure.status.is_some()
            && failure.status == self.status
        {
            failure.retry_after = self.retry_after.map(|wait| wait.as_secs_f64());
        }
        if failure.kind == ApiErrorKind::PermissionDenied && !failure.during_token {
            failure.needed_scope = self.operation.needed_scope();
        }
        Error::Api(failure)
    }

    /// How long it has taken, in milliseconds.
    pub(super) fn latency_ms(&self) -> f64 {
        self.now().saturating_sub(self.started).as_secs_f64() * 1_000.0
    }
}
