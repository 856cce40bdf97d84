//! Python callbacks that come from threads which must not wait for the GIL: log records, audit
//! records and listeners.
//!
//! These threads put a callback into a queue. The next thread that has the GIL drains the queue:
//! the caller that waits for a result, a drain task on a blocking thread, or the exit of the process.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use pyo3::prelude::*;
use pyo3::sync::MutexExt;

use super::finalization::FinalizationGuard;
use super::sync::{PerProcess, ignore_poison, lock};

/// Python code to run later.
pub(crate) type Callback = Box<dyn FnOnce(Python<'_>) + Send>;

/// The pending callbacks of one process.
#[derive(Default)]
pub(crate) struct CallbackQueue {
    pending: Mutex<Pending>,
    /// Locked by the thread that drains the queue. So callbacks run in order, and `drain` returns
    /// only when all earlier callbacks have run.
    drain_lock: Mutex<()>,
    finalization: FinalizationGuard,
}

#[derive(Default)]
struct Pending {
    callbacks: VecDeque<Callback>,
    has_drain_task: bool,
}

/// The queue of this process.
static PROCESS_QUEUE: PerProcess<Arc<CallbackQueue>> = PerProcess::new();

thread_local! {
    /// The queue of the runtime that a thread belongs to.
    static THREAD_QUEUE: RefCell<Option<Arc<CallbackQueue>>> = const { RefCell::new(None) };
    /// Whether this thread drains a queue. A callback may call the client, which must not wait for
    /// the drain that it is part of.
    static IS_DRAINING: Cell<bool> = const { Cell::new(false) };
}

tokio::task_local! {
    /// The context of the call that the current task belongs to.
    static CALL: Arc<CallContext>;
}

impl CallbackQueue {
    /// Makes this the queue of the current thread.
    pub(super) fn bind_thread(self: &Arc<Self>) {
        THREAD_QUEUE.with(|queue| *queue.borrow_mut() = Some(Arc::clone(self)));
    }

    /// Allows threads of the runtime to run Python code again.
    pub(super) fn reopen(&self) {
        self.finalization.reopen();
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        lock(&self.pending)
    }

    /// Queues a callback, and starts a drain task if the current thread belongs to the runtime.
    fn push(self: &Arc<Self>, callback: Callback) {
        let mut pending = self.pending();
        pending.callbacks.push_back(callback);
        if pending.has_drain_task {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            pending.has_drain_task = true;
            drop(pending);
            let queue = Arc::clone(self);
            // On a blocking thread, because the worker threads are needed for requests.
            runtime.spawn_blocking(move || {
                queue.pending().has_drain_task = false;
                // Does nothing at the exit of the process, which drains the queue itself.
                queue.finalization.attach(|py| queue.drain(py));
            });
        }
    }

    /// Runs all pending callbacks. Does nothing on a thread that already drains a queue.
    fn drain(&self, py: Python<'_>) {
        if IS_DRAINING.get() {
            return;
        }
        let _drain_lock = ignore_poison(self.drain_lock.lock_py_attached(py));
        IS_DRAINING.set(true);
        loop {
            let next = self.pending().callbacks.pop_front();
            let Some(callback) = next else { break };
            callback(py);
        }
        IS_DRAINING.set(false);
    }
}

fn thread_queue() -> Option<Arc<CallbackQueue>> {
    THREAD_QUEUE.try_with(|queue| queue.borrow().clone()).ok().flatten()
}

/// Returns the queue of this process. Only for threads that are attached to Python.
pub(super) fn process_queue() -> Arc<CallbackQueue> {
    PROCESS_QUEUE.with(|queue| Arc::clone(queue))
}

/// Queues a callback, from any thread. Does not run callbacks itself, because the thread may hold a lock
/// of the core.
pub(crate) fn enqueue(callback: Callback) {
    thread_queue().unwrap_or_else(process_queue).push(callback);
}

/// Runs Python code on a thread of the runtime. Returns `None` without running it once the process
/// exits, and on any other thread.
pub(crate) fn attach<R>(work: impl FnOnce(Python<'_>) -> R) -> Option<R> {
    thread_queue()?.finalization.attach(work)
}

/// Runs all pending callbacks of this process.
pub(crate) fn drain(py: Python<'_>) {
    process_queue().drain(py);
}

/// Prepares the exit of the process: waits up to 5 s until no thread of the runtime runs Python code,
/// then runs all pending callbacks.
pub(crate) fn flush_at_exit(py: Python<'_>) {
    let queue = process_queue();
    queue.finalization.close(py);
    queue.drain(py);
}

/// Waits up to 5 s until no thread of the runtime runs Python code.
#[pyfunction]
pub(crate) fn _wait_for_callbacks(py: Python<'_>) {
    process_queue().finalization.wait_until_idle(py);
}

/// What a call passes to its caller besides its result. The callbacks run on the caller's thread
/// before the result is returned; if the caller no longer waits, the drain task runs them.
#[derive(Default)]
pub(crate) struct CallContext {
    callbacks: Mutex<Vec<Callback>>,
    error_cause: Mutex<Option<PyErr>>,
}

impl CallContext {
    /// Runs `work` with this as the context of the current call.
    pub(crate) async fn scope<W: Future>(self: Arc<Self>, work: W) -> W::Output {
        CALL.scope(self, work).await
    }

    fn take_callbacks(&self) -> Vec<Callback> {
        std::mem::take(&mut *lock(&self.callbacks))
    }

    /// Runs the pending callbacks of the process, which are older, and then those of this call.
    pub(crate) fn drain(&self, py: Python<'_>) {
        drain(py);
        for callback in self.take_callbacks() {
            callback(py);
        }
    }

    /// Takes the Python exception that made the call fail.
    pub(crate) fn take_error_cause(&self) -> Option<PyErr> {
        lock(&self.error_cause).take()
    }
}

impl Drop for CallContext {
    fn drop(&mut self) {
        for callback in self.take_callbacks() {
            enqueue(callback);
        }
    }
}

fn current_call() -> Option<Arc<CallContext>> {
    CALL.try_with(Arc::clone).ok()
}

/// Queues a callback for the caller of the current call; outside a call, for the process.
pub(crate) fn enqueue_for_call(callback: Callback) {
    match current_call() {
        Some(call) => lock(&call.callbacks).push(callback),
        None => enqueue(callback),
    }
}

/// Records the Python exception that makes the current call fail.
pub(crate) fn set_error_cause(cause: PyErr) {
    if let Some(call) = current_call() {
        *lock(&call.error_cause) = Some(cause);
    }
}
