//! Keeps threads of the runtime out of Python code while the interpreter finalizes.
//!
//! Up to Python 3.13 a finalizing interpreter ends every other thread that waits for the GIL. If
//! that thread has native frames on its stack, the process crashes with a signal. So the exit
//! blocks new callbacks and waits until no thread of the runtime runs Python code.

use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use super::sync::{ignore_poison, lock};

/// Maximum time to wait for Python code that does not return, for example a callback that waits for a
/// network.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Counts the threads of one process that run Python code, and stops new ones at the exit.
#[derive(Default)]
pub(crate) struct FinalizationGuard {
    state: Mutex<State>,
    callback_ended: Condvar,
}

#[derive(Default)]
struct State {
    active_callbacks: usize,
    is_closed: bool,
}

impl FinalizationGuard {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Runs Python code on a thread of the runtime. Returns `None` without running it once the
    /// process exits.
    pub(crate) fn attach<R>(&self, work: impl FnOnce(Python<'_>) -> R) -> Option<R> {
        {
            let mut state = self.state();
            if state.is_closed {
                return None;
            }
            state.active_callbacks += 1;
        }
        let _active = ActiveCallback(self);
        Python::try_attach(work)
    }

    /// Blocks new callbacks and waits up to [`SHUTDOWN_TIMEOUT`] until the running ones end.
    pub(crate) fn close(&self, py: Python<'_>) {
        self.state().is_closed = true;
        self.wait_until_idle(py);
    }

    /// Waits up to [`SHUTDOWN_TIMEOUT`] until no callback runs.
    pub(crate) fn wait_until_idle(&self, py: Python<'_>) {
        py.detach(|| {
            let end = Instant::now() + SHUTDOWN_TIMEOUT;
            let mut state = self.state();
            while state.active_callbacks > 0 {
                let Some(remaining) = end.checked_duration_since(Instant::now()) else { return };
                state = ignore_poison(self.callback_ended.wait_timeout(state, remaining)).0;
            }
        });
    }

    /// Allows callbacks again, because Python code that runs at the exit started another call.
    pub(crate) fn reopen(&self) {
        self.state().is_closed = false;
    }
}

/// Counts as one active callback until it is dropped.
struct ActiveCallback<'g>(&'g FinalizationGuard);

impl Drop for ActiveCallback<'_> {
    fn drop(&mut self) {
        self.0.state().active_callbacks -= 1;
        self.0.callback_ended.notify_all();
    }
}
