//! What was done to a session's context, without what is in it.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;

use crate::clock::format_rfc3339;

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// When, as RFC 3339 text.
    pub timestamp: String,
    /// The SHA-256 of the session id.
    pub session_id: String,
    /// `update`, `update_refused` or `reset`.
    pub action: &'static str,
    /// JSON bytes of the context after it.
    pub payload_size: u64,
    /// An id that no other entry has.
    pub audit_trail_id: String,
}

/// How many entries a session keeps.
pub(super) const MAX_AUDIT_ENTRIES: usize = 10;

/// Keeps the newest entries.
pub(super) fn push_bounded(trail: &mut VecDeque<AuditEntry>, entry: AuditEntry) {
    if trail.len() == MAX_AUDIT_ENTRIES {
        trail.pop_front();
    }
    trail.push_back(entry);
}

/// The standard library's hashes are seeded by chance.
fn random_seed() -> u64 {
    RandomState::new().hash_one(0_u8)
}

/// Makes entries with ids of their own.
#[derive(Debug)]
pub(super) struct AuditIds {
    /// Told apart from other processes and managers by chance and by time.
    instance_seed: u64,
    count: AtomicU64,
}

impl AuditIds {
    pub(super) fn new(instance_seed: Option<u64>) -> Self {
        Self { instance_seed: instance_seed.unwrap_or_else(random_seed), count: AtomicU64::new(0) }
    }

    pub(super) fn entry(
        &self,
        now: Duration,
        session: &str,
        action: &'static str,
        payload_size: u64,
    ) -> AuditEntry {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        AuditEntry {
            timestamp: format_rfc3339(now),
            session_id: session.to_owned(),
            action,
            payload_size,
            audit_trail_id: format!("{:x}-{:016x}-{count:x}", now.as_micros(), self.instance_seed),
        }
    }
}
