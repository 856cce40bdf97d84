//! Bulk injection: any number of injections. Only the items in flight are in memory.

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

/// One item of a bulk injection: checked, or rejected.
#[derive(Clone, Debug)]
pub enum BulkItem {
    /// Variables that the server merges, through the v2 API ([`Client::prepare_variable_injection`]).
    Variables(PreparedVariableInjection),
    /// Variables through the v1 API ([`Client::prepare_append`]).
    Appended(PreparedRequest),
    /// A context, through the platform API ([`Client::prepare_context_injection`]).
    Context(PreparedContextInjection),
    /// An item that the checks rejected.
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
    fn request(&self) -> Result<&PreparedRequest, ValidationError> {
        match self {
            Self::Variables(prepared) => Ok(&prepared.request),
            Self::Appended(request) => Ok(request),
            Self::Context(prepared) => Ok(prepared.prepared_request()),
            Self::Refused(error) => Err(error.clone()),
        }
    }
}

/// The options of a bulk injection.
#[derive(Clone, Default)]
pub struct BulkOptions {
    /// Records confirmed items, so that another run can continue after the process was killed. Default:
    /// none.
    pub journal: Option<Arc<dyn Journal>>,
    /// The maximum number of items in flight; 0 counts as 1. Default:
    /// [`Settings::max_concurrent`](super::Settings::max_concurrent).
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

/// The outcome of one item.
#[derive(Clone, Debug)]
pub struct BulkOutcome {
    /// The index of the item in the input, from 0.
    pub index: u64,
    /// The hash of the session id; `None` for a rejected item.
    pub session: Option<String>,
    /// The status of the item, or its error.
    pub result: Result<BulkStatus, Error>,
}

/// The status of an item without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkStatus {
    /// The item was injected and, with a journal, confirmed.
    Injected,
    /// The item was injected, but the journal could not record it: another run injects the item again.
    Unconfirmed,
    /// An earlier run has injected the item.
    Skipped,
}

/// The number of items by status.
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
    /// All items.
    pub total: u64,
    /// Items injected in this run, including unconfirmed ones.
    pub injected: u64,
    /// Items injected in this run that the journal could not record.
    pub unconfirmed: u64,
    /// Items injected by an earlier run.
    pub skipped: u64,
    /// Items rejected or failed.
    pub failed: u64,
}

impl BulkSummary {
    /// Counts an outcome.
    pub fn add(&mut self, outcome: &BulkOutcome) {
        self.total += 1;
        match outcome.result {
            Ok(BulkStatus::Injected) => self.injected += 1,
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
    /// Injects the items of a stream concurrently, within the client's limits. Returns the outcomes in
    /// the order in which the items finish.
    ///
    /// The returned stream takes only as many items from `items` as are in flight. With a journal a
    /// confirmed item is never injected again, but an item that was injected when the process was killed
    /// may be. The deadline of an item is extended by the longest wait for the client's own rate limit.
    ///
    /// ```no_run
    /// # #[cfg(feature = "http")]
    /// # async fn example(client: cognigy_context::Client) -> std::io::Result<()> {
    /// use std::pin::pin;
    /// use std::sync::Arc;
    ///
    /// use cognigy_context::client::{BulkOptions, BulkSummary, FileJournal};
    /// use cognigy_context::{InjectionPayload, InjectionVariable};
    /// use futures_util::{StreamExt, stream};
    ///
    /// let journal = FileJournal::open("rows.journal")?;
    /// let options = BulkOptions { journal: Some(Arc::new(journal)), ..BulkOptions::default() };
    /// let payloads = ["session-1", "session-2"]
    ///     .map(|session| InjectionPayload::new(session, [InjectionVariable::new("tier", "gold")]));
    /// let mut outcomes =
    ///     pin!(client.inject_many(stream::iter(client.bulk_items(payloads)), options));
    /// let mut summary = BulkSummary::default();
    /// while let Some(outcome) = outcomes.next().await {
    ///     summary.add(&outcome);
    /// }
    /// println!("{} injected, {} failed", summary.injected, summary.failed);
    /// # Ok(())
    /// # }
    /// ```
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
        let client = self.with_rate_limit_slack(concurrency);
        items
            .enumerate()
            .map(move |(index, item)| {
                let (client, journal) = (client.clone(), options.journal.clone());
                let item = item.into();
                async move { client.inject_one(index as u64, item, journal.as_deref()).await }
            })
            .buffer_unordered(concurrency)
    }

    /// Checks payloads and returns them as items for [`inject_many`](Self::inject_many).
    pub fn bulk_items<'c, V: Serialize + 'c>(
        &'c self,
        payloads: impl IntoIterator<Item = InjectionPayload<V>> + 'c,
    ) -> impl Iterator<Item = BulkItem> + 'c {
        payloads.into_iter().map(|payload| {
            let checked_body = payload.to_json(&*self.inner.recorder.clock);
            let count = payload.variables.len() as u64;
            self.prepare_variable_injection(&payload.session_id, checked_body, count, None).into()
        })
    }

    /// Returns a clone whose deadline also includes the longest wait for the rate limit of one item.
    fn with_rate_limit_slack(&self, concurrency: usize) -> Self {
        let rates = [self.inner.settings.rate, self.inner.settings.platform_rate];
        let waits = rates.into_iter().flatten().map(|rate| {
            // One more window, because the division rounds down, and one that earlier calls have used up.
            let windows = concurrency / rate.requests.max(1) + 2;
            rate.window.saturating_mul(u32::try_from(windows).unwrap_or(u32::MAX))
        });
        self.with_deadline(self.deadline().saturating_add(waits.max().unwrap_or_default()))
    }

    async fn inject_one(
        &self,
        index: u64,
        item: BulkItem,
        journal: Option<&(dyn Journal + 'static)>,
    ) -> BulkOutcome {
        let (key, session) = match item.request() {
            Ok(request) => {
                (ItemKey::for_request(index, request), request.resource_hash().map(str::to_owned))
            }
            Err(error) => return BulkOutcome { index, session: None, result: Err(error.into()) },
        };
        if journal.is_some_and(|journal| journal.is_confirmed(&key)) {
            return BulkOutcome { index, session, result: Ok(BulkStatus::Skipped) };
        }
        let result = match item {
            BulkItem::Variables(prepared) => {
                self.send_variable_injection(&prepared).await.map(drop)
            }
            BulkItem::Appended(request) => self.send_append(&request).await.map(drop),
            BulkItem::Context(prepared) => self.send_context_injection(prepared).await.map(drop),
            BulkItem::Refused(error) => Err(error.into()),
        };
        let result = result.map(|()| match journal.map(|journal| journal.confirm(&key)) {
            None | Some(Ok(())) => BulkStatus::Injected,
            Some(Err(error)) => {
                tracing::error!(%error, "the bulk journal failed: another run injects the item again");
                BulkStatus::Unconfirmed
            }
        });
        BulkOutcome { index, session, result }
    }
}
