//! One session's context: the document, when each leaf of it expires_at, and what was done to it.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::audit::AuditEntry;
use super::ttl::TtlTree;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Session {
    /// Always an object. Shared, so that whoever is told of it needs no copy.
    pub(super) document: Arc<Value>,
    /// Its JSON bytes.
    pub(super) size: u64,
    pub(super) ttl: TtlTree,
    pub(super) trail: VecDeque<AuditEntry>,
    /// How many updates there have been.
    pub(super) updates: u64,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            document: Arc::new(Value::Object(Map::new())),
            size: EMPTY_SIZE,
            ttl: TtlTree::default(),
            trail: VecDeque::new(),
            updates: 0,
        }
    }
}

/// JSON bytes of a document with nothing in it.
pub(super) const EMPTY_SIZE: u64 = 2;

impl Session {
    /// A copy of the document.
    pub(super) fn members(&self) -> Map<String, Value> {
        self.document.as_object().cloned().unwrap_or_default()
    }
}

/// What an update works on: the parts of a session that it changes.
#[derive(Debug)]
pub(super) struct PendingUpdate {
    pub(super) document: Map<String, Value>,
    pub(super) ttl: TtlTree,
    pub(super) updates: u64,
}
