//! The tokio runtime of the process, and waiting for the work that runs on it.

pub(crate) mod callback_queue;
mod finalization;
mod sync;

use std::future::Future;
use std::process;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::runtime::{Builder, EnterGuard, Runtime};
use tokio::task::AbortHandle;

use callback_queue::process_queue;
pub(crate) use sync::{PerProcess, lock};

/// How long a blocking call takes at most to notice a signal such as Ctrl-C.
const SIGNAL_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Two are enough: requests wait for the network, not for a processor.
const WORKER_THREADS: usize = 2;

/// The runtime of this process. It is never shut down: the exit of the process does not wait for its
/// threads.
static RUNTIME: PerProcess<Option<&'static Runtime>> = PerProcess::new();

fn runtime(_: Python<'_>) -> PyResult<&'static Runtime> {
    let queue = process_queue();
    RUNTIME.with(|slot| {
        if let Some(runtime) = slot {
            return Ok(*runtime);
        }
        let built = Builder::new_multi_thread()
            .worker_threads(WORKER_THREADS)
            .thread_name("cognigy-context")
            .on_thread_start(move || queue.bind_thread())
            .enable_all()
            .build()?;
        let runtime: &'static Runtime = Box::leak(Box::new(built));
        *slot = Some(runtime);
        Ok(runtime)
    })
}

/// Work on the runtime, cancelled when this is dropped.
pub(crate) struct Task {
    process_id: u32,
    handle: AbortHandle,
}

impl Task {
    pub(crate) fn abort(&self) {
        // A forked child does not have this work, and the locks of the runtime may stay locked there.
        if self.process_id == process::id() {
            self.handle.abort();
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.abort();
    }
}

/// Runs `future` on the runtime, without waiting for it.
///
/// # Errors
/// `OSError` when the runtime cannot start its threads.
pub(crate) fn spawn<F>(py: Python<'_>, future: F) -> PyResult<Task>
where
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = runtime(py)?;
    process_queue().reopen();
    let handle = runtime.spawn(future).abort_handle();
    Ok(Task { process_id: process::id(), handle })
}

/// Enters the runtime until the guard is dropped, so that work which the core spawns meanwhile runs
/// there, for example the webhook delivery about a rejected call.
///
/// # Errors
/// As [`spawn`].
pub(crate) fn enter(py: Python<'_>) -> PyResult<EnterGuard<'static>> {
    let runtime = runtime(py)?;
    process_queue().reopen();
    Ok(runtime.enter())
}

/// Runs `future` and waits for its result while other Python threads run. If a signal handler
/// raises, as Ctrl-C does, the wait ends and `future` is cancelled.
///
/// # Errors
/// What the signal handler raised; `RuntimeError` when the work ended without a result, as after a
/// panic; and as [`spawn`].
pub(crate) fn wait<F>(py: Python<'_>, future: F) -> PyResult<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    let (sender, mut receiver) = sync_channel(1);
    let _task = spawn(py, async move {
        // Fails when the wait has ended already.
        let _ = sender.send(future.await);
    })?;
    loop {
        let receiver = &mut receiver;
        match py.detach(move || receiver.recv_timeout(SIGNAL_POLL_INTERVAL)) {
            Ok(output) => return Ok(output),
            Err(RecvTimeoutError::Timeout) => {
                callback_queue::drain(py);
                py.check_signals()?;
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(PyRuntimeError::new_err(
                    "internal error: the call ended without a result. Please report this",
                ));
            }
        }
    }
}
