//! Threads of the runtime that run Python code, and the exit of the process.
//!
//! Up to Python 3.13 an interpreter that is ending ends every other thread where it waits for the
//! GIL, and with native frames on its stack that is the end of the process by a signal. So the exit
//! waits until no thread of the runtime runs Python code, and lets none begin.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

/// How long the exit waits for Python code that does not come to its end, such as a callback that
/// waits for a network.
const PATIENCE: Duration = Duration::from_secs(5);

/// Belongs to a process, as threads do.
#[derive(Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Default)]
struct State {
    inside: usize,
    is_closed: bool,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs Python code on a thread of the runtime; none at the exit of the process.
    pub(crate) fn attached<R>(&self, work: impl FnOnce(Python<'_>) -> R) -> Option<R> {
        {
            let mut state = self.state();
            if state.is_closed {
                return None;
            }
            state.inside += 1;
        }
        let _inside = Inside(self);
        Python::try_attach(work)
    }

    /// Waits until nobody is inside, and lets nobody in.
    pub(crate) fn close(&self, py: Python<'_>) {
        self.state().is_closed = true;
        self.wait(py);
    }

    /// Waits until nobody is inside.
    pub(crate) fn wait(&self, py: Python<'_>) {
        py.detach(|| {
            let end = Instant::now() + PATIENCE;
            let mut state = self.state();
            while state.inside > 0 {
                let Some(rest) = end.checked_duration_since(Instant::now()) else { return };
                let waited = self.left.wait_timeout(state, rest);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        });
    }

    /// Lets threads in again: Python code that runs at the exit has begun another call.
    pub(crate) fn open(&self) {
        self.state().is_closed = false;
    }
}

/// That a thread is inside.
struct Inside<'g>(&'g Gate);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.state().inside -= 1;
        self.0.left.notify_all();
    }
}
