//! Locks, and values that belong to one process.

use std::process;
use std::sync::{LockResult, Mutex, MutexGuard, PoisonError};

/// Returns the guard of a lock even if a thread panicked while it had the lock. No lock of this
/// crate protects a value that a panic could leave half changed.
pub(crate) fn ignore_poison<G>(locked: LockResult<G>) -> G {
    locked.unwrap_or_else(PoisonError::into_inner)
}

/// Locks `mutex`, poisoned or not.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    ignore_poison(mutex.lock())
}

/// A value that each process creates for itself: a forked child starts with a new one. Threads do
/// not survive a fork, so a value that refers to threads of the parent is useless in the child.
///
/// Lock it only while attached to Python, and run no Python code in `with`. Then no thread can have
/// the lock at a fork, because Python forks while attached.
pub(crate) struct PerProcess<T>(Mutex<Option<(u32, T)>>);

impl<T: Default> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Calls `work` with the value of this process. Creates the value first if this process has none.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let mut slot = lock(&self.0);
        match &mut *slot {
            Some((owner, value)) if *owner == process::id() => work(value),
            other => {
                // Forgotten and not dropped: dropping the parent's value could wait for its threads.
                std::mem::forget(other.take());
                let (_, value) = other.insert((process::id(), T::default()));
                work(value)
            }
        }
    }
}
