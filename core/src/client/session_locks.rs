//! Locks by session, which all clients of the process share. Two calls that read and then write the
//! document of one session must not overlap.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, Weak};

use crate::sync::lock;

pub(super) type SessionLock = Arc<async_lock::Mutex<()>>;

/// The locks that are in use, by process, session and tenant.
static LOCKS: LazyLock<Mutex<HashMap<String, Weak<async_lock::Mutex<()>>>>> =
    LazyLock::new(Mutex::default);

/// The number of entries from which unused locks are removed, so that the map does not grow.
const CLEANUP_THRESHOLD: usize = 1_024;

/// Returns the lock of a tenant's session.
pub(super) fn lock_for(tenant: &str, session: &str) -> SessionLock {
    let mut locks = lock(&LOCKS);
    // A cleanup at each power of two costs a constant time per call on average.
    if locks.len() >= CLEANUP_THRESHOLD && locks.len().is_power_of_two() {
        locks.retain(|_, lock| lock.strong_count() > 0);
    }
    let key = format!("{} {session} {tenant}", process_id());
    if let Some(lock) = locks.get(&key).and_then(Weak::upgrade) {
        return lock;
    }
    let lock = SessionLock::default();
    locks.insert(key, Arc::downgrade(&lock));
    lock
}

/// Returns the id of the process. A forked child copies the locks of its parent, and nothing would ever
/// release the copies, so the child uses locks under its own id.
#[cfg(not(target_arch = "wasm32"))]
fn process_id() -> u32 {
    std::process::id()
}

#[cfg(target_arch = "wasm32")]
fn process_id() -> u32 {
    0
}
