//! One after the other: what reads and then writes a session's document must not run beside
//! another that does, anywhere in the process.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

/// A session's turn.
pub(super) type Turn = Arc<async_lock::Mutex<()>>;

/// The turns of all sessions that are waited for now.
static TURNS: LazyLock<Mutex<HashMap<String, Weak<async_lock::Mutex<()>>>>> =
    LazyLock::new(Mutex::default);

/// The turn of a session of a tenant.
pub(super) fn turn_of(tenant: &str, session: &str) -> Turn {
    let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
    // Those that nobody waits for are forgotten now and then, so that the map does not grow.
    if turns.len() >= 1_024 && turns.len().is_power_of_two() {
        turns.retain(|_, turn| turn.strong_count() > 0);
    }
    let key = format!("{} {session} {tenant}", process());
    if let Some(turn) = turns.get(&key).and_then(Weak::upgrade) {
        return turn;
    }
    let turn = Turn::default();
    turns.insert(key, Arc::downgrade(&turn));
    turn
}

/// Which process it is: after a fork nobody in the child gives back a turn of the parent.
#[cfg(not(target_arch = "wasm32"))]
fn process() -> u32 {
    std::process::id()
}

#[cfg(target_arch = "wasm32")]
fn process() -> u32 {
    0
}
