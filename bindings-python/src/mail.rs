//! What is to be told to Python code from threads that must not wait for it: log records, audit
//! records, notes of callbacks. It is put into a box without the GIL, and taken out by whoever holds
//! the GIL next: the caller who waits, a courier on a thread of its own, or the exit of the process.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::sync::MutexExt;

use crate::gate::Gate;
use crate::runtime;

/// One thing to be told.
pub(crate) type Letter = Box<dyn FnOnce(Python<'_>) + Send>;

/// The letters of a process.
#[derive(Default)]
pub(crate) struct Mailbox {
    letters: Mutex<Letters>,
    /// Held by the one who hands letters out, so that they are told in order, and so that nobody
    /// goes on before all that was written is told.
    turn: Mutex<()>,
    /// Through which the threads of the runtime come to Python code.
    pub(crate) gate: Gate,
}

#[derive(Default)]
struct Letters {
    waiting: VecDeque<Letter>,
    /// Whether a courier is on its way.
    is_awaited: bool,
}

thread_local! {
    /// The box of the runtime that a thread belongs to.
    static HOME: RefCell<Option<Arc<Mailbox>>> = const { RefCell::new(None) };
    /// Whether this thread is handing letters out: what it tells may call the client, which must not
    /// wait for itself.
    static IS_TELLING: Cell<bool> = const { Cell::new(false) };
}

tokio::task_local! {
    static CALL: Arc<Told>;
}

impl Mailbox {
    /// Makes it the box of the present thread.
    pub(crate) fn settle(self: &Arc<Self>) {
        HOME.with(|home| *home.borrow_mut() = Some(Arc::clone(self)));
    }

    fn letters(&self) -> MutexGuard<'_, Letters> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(self: &Arc<Self>, letter: Letter) {
        let mut letters = self.letters();
        letters.waiting.push_back(letter);
        if letters.is_awaited {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            letters.is_awaited = true;
            drop(letters);
            let mailbox = Arc::clone(self);
            // Not a thread of the runtime's own: those have requests to see to.
            runtime.spawn_blocking(move || {
                mailbox.letters().is_awaited = false;
                // Not at the exit of the process, which hands out what there is.
                mailbox.gate.attached(|py| mailbox.deliver(py));
            });
        }
    }

    /// Hands out all letters there are.
    pub(crate) fn deliver(&self, py: Python<'_>) {
        if IS_TELLING.get() {
            return;
        }
        let _turn = self.turn.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
        IS_TELLING.set(true);
        loop {
            let next = self.letters().waiting.pop_front();
            let Some(letter) = next else { break };
            letter(py);
        }
        IS_TELLING.set(false);
    }
}

/// Writes a letter, from any thread. It may be holding a lock of the core's, so nothing is told here
/// and now.
pub(crate) fn post(letter: Letter) {
    let home = HOME.try_with(|home| home.borrow().clone()).ok().flatten();
    home.unwrap_or_else(runtime::mailbox).push(letter);
}

/// Runs Python code on a thread of the runtime; none at the exit of the process.
pub(crate) fn attached<R>(work: impl FnOnce(Python<'_>) -> R) -> Option<R> {
    let home = HOME.try_with(|home| home.borrow().clone()).ok().flatten()?;
    home.gate.attached(work)
}

/// The exit of the process: hands out the letters that there are, when no thread of the runtime runs
/// Python code any more.
pub(crate) fn close(py: Python<'_>) {
    let mailbox = runtime::mailbox();
    mailbox.gate.close(py);
    mailbox.deliver(py);
}

/// Waits until no thread of the runtime runs Python code.
#[pyfunction]
pub(crate) fn _settle(py: Python<'_>) {
    runtime::mailbox().gate.wait(py);
}

/// Hands out the letters of this process.
pub(crate) fn deliver(py: Python<'_>) {
    runtime::mailbox().deliver(py);
}

/// What a call has for its caller beside its result. It is told on the thread of the caller, before
/// the result; and by a courier where the caller is gone.
#[derive(Default)]
pub(crate) struct Told {
    letters: Mutex<Vec<Letter>>,
    cause: Mutex<Option<PyErr>>,
}

impl Told {
    /// Runs work as that of a call.
    pub(crate) async fn during<W: Future>(self: Arc<Self>, work: W) -> W::Output {
        CALL.scope(self, work).await
    }

    fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut *self.letters.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Hands out what there is. What is in the box comes first, as it was written before.
    pub(crate) fn deliver(&self, py: Python<'_>) {
        deliver(py);
        for letter in self.take() {
            letter(py);
        }
    }

    /// What Python code raised that made the call fail.
    pub(crate) fn cause(&self) -> Option<PyErr> {
        self.cause.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        for letter in self.take() {
            post(letter);
        }
    }
}

/// Writes a letter to the caller of the present call; to all where there is none.
pub(crate) fn tell(letter: Letter) {
    let told = CALL.try_with(Arc::clone).ok();
    match told {
        Some(told) => told.letters.lock().unwrap_or_else(PoisonError::into_inner).push(letter),
        None => post(letter),
    }
}

/// Notes what Python code raised that makes the present call fail.
pub(crate) fn blame(cause: PyErr) {
    let told = CALL.try_with(Arc::clone).ok();
    if let Some(told) = told {
        *told.cause.lock().unwrap_or_else(PoisonError::into_inner) = Some(cause);
    }
}
