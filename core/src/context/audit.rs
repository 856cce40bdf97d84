//! The audit trail of a session's context. It contains no data of the context.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;

use crate::clock::format_rfc3339;

/// One operation on a context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// The time of the operation, as RFC 3339 text.
    pub timestamp: String,
    /// The SHA-256 of the session id, in hexadecimal.
    pub session_id: String,
    /// The operation: `update`, `update_refused` (the context is unchanged) or `reset`.
    pub action: &'static str,
    /// JSON bytes of the context after the operation.
    pub payload_size: u64,
    /// The unique id of this entry.
    pub audit_trail_id: String,
}

/// The maximum number of entries per session.
pub(super) const MAX_AUDIT_ENTRIES: usize = 10;

/// Appends an entry and drops the oldest one beyond the maximum.
pub(super) fn push_bounded(trail: &mut VecDeque<AuditEntry>, entry: AuditEntry) {
    if trail.len() == MAX_AUDIT_ENTRIES {
        trail.pop_front();
    }
    trail.push_back(entry);
}

/// Returns a random number, from the random seed of the standard library's hash maps. On wasm it is not
/// random.
fn random_seed() -> u64 {
    RandomState::new().hash_one(0_u8)
}

/// Creates entries with unique ids.
#[derive(Debug)]
pub(super) struct AuditIds {
    /// Distinguishes this manager from others and from other processes.
    instance_seed: u64,
    /// The number of entries so far.
    count: AtomicU64,
}

impl AuditIds {
    pub(super) fn new(instance_seed: Option<u64>) -> Self {
        Self { instance_seed: instance_seed.unwrap_or_else(random_seed), count: AtomicU64::new(0) }
    }

    pub(super) fn entry(
        &self,
        now: Duration,
        session_hash: &str,
        action: &'static str,
        payload_size: u64,
    ) -> AuditEntry {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        AuditEntry {
            timestamp: format_rfc3339(now),
            session_id: session_hash.to_owned(),
            action,
            payload_size,
            audit_trail_id: format!("{:x}-{:016x}-{count:x}", now.as_micros(), self.instance_seed),
        }
    }
}
