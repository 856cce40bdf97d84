//! Futures of asyncio for calls that run beside the event loop. Calls that complete at about the same
//! time wake the loop once.

use std::sync::{Arc, Mutex, MutexGuard};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use super::pending_call::{PendingCall, ResultConverter, flush_on_error};
use crate::runtime::{self, Task, callback_queue, lock};

/// The completed calls of an event loop that the loop has not processed.
struct LoopCompletions {
    event_loop: Py<PyAny>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    completed: Vec<(Py<PyAny>, ResultConverter)>,
    /// Whether the loop was asked to drain `completed`.
    is_drain_scheduled: bool,
}

impl LoopCompletions {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Hands a completed call to the loop, from any thread.
    fn push(self: &Arc<Self>, future: Py<PyAny>, converter: ResultConverter) {
        {
            let mut state = self.state();
            state.completed.push((future, converter));
            if state.is_drain_scheduled {
                return;
            }
            state.is_drain_scheduled = true;
        }
        let completions = Arc::clone(self);
        // Does nothing at the exit of the process.
        callback_queue::attach(|py| {
            let drain = Bound::new(py, DrainCompletions(Arc::clone(&completions)));
            let event_loop = completions.event_loop.bind(py);
            let scheduled =
                drain.and_then(|drain| event_loop.call_method1("call_soon_threadsafe", (drain,)));
            if scheduled.is_err() {
                // The loop is closed, so nothing waits for a result.
                let mut state = completions.state();
                let completed = std::mem::take(&mut state.completed);
                state.is_drain_scheduled = false;
                drop(state);
                drop(completed);
            }
        });
    }
}

/// The callable that the loop runs to set the results of completed calls.
#[pyclass(frozen, name = "_DrainCompletions", module = "cognigy_context._core")]
struct DrainCompletions(Arc<LoopCompletions>);

#[pymethods]
impl DrainCompletions {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        let completed = {
            let mut state = self.0.state();
            state.is_drain_scheduled = false;
            std::mem::take(&mut state.completed)
        };
        for (future, converter) in completed {
            let future = future.bind(py);
            if future.call_method0("done")?.is_truthy()? {
                // It was cancelled meanwhile. Dropping the converter queues its callbacks.
                continue;
            }
            match converter(py) {
                Ok(result) => future.call_method1("set_result", (result,))?,
                Err(raised) => future.call_method1("set_exception", (raised,))?,
            };
        }
        Ok(())
    }
}

/// Cancels a call when its future is cancelled or freed.
#[pyclass(frozen, name = "_CancelOnDone", module = "cognigy_context._core")]
struct CancelOnDone(Task);

#[pymethods]
impl CancelOnDone {
    /// Runs when the future is done, cancelled or not. Has no effect on a call that has completed.
    fn __call__(&self, _future: &Bound<'_, PyAny>) {
        self.0.abort();
    }
}

/// Returns the completions of a loop. Only those of the last loop are kept, because nearly every
/// program has one loop.
fn completions_of(event_loop: &Bound<'_, PyAny>) -> Arc<LoopCompletions> {
    static LAST: Mutex<Option<Arc<LoopCompletions>>> = Mutex::new(None);
    // Locked only while attached, and never while Python code runs.
    let mut last = lock(&LAST);
    if let Some(completions) = last.as_ref().filter(|last| last.event_loop.is(event_loop)) {
        return Arc::clone(completions);
    }
    let completions = Arc::new(LoopCompletions {
        event_loop: event_loop.clone().unbind(),
        state: Mutex::default(),
    });
    let previous = last.replace(Arc::clone(&completions));
    drop(last);
    // After the unlock, because this may free the loop, which runs Python code.
    drop(previous);
    completions
}

/// Sends a call beside the running event loop and returns the asyncio future of its result.
///
/// # Errors
/// `RuntimeError` when no loop is running; and the error of a call that was rejected before it was
/// sent.
pub(super) fn start(py: Python<'_>, call: PyResult<PendingCall>) -> PyResult<Py<PyAny>> {
    static GET_RUNNING_LOOP: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let call = flush_on_error(py, call)?.into_future();
    let event_loop = GET_RUNNING_LOOP.import(py, "asyncio", "get_running_loop")?.call0()?;
    let future = event_loop.call_method0("create_future")?;
    let completions = completions_of(&event_loop);
    let completed = future.clone().unbind();
    let task = runtime::spawn(py, async move {
        let converter = call.await;
        completions.push(completed, converter);
    })?;
    future.call_method1("add_done_callback", (CancelOnDone(task),))?;
    Ok(future.unbind())
}
