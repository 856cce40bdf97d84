//! Futures of asyncio for calls that run beside its loop. What comes to an end at the same time wakes
//! the loop once.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use super::work::Finish;
use crate::mail;
use crate::runtime::{self, Task};

/// The ends of calls that a loop has not heard of.
struct Inbox {
    event_loop: Py<PyAny>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    ended: Vec<(Py<PyAny>, Finish)>,
    /// Whether the loop is going to look.
    is_called: bool,
}

impl Inbox {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the loop of the end of a call. From any thread.
    fn put(self: &Arc<Self>, future: Py<PyAny>, finish: Finish) {
        {
            let mut state = self.state();
            state.ended.push((future, finish));
            if state.is_called {
                return;
            }
            state.is_called = true;
        }
        let inbox = Arc::clone(self);
        // None at the exit of the process.
        mail::attached(|py| {
            let look = Bound::new(py, Look(Arc::clone(&inbox)));
            let event_loop = inbox.event_loop.bind(py);
            let called =
                look.and_then(|look| event_loop.call_method1("call_soon_threadsafe", (look,)));
            if called.is_err() {
                // The loop is closed, and nobody waits for anything on it.
                let mut state = inbox.state();
                let ended = std::mem::take(&mut state.ended);
                state.is_called = false;
                drop(state);
                drop(ended);
            }
        });
    }
}

/// What the loop calls.
#[pyclass(frozen, name = "_Look", module = "cognigy_context._core")]
struct Look(Arc<Inbox>);

#[pymethods]
impl Look {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        let ended = {
            let mut state = self.0.state();
            state.is_called = false;
            std::mem::take(&mut state.ended)
        };
        for (future, finish) in ended {
            let future = future.bind(py);
            if future.call_method0("done")?.is_truthy()? {
                // It was given up meanwhile. What there is to tell is told when this is dropped.
                continue;
            }
            match finish(py) {
                Ok(result) => future.call_method1("set_result", (result,))?,
                Err(raised) => future.call_method1("set_exception", (raised,))?,
            };
        }
        Ok(())
    }
}

/// Gives a call up when its future is cancelled, or is gone.
#[pyclass(frozen, name = "_GiveUp", module = "cognigy_context._core")]
struct GiveUp(Task);

#[pymethods]
impl GiveUp {
    /// Called when the future is done, cancelled or not; there is nothing to give up of a call that
    /// has come to its end.
    fn __call__(&self, _future: &Bound<'_, PyAny>) {
        self.0.abort();
    }
}

/// The inbox of a loop. That of the last loop is kept: there is nearly always but one.
fn inbox_of(event_loop: &Bound<'_, PyAny>) -> Arc<Inbox> {
    static LAST: Mutex<Option<Arc<Inbox>>> = Mutex::new(None);
    // Locked only while attached and never across Python code.
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(inbox) = last.as_ref().filter(|inbox| inbox.event_loop.is(event_loop)) {
        return Arc::clone(inbox);
    }
    let inbox =
        Arc::new(Inbox { event_loop: event_loop.clone().unbind(), state: Mutex::default() });
    let before = last.replace(Arc::clone(&inbox));
    drop(last);
    // Its loop may go with it, which is Python code.
    drop(before);
    inbox
}

/// Lets work run beside the running loop, and gives the future of its end.
///
/// # Errors
/// `RuntimeError` when no loop is running.
pub(super) fn start<W>(py: Python<'_>, work: W) -> PyResult<Py<PyAny>>
where
    W: Future<Output = Finish> + Send + 'static,
{
    static RUNNING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let event_loop = RUNNING.import(py, "asyncio", "get_running_loop")?.call0()?;
    let future = event_loop.call_method0("create_future")?;
    let inbox = inbox_of(&event_loop);
    let held = future.clone().unbind();
    let task = runtime::spawn(py, async move {
        let finish = work.await;
        inbox.put(held, finish);
    })?;
    future.call_method1("add_done_callback", (GiveUp(task),))?;
    Ok(future.unbind())
}
