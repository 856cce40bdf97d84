//! Any number of injections, in as much memory as a few of them take.

use std::sync::Arc;

use futures_util::stream::{Stream, StreamExt};
use serde::Serialize;

use super::Client;
use super::injections::PreparedVariableInjection;
use super::journal::{ItemKey, Journal};
use super::transport::Transport;
use crate::api::PreparedRequest;
use crate::api::platform::PreparedContextInjection;
use crate::error::Error;
use crate::injection::InjectionPayload;
use crate::report::ValidationError;

/// One of many injections: checked, or refused.
#[derive(Clone, Debug)]
pub enum BulkItem {
    /// Variables that the server merges ([`Client::prepare_variable_injection`]).
    Variables(PreparedVariableInjection),
    /// Variables in the first form ([`Client::prepare_append`]).
    Appended(PreparedRequest),
    /// A context of the real platform ([`Client::prepare_context_injection`]).
    Context(PreparedContextInjection),
    /// One that was refused.
    Refused(ValidationError),
}

impl From<Result<PreparedVariableInjection, ValidationError>> for BulkItem {
    fn from(prepared: Result<PreparedVariableInjection, ValidationError>) -> Self {
        prepared.map_or_else(Self::Refused, Self::Variables)
    }
}

impl From<Result<PreparedRequest, ValidationError>> for BulkItem {
    fn from(prepared: Result<PreparedRequest, ValidationError>) -> Self {
        prepared.map_or_else(Self::Refused, Self::Appended)
    }
}

impl From<Result<PreparedContextInjection, ValidationError>> for BulkItem {
    fn from(prepared: Result<PreparedContextInjection, ValidationError>) -> Self {
        prepared.map_or_else(Self::Refused, Self::Context)
    }
}

impl BulkItem {
    fn call(&self) -> Result<&PreparedRequest, ValidationError> {
        match self {
            Self::Variables(prepared) => Ok(&prepared.call),
            Self::Appended(call) => Ok(call),
            Self::Context(prepared) => Ok(prepared.prepared_request()),
            Self::Refused(error) => Err(error.clone()),
        }
    }
}

/// How a bulk is to be sent.
#[derive(Clone, Default)]
pub struct BulkOptions {
    /// What remembers the items that are confirmed, so that a run that was killed can go on.
    pub journal: Option<Arc<dyn Journal>>,
    /// How many are under way at a time; as many as the client has at most when none is given.
    pub concurrency: Option<usize>,
}

impl std::fmt::Debug for BulkOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BulkOptions")
            .field("has_journal", &self.journal.is_some())
            .field("concurrency", &self.concurrency)
            .finish()
    }
}

/// What one item came to.
#[derive(Clone, Debug)]
pub struct BulkOutcome {
    /// Its place in the input, from 0.
    pub index: u64,
    /// The hash of its session id; none where that was refused.
    pub session: Option<String>,
    /// What it came to.
    pub result: Result<BulkStatus, Error>,
}

/// What an item without an error came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkStatus {
    /// It was injected, and the journal, where there is one, remembers it.
    InjectedVariables,
    /// It was injected, and the journal could not remember it: another run would inject it again.
    Unconfirmed,
    /// A run before has injected it.
    Skipped,
}

/// How many came to what.
///
/// ```
/// use cognigy_context::client::{BulkStatus, BulkOutcome, BulkSummary};
///
/// let mut summary = BulkSummary::default();
/// summary.add(&BulkOutcome { index: 0, session: None, result: Ok(BulkStatus::Skipped) });
/// assert_eq!((summary.total, summary.skipped), (1, 1));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BulkSummary {
    /// All.
    pub total: u64,
    /// Injected in this run, the unconfirmed included.
    pub injected: u64,
    /// Injected, and not remembered by the journal.
    pub unconfirmed: u64,
    /// Injected by a run before.
    pub skipped: u64,
    /// Refused, or failed.
    pub failed: u64,
}

impl BulkSummary {
    /// Counts one more.
    pub fn add(&mut self, outcome: &BulkOutcome) {
        self.total += 1;
        match outcome.result {
            Ok(BulkStatus::InjectedVariables) => self.injected += 1,
            Ok(BulkStatus::Unconfirmed) => {
                self.injected += 1;
                self.unconfirmed += 1;
            }
            Ok(BulkStatus::Skipped) => self.skipped += 1,
            Err(_) => self.failed += 1,
        }
    }
}

impl<T: Transport> Client<T> {
    /// Injects what a stream gives, some at a time, under the client's limits, and gives the outcome
    /// of each as it is known, which is not the order of the input. No more of the input is taken
    /// than is under way. With a journal every item is injected at least once over all runs, and one
    /// that is confirmed never again.
    ///
    /// An item waits for the client's own limit as long as it takes; its deadline begins then.
    pub fn inject_many<S>(
        &self,
        items: S,
        options: BulkOptions,
    ) -> impl Stream<Item = BulkOutcome> + use<T, S>
    where
        S: Stream,
        S::Item: Into<BulkItem>,
    {
        let concurrency = options.concurrency.unwrap_or(self.inner.settings.max_concurrent).max(1);
        let client = self.patient(concurrency);
        items
            .enumerate()
            .map(move |(index, item)| {
                let (client, journal) = (client.clone(), options.journal.clone());
                let item = item.into();
                async move { client.inject_one(index as u64, item, journal.as_deref()).await }
            })
            .buffer_unordered(concurrency)
    }

    /// The items of [`inject_many`](Self::inject_many) that payloads make.
    pub fn bulk_items<'c, V: Serialize + 'c>(
        &'c self,
        payloads: impl IntoIterator<Item = InjectionPayload<V>> + 'c,
    ) -> impl Iterator<Item = BulkItem> + 'c {
        payloads.into_iter().map(|payload| {
            let written = payload.to_json(&*self.inner.observer.clock);
            let count = payload.variables.len() as u64;
            self.prepare_variable_injection(&payload.session_id, written, count, None).into()
        })
    }

    /// This client with as much more time for its calls as their turns may take to come.
    fn patient(&self, concurrency: usize) -> Self {
        let rates = [self.inner.settings.rate, self.inner.settings.platform_rate];
        let longest = rates.into_iter().flatten().map(|rate| {
            let windows = concurrency / rate.requests.max(1) + 2;
            rate.window.saturating_mul(u32::try_from(windows).unwrap_or(u32::MAX))
        });
        self.with_deadline(self.deadline().saturating_add(longest.max().unwrap_or_default()))
    }

    async fn inject_one(
        &self,
        index: u64,
        item: BulkItem,
        journal: Option<&(dyn Journal + 'static)>,
    ) -> BulkOutcome {
        let (key, session) = match item.call() {
            Ok(call) => (ItemKey::of(index, call), call.resource_hash().map(str::to_owned)),
            Err(error) => return BulkOutcome { index, session: None, result: Err(error.into()) },
        };
        if journal.is_some_and(|journal| journal.is_confirmed(&key)) {
            return BulkOutcome { index, session, result: Ok(BulkStatus::Skipped) };
        }
        let sent = match item {
            BulkItem::Variables(prepared) => {
                self.send_variable_injection(&prepared).await.map(drop)
            }
            BulkItem::Appended(call) => self.send_append(&call).await.map(drop),
            BulkItem::Context(prepared) => self.send_context_injection(prepared).await.map(drop),
            BulkItem::Refused(error) => Err(error.into()),
        };
        let result = sent.map(|()| match journal.map(|journal| journal.confirm(&key)) {
            None | Some(Ok(())) => BulkStatus::InjectedVariables,
            Some(Err(error)) => {
                tracing::error!(%error, "the journal of a bulk could not be written");
                BulkStatus::Unconfirmed
            }
        });
        BulkOutcome { index, session, result }
    }
}
