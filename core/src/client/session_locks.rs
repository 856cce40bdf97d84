//! Locks by session, which all clients of the process share. Two calls that read and then write the
//! document of one session must not overlap.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, Weak};

use crate::sync::lock;

/// The lock of one session. It is in use while a clone of the `Arc` exists.
pub(super) type SessionLock = Arc<async_lock::Mutex<()>>;

/// The locks by process, session and tenant. The entry of an unused lock stays until the next cleanup.
static LOCKS: LazyLock<Mutex<HashMap<String, Weak<async_lock::Mutex<()>>>>> =
    LazyLock::new(Mutex::default);

/// The number of entries from which the entries of unused locks are removed.
const CLEANUP_THRESHOLD: usize = 1_024;

/// Returns the lock of a session. `tenant` is the tenant's base URL, `session` the hash of the session id.
pub(super) fn lock_for(tenant: &str, session: &str) -> SessionLock {
    let mut locks = lock(&LOCKS);
    // A cleanup at each power of two costs a constant time per call on average.
    if locks.len() >= CLEANUP_THRESHOLD && locks.len().is_power_of_two() {
        locks.retain(|_, session_lock| session_lock.strong_count() > 0);
    }
    let key = format!("{} {session} {tenant}", process_id());
    if let Some(session_lock) = locks.get(&key).and_then(Weak::upgrade) {
        return session_lock;
    }
    let session_lock = SessionLock::default();
    locks.insert(key, Arc::downgrade(&session_lock));
    session_lock
}

/// Returns the id of the process. A forked child has copies of its parent's locks. Nothing would release a
/// copy of a lock that was in use, so the child uses locks under its own id.
#[cfg(not(target_arch = "wasm32"))]
fn process_id() -> u32 {
    std::process::id()
}

/// Returns 0, because a wasm module cannot fork.
#[cfg(target_arch = "wasm32")]
fn process_id() -> u32 {
    0
}
