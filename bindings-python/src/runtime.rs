//! The one tokio runtime of the process, and waiting for what runs on it.

use std::future::Future;
use std::process;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::runtime::{Builder, EnterGuard, Runtime};
use tokio::task::AbortHandle;

use crate::mail::{self, Mailbox};

/// How long a Ctrl-C may go unnoticed.
const SLICE: Duration = Duration::from_millis(50);

/// Requests wait for a network and not for a processor.
const THREADS: usize = 2;

/// What belongs to this process. The runtime is never ended: at the exit of the process nothing
/// waits for its threads.
struct Shared {
    process: u32,
    mailbox: Arc<Mailbox>,
    runtime: Option<&'static Runtime>,
}

/// Locked only while attached and never across Python code, so that no thread can hold it at a
/// fork, which Python's own threads do attached.
static SHARED: Mutex<Option<Shared>> = Mutex::new(None);

/// What belongs to this process, which is made anew in one that was forked: threads do not survive
/// a fork, and the parent's runtime and box are left alone, as all their state belongs to threads
/// that are not there.
fn with_shared<R>(work: impl FnOnce(&mut Shared) -> R) -> R {
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    match &mut *shared {
        Some(shared) if shared.process == process::id() => work(shared),
        other => {
            // The parent's is forgotten and not dropped, which could wait for its threads.
            std::mem::forget(other.take());
            work(other.insert(Shared {
                process: process::id(),
                mailbox: Arc::default(),
                runtime: None,
            }))
        }
    }
}

/// The box of this process. Only for threads that are attached.
pub(crate) fn mailbox() -> Arc<Mailbox> {
    with_shared(|shared| Arc::clone(&shared.mailbox))
}

fn runtime(_: Python<'_>) -> PyResult<&'static Runtime> {
    with_shared(|shared| {
        if let Some(runtime) = shared.runtime {
            return Ok(runtime);
        }
        let mailbox = Arc::clone(&shared.mailbox);
        let built = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("cognigy-context")
            .on_thread_start(move || mailbox.settle())
            .enable_all()
            .build()?;
        let runtime: &'static Runtime = Box::leak(Box::new(built));
        shared.runtime = Some(runtime);
        Ok(runtime)
    })
}

/// Work on the runtime, which is given up when this is dropped.
pub(crate) struct Task {
    process: u32,
    handle: AbortHandle,
}

impl Task {
    pub(crate) fn abort(&self) {
        // In a child of the process there is no such work, and its locks may be held for ever.
        if self.process == process::id() {
            self.handle.abort();
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.abort();
    }
}

/// Lets `future` run by itself.
pub(crate) fn spawn<F>(py: Python<'_>, future: F) -> PyResult<Task>
where
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = runtime(py)?;
    mailbox().gate.open();
    let handle = runtime.spawn(future).abort_handle();
    Ok(Task { process: process::id(), handle })
}

/// Is on the runtime for as long as the guard lives, so that what the core starts beside a call, such
/// as the notice of one that was refused, runs there too.
pub(crate) fn enter(py: Python<'_>) -> PyResult<EnterGuard<'static>> {
    let runtime = runtime(py)?;
    mailbox().gate.open();
    Ok(runtime.enter())
}

/// Runs `future` to its end while other Python threads run. A signal whose handler raises, such as
/// Ctrl-C, ends the wait and gives the future up.
///
/// # Errors
/// What the signal's handler raised.
pub(crate) fn wait<F>(py: Python<'_>, future: F) -> PyResult<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    let (sender, mut receiver) = sync_channel(1);
    let _task = spawn(py, async move {
        // Nobody listens any more when the wait was given up.
        let _ = sender.send(future.await);
    })?;
    loop {
        let receiver = &mut receiver;
        match py.detach(move || receiver.recv_timeout(SLICE)) {
            Ok(output) => return Ok(output),
            Err(RecvTimeoutError::Timeout) => {
                mail::deliver(py);
                py.check_signals()?;
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(PyRuntimeError::new_err("the request was lost inside the client"));
            }
        }
    }
}
