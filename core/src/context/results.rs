//! What a manager answers.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::audit::AuditEntry;

/// What an update came to.
#[derive(Clone, PartialEq, Serialize)]
pub struct UpdateResult {
    /// The context as it is now.
    pub context: Map<String, Value>,
    /// The leaves that had ended and were dropped before; JSON Pointers.
    pub expired: Vec<String>,
    /// What was mark_cleared or dropped so that the context fits, in order; JSON Pointers.
    pub pruned: Vec<String>,
}

/// The same, with the context that the manager keeps instead of a copy of it.
#[derive(Clone)]
pub struct SharedUpdateResult {
    /// The context as it is now: an object.
    pub context: Arc<Value>,
    /// As in [`UpdateResult`].
    pub expired: Vec<String>,
    /// As in [`UpdateResult`].
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

/// How a session stands.
#[derive(Clone, PartialEq, Serialize)]
pub struct Inspection {
    /// The session.
    pub session_id: String,
    /// Its context, without what has ended.
    pub current_context: Map<String, Value>,
    /// When each leaf expires_at, as RFC 3339 text, by its JSON Pointer.
    pub ttl_registry: BTreeMap<String, String>,
    /// What was done last, oldest first.
    pub recent_audit_trail: Vec<AuditEntry>,
    /// Whether the context has no violation of the schema; true without one.
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
