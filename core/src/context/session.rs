//! The stored context of one session: the document, its times to live and its audit trail.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::audit::AuditEntry;
use super::ttl::TtlTree;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Session {
    /// Always an object. Shared, so that callers can read it without a copy.
    pub(super) document: Arc<Value>,
    /// JSON bytes of the document.
    pub(super) size: u64,
    pub(super) ttl: TtlTree,
    pub(super) audit_trail: VecDeque<AuditEntry>,
    /// The number of updates that succeeded so far.
    pub(super) updates: u64,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            document: Arc::new(Value::Object(Map::new())),
            size: EMPTY_SIZE,
            ttl: TtlTree::default(),
            audit_trail: VecDeque::new(),
            updates: 0,
        }
    }
}

/// JSON bytes of an empty document, `{}`.
pub(super) const EMPTY_SIZE: u64 = 2;

impl Session {
    /// Returns a copy of the members of the document.
    pub(super) fn members(&self) -> Map<String, Value> {
        self.document.as_object().cloned().unwrap_or_default()
    }
}

/// The parts of a session that an update changes, before they are stored.
#[derive(Debug)]
pub(super) struct PendingUpdate {
    pub(super) document: Map<String, Value>,
    pub(super) ttl: TtlTree,
    /// The number of this update, from 1.
    pub(super) updates: u64,
}
