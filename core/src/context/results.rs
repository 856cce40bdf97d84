//! The results of the methods of a context manager.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::audit::AuditEntry;

/// The result of an update.
#[derive(Clone, PartialEq, Serialize)]
pub struct UpdateResult {
    /// The context after the update.
    pub context: Map<String, Value>,
    /// JSON Pointers of the expired leaves that the update dropped.
    pub expired: Vec<String>,
    /// JSON Pointers of the values that pruning cleared or dropped, in order.
    pub pruned: Vec<String>,
}

/// The result of an update that shares the stored context instead of copying it.
#[derive(Clone)]
pub struct SharedUpdateResult {
    /// The context after the update: an object.
    pub context: Arc<Value>,
    /// JSON Pointers of the expired leaves that the update dropped.
    pub expired: Vec<String>,
    /// JSON Pointers of the values that pruning cleared or dropped, in order.
    pub pruned: Vec<String>,
}

/// Shows no data.
impl fmt::Debug for SharedUpdateResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedUpdateResult")
            .field("expired", &self.expired)
            .field("pruned", &self.pruned)
            .finish_non_exhaustive()
    }
}

/// The state of a session.
#[derive(Clone, PartialEq, Serialize)]
pub struct Inspection {
    /// The session id.
    pub session_id: String,
    /// The current context, without expired leaves.
    pub current_context: Map<String, Value>,
    /// The expiry time of each leaf as RFC 3339 text, by its JSON Pointer.
    pub ttl_registry: BTreeMap<String, String>,
    /// The last audit entries, at most 10, oldest first.
    pub recent_audit_trail: Vec<AuditEntry>,
    /// Whether the context matches the schema; `true` without a schema.
    pub schema_valid: bool,
}

/// Shows no data.
impl fmt::Debug for UpdateResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateResult")
            .field("expired", &self.expired)
            .field("pruned", &self.pruned)
            .finish_non_exhaustive()
    }
}

/// Shows no data.
impl fmt::Debug for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inspection")
            .field("leaves", &self.ttl_registry.len())
            .field("recent_audit_trail", &self.recent_audit_trail)
            .field("schema_valid", &self.schema_valid)
            .finish_non_exhaustive()
    }
}
