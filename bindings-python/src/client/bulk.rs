//! Bulk injections: the classes `BulkOutcome` and `BulkRun`, and the Rust part of `AsyncBulkRun`.
//!
//! The caller's thread reads the input from Python, and never further ahead than the limit of concurrent
//! injections. So memory does not grow with the input.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use cognigy_context::client::{
    BulkItem, BulkOptions, BulkOutcome, BulkStatus, BulkSummary, FileJournal,
};
use futures_util::StreamExt;
use pyo3::exceptions::PyStopIteration;
use pyo3::prelude::*;
use pyo3::types::PyIterator;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::arguments::payload_of;
use super::asyncio::start;
use super::methods::{ClientMethods, to_python_object};
use super::pending_call::{PendingCall, wait};
use crate::errors;
use crate::files;
use crate::from_python::value_of;
use crate::runtime::{self, Task, callback_queue, lock};

/// Outcome of one item of a bulk run.
///
/// Attributes:
///     index: Position of the item in the input, from 0.
///     session: SHA-256 of the session id, or ``None`` when the item was invalid.
///     status: ``"injected"``; ``"unconfirmed"``: injected, but the journal could not record it;
///         ``"skipped"``: an earlier run injected it; or ``"failed"``.
///     error: The :class:`CognigyError` of a failed item, or ``None``.
#[pyclass(frozen, get_all, name = "BulkOutcome", module = "cognigy_context")]
pub(crate) struct PyBulkOutcome {
    /// Position of the item in the input, from 0.
    index: u64,
    /// SHA-256 of the session id, or ``None`` when the item was invalid.
    session: Option<String>,
    /// ``"injected"``, ``"unconfirmed"``, ``"skipped"`` or ``"failed"``.
    status: &'static str,
    /// The :class:`CognigyError` of a failed item, or ``None``.
    error: Option<Py<PyAny>>,
}

#[pymethods]
impl PyBulkOutcome {
    // A `repr` shows no values, because reprs end up in logs.
    fn __repr__(&self) -> String {
        format!("<BulkOutcome index={} status='{}'>", self.index, self.status)
    }
}

impl PyBulkOutcome {
    fn to_python(py: Python<'_>, outcome: BulkOutcome) -> PyResult<Py<PyAny>> {
        let (status, error) = match outcome.result {
            Ok(BulkStatus::Injected) => ("injected", None),
            Ok(BulkStatus::Unconfirmed) => ("unconfirmed", None),
            Ok(BulkStatus::Skipped) => ("skipped", None),
            Err(error) => ("failed", Some(errors::of_error(py, error).into_value(py).into_any())),
        };
        let BulkOutcome { index, session, .. } = outcome;
        Ok(Py::new(py, Self { index, session, status, error })?.into_any())
    }
}

/// A bulk injection in progress.
pub(super) struct Bulk {
    calls: ClientMethods,
    concurrency: u64,
    on_progress: Option<Py<PyAny>>,
    outcomes: Arc<tokio::sync::Mutex<UnboundedReceiver<BulkOutcome>>>,
    journal: Option<Arc<FileJournal>>,
    /// Never locked while Python code runs.
    state: Mutex<State>,
    task: Task,
}

struct State {
    /// `None` once the input has ended.
    items: Option<UnboundedSender<BulkItem>>,
    /// The number of items that were read from the input and started.
    started_count: u64,
    /// `total` is the number of outcomes so far.
    summary: BulkSummary,
}

impl Bulk {
    /// Starts a bulk injection without any input.
    ///
    /// # Errors
    /// `BlockingIOError` when another run uses the journal, `ConfigurationError` when the file is not
    /// a journal or the client is closed, `OSError` when the file cannot be opened.
    pub(super) fn new(
        py: Python<'_>,
        calls: ClientMethods,
        journal: Option<JournalFile>,
        concurrency: Option<usize>,
        on_progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let client = calls.client(py)?;
        let journal = journal.map(|file| file.open(py)).transpose()?;
        let concurrency = concurrency.unwrap_or(client.settings().max_concurrent).max(1);
        let options = BulkOptions {
            journal: journal.clone().map(|journal| journal as _),
            concurrency: Some(concurrency),
        };
        let (items, mut input) = unbounded_channel();
        let (completed, outcomes) = unbounded_channel();
        let task = runtime::spawn(py, async move {
            let input = futures_util::stream::poll_fn(move |context| input.poll_recv(context));
            let mut results = std::pin::pin!(client.inject_many(input, options));
            while let Some(outcome) = results.next().await {
                // Fails when the bulk was cancelled.
                let _ = completed.send(outcome);
            }
        })?;
        Ok(Self {
            calls,
            concurrency: concurrency as u64,
            on_progress,
            outcomes: Arc::new(tokio::sync::Mutex::new(outcomes)),
            journal,
            state: Mutex::new(State {
                items: Some(items),
                started_count: 0,
                summary: BulkSummary::default(),
            }),
            task,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Returns whether the next item of the input can be started now.
    fn has_capacity(&self) -> bool {
        let state = self.state();
        state.items.is_some() && state.started_count - state.summary.total < self.concurrency
    }

    /// Returns whether there is a started item whose outcome was not returned.
    fn is_in_progress(&self) -> bool {
        let state = self.state();
        state.started_count > state.summary.total
    }

    /// Checks and starts one item of the input.
    fn feed(&self, py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<()> {
        let item = self.item_of(py, item);
        callback_queue::drain(py);
        let item = item?;
        let mut state = self.state();
        state.started_count += 1;
        if let Some(items) = &state.items {
            // Fails when the bulk was cancelled.
            let _ = items.send(item);
        }
        Ok(())
    }

    fn item_of(&self, py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<BulkItem> {
        let client = self.calls.client(py)?;
        let (payload, crm_payload) = match item.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>() {
            Ok((payload, crm_payload)) => (payload, Some(value_of(&crm_payload)?)),
            Err(_) => (item.clone(), None),
        };
        let payload = payload_of(&payload)?;
        Ok(self.calls.prepare_injection(&client, &payload, crm_payload)?.into())
    }

    /// Marks the end of the input.
    fn finish(&self) {
        self.state().items = None;
        self.close_journal_when_done();
    }

    /// Counts an outcome.
    fn count(&self, outcome: &BulkOutcome) {
        self.state().summary.add(outcome);
        self.close_journal_when_done();
    }

    /// Closes the journal once all outcomes are counted. Otherwise the task drops it a moment later.
    fn close_journal_when_done(&self) {
        let is_done = {
            let state = self.state();
            state.items.is_none() && state.started_count == state.summary.total
        };
        if is_done {
            self.close_journal();
        }
    }

    /// Releases the journal's lock, so that the next run can open it at once.
    fn close_journal(&self) {
        if let Some(journal) = &self.journal {
            journal.close();
        }
    }

    fn summary(&self) -> BulkSummary {
        self.state().summary
    }

    /// Cancels the items in progress and discards the outcomes that were not returned.
    fn cancel(&self) {
        {
            let mut state = self.state();
            state.items = None;
            state.started_count = state.summary.total;
        }
        self.task.abort();
        self.close_journal();
    }
}

impl Drop for Bulk {
    fn drop(&mut self) {
        // Aborted first, so that nothing is sent that is not in the journal.
        self.task.abort();
        self.close_journal();
    }
}

/// The file of a journal, which is not open yet.
pub(super) struct JournalFile {
    pub(super) path: PathBuf,
    /// Whether each confirmed item is on the disk.
    pub(super) is_durable: bool,
}

impl JournalFile {
    /// Opens the journal without the GIL, because it may be large or on a slow disk.
    fn open(self, py: Python<'_>) -> PyResult<Arc<FileJournal>> {
        let Self { path, is_durable } = self;
        let opened = py.detach(|| {
            if is_durable { FileJournal::open_durable(&path) } else { FileJournal::open(&path) }
        });
        // Passes the warning about damaged lines to `logging`.
        callback_queue::drain(py);
        opened.map(Arc::new).map_err(|error| files::of_io_error(py, "journal", &path, &error))
    }
}

/// Returns a call that waits for the next outcome. Its result is `None` when no outcomes follow.
fn next_outcome(bulk: &Arc<Bulk>) -> PendingCall {
    let outcomes = Arc::clone(&bulk.outcomes);
    let bulk = Arc::clone(bulk);
    PendingCall::infallible(
        async move { outcomes.lock().await.recv().await },
        move |py, outcome| {
            let Some(outcome) = outcome else {
                // Closed here as well: after Ctrl-C ended a wait, its outcome is never counted.
                bulk.close_journal();
                return Ok(py.None());
            };
            bulk.count(&outcome);
            let outcome = PyBulkOutcome::to_python(py, outcome)?;
            if let Some(on_progress) = &bulk.on_progress {
                on_progress.bind(py).call1((to_python_object(py, &bulk.summary())?,))?;
            }
            Ok(outcome)
        },
    )
}

/// A bulk injection in progress: an iterator of :class:`BulkOutcome` in the order of completion.
/// Returned by :meth:`Client.inject_many`.
#[pyclass(frozen, name = "BulkRun", module = "cognigy_context")]
pub(crate) struct PyBulkRun {
    bulk: Arc<Bulk>,
    input: Py<PyIterator>,
    /// The exception that ended the input. It is raised after the outcomes of all earlier items.
    input_error: Mutex<Option<PyErr>>,
}

impl PyBulkRun {
    pub(super) fn new(bulk: Bulk, items: Bound<'_, PyIterator>) -> Self {
        Self { bulk: Arc::new(bulk), input: items.unbind(), input_error: Mutex::new(None) }
    }

    fn input_error(&self) -> MutexGuard<'_, Option<PyErr>> {
        lock(&self.input_error)
    }

    /// Starts as many items of the input as the concurrency allows.
    fn fill(&self, py: Python<'_>) {
        while self.bulk.has_capacity() {
            let result = match self.input.bind(py).clone().next() {
                None => {
                    self.bulk.finish();
                    return;
                }
                Some(item) => item.and_then(|item| self.bulk.feed(py, &item)),
            };
            if let Err(raised) = result {
                self.bulk.finish();
                *self.input_error() = Some(raised);
            }
        }
    }
}

#[pymethods]
impl PyBulkRun {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.fill(py);
        if self.bulk.is_in_progress() {
            let outcome = wait(py, Ok(next_outcome(&self.bulk)))?;
            if !outcome.is_none(py) {
                return Ok(outcome);
            }
        }
        let raised = self.input_error().take();
        Err(raised.unwrap_or_else(|| PyStopIteration::new_err(())))
    }

    /// The counts so far: ``total``, ``injected``, ``unconfirmed``, ``skipped`` and ``failed``.
    ///
    /// ``total`` counts the finished items; ``injected`` includes ``unconfirmed``.
    #[getter]
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python_object(py, &self.bulk.summary())
    }

    /// Cancels the injections in progress, stops reading the input and closes the journal.
    ///
    /// The iteration ends: no further outcomes follow. Afterwards the journal can be opened again at once.
    fn close(&self, py: Python<'_>) {
        // Closing the journal waits for a write in progress.
        py.detach(|| self.bulk.cancel());
    }

    fn __repr__(&self) -> String {
        format!("<BulkRun total={}>", self.bulk.summary().total)
    }
}

/// The Rust part of `AsyncBulkRun`.
#[pyclass(frozen, name = "_AsyncBulk", module = "cognigy_context._core")]
pub(crate) struct PyAsyncBulk(Arc<Bulk>);

impl PyAsyncBulk {
    pub(super) fn new(bulk: Bulk) -> Self {
        Self(Arc::new(bulk))
    }
}

#[pymethods]
impl PyAsyncBulk {
    fn has_capacity(&self) -> bool {
        self.0.has_capacity()
    }

    fn is_in_progress(&self) -> bool {
        self.0.is_in_progress()
    }

    fn feed(&self, py: Python<'_>, item: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.feed(py, item)
    }

    fn finish(&self) {
        self.0.finish();
    }

    fn outcome(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        start(py, Ok(next_outcome(&self.0)))
    }

    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python_object(py, &self.0.summary())
    }

    fn cancel(&self, py: Python<'_>) {
        py.detach(|| self.0.cancel());
    }
}
