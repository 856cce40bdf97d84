//! The manager of the contexts of many sessions.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use super::audit::{AuditIds, push_bounded};
use super::fast_path::{self, FastPathResult};
use super::options::ContextOptions;
use super::results::{Inspection, SharedUpdateResult, UpdateResult};
use super::session::{EMPTY_SIZE, PendingUpdate, Session};
use super::ttl::{LeafTtl, TtlTree};
use super::{document_policy, prune};
use crate::check::{CheckOptions, measure, read_json};
use crate::clock::format_rfc3339;
use crate::hashing::hash_session_id;
use crate::merge::deep_merge;
use crate::policy::Policy;
use crate::report::ValidationError;
use crate::sync::lock;

/// Stores the context of each session: merged, within its size limit, valid against the schema (if one is set), and
/// with a time to live per leaf. A leaf is a value that is not an object, or an empty object.
///
/// It can be used from many threads; updates of one session run one after another.
///
/// ```
/// use cognigy_context::context::{ContextManager, ContextOptions};
/// use serde_json::json;
///
/// let manager = ContextManager::new(ContextOptions::default());
/// manager.update("s-1", &json!({"user": {"name": "Ada"}}))?;
/// let result = manager.update("s-1", &json!({"user": {"tier": "gold"}}))?;
/// assert_eq!(
///     serde_json::Value::Object(result.context),
///     json!({"user": {"name": "Ada", "tier": "gold"}}),
/// );
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
pub struct ContextManager {
    options: ContextOptions,
    policy: Policy,
    audit_ids: AuditIds,
    sessions: Mutex<HashMap<String, Arc<Mutex<Session>>>>,
    /// The number of updates and resets.
    calls: AtomicU64,
}

/// The number of updates and resets between two automatic sweeps.
const CALLS_PER_SWEEP: u64 = 1_024;
/// How long the automatic sweeps keep a session after its last leaf expired.
const SWEEP_DELAY: Duration = Duration::from_secs(3_600);

/// Shows the options and no data.
impl fmt::Debug for ContextManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextManager").field("options", &self.options).finish_non_exhaustive()
    }
}

impl ContextManager {
    /// Creates a manager without sessions.
    #[must_use]
    pub fn new(options: ContextOptions) -> Self {
        let audit_ids = AuditIds::new(options.instance_seed);
        Self {
            options,
            policy: document_policy(),
            audit_ids,
            sessions: Mutex::default(),
            calls: AtomicU64::new(0),
        }
    }

    /// Merges `data` into the context of a session.
    ///
    /// An update drops expired leaves, refreshes the time to live of the leaves in `data`, merges `data`, fills
    /// defaults, prunes while the context is too large, validates, and stores, in this order. Internal
    /// keys of `data` (which start with `__`) are left out.
    ///
    /// # Errors
    /// [`ValidationError`] when `data` is not an object, has no JSON form or contains an integer beyond 64 bits, or
    /// when the context is too large after pruning, nested too deeply, or violates the schema. The stored
    /// context then stays unchanged.
    pub fn update<T: Serialize + ?Sized>(
        &self,
        session_id: &str,
        data: &T,
    ) -> Result<UpdateResult, ValidationError> {
        let data = CheckOptions::new(&self.policy)
            .value_to_json(data)
            .map(|checked_body| checked_body.body);
        self.update_checked(session_id, data)
    }

    /// Merges JSON text into the context of a session, as [`update`](Self::update) does for a value.
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub fn update_json(
        &self,
        session_id: &str,
        data: impl AsRef<[u8]>,
    ) -> Result<UpdateResult, ValidationError> {
        let data = CheckOptions::new(&self.policy)
            .json_to_json(data)
            .map(|checked_body| checked_body.body);
        self.update_checked(session_id, data)
    }

    /// Merges text with sentinels into the context of a session, as [`update`](Self::update) does for a value.
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub(crate) fn update_json_with_sentinels(
        &self,
        session_id: &str,
        data: impl AsRef<[u8]>,
    ) -> Result<UpdateResult, ValidationError> {
        let data = CheckOptions::new(&self.policy)
            .json_with_sentinels_to_json(data)
            .map(|checked_body| checked_body.body);
        self.update_checked(session_id, data)
    }

    /// Merges data that [`serialize_context`](super::serialize_context) wrote or rejected into the context of a
    /// session, as [`update`](Self::update) does. Rejected data has an entry in the audit trail, too. JSON text
    /// of another value than an object merges nothing.
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub fn update_checked(
        &self,
        session_id: &str,
        data: Result<Vec<u8>, ValidationError>,
    ) -> Result<UpdateResult, ValidationError> {
        let SharedUpdateResult { context, expired, pruned } =
            self.update_shared(session_id, data)?;
        let context = context.as_object().cloned().unwrap_or_default();
        Ok(UpdateResult { context, expired, pruned })
    }

    /// Merges data as [`update_checked`](Self::update_checked) does, and returns the stored context, shared instead of
    /// copied.
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub(crate) fn update_shared(
        &self,
        session_id: &str,
        data: Result<Vec<u8>, ValidationError>,
    ) -> Result<SharedUpdateResult, ValidationError> {
        let now = self.options.clock.now();
        let session_hash = hash_session_id(session_id);
        let shared = self.session(&session_hash);
        let mut stored = lock(&shared);
        let outcome = data.and_then(|data| self.apply_update(&mut stored, &data, now));
        let action = if outcome.is_ok() { "update" } else { "update_refused" };
        let entry = self.audit_ids.entry(now, &session_hash, action, stored.size);
        push_bounded(&mut stored.audit_trail, entry);
        outcome
    }

    /// Updates the session, or leaves it unchanged on an error.
    fn apply_update(
        &self,
        stored: &mut Session,
        data: &[u8],
        now: Duration,
    ) -> Result<SharedUpdateResult, ValidationError> {
        let data = match read_json(data)? {
            Value::Object(data) => data,
            // A value that is not an object has no members to merge.
            _ => Map::new(),
        };
        let updates = stored.updates + 1;
        let leaf_ttl =
            LeafTtl { expires_at: now.saturating_add(self.options.ttl), update: updates };
        let has_expired = stored.ttl.has_expired(now);
        let data = match fast_path::update(stored, data, leaf_ttl, has_expired, &self.options) {
            FastPathResult::Done(outcome) => return outcome,
            FastPathResult::NotApplicable(data) => data,
        };
        let mut pending =
            PendingUpdate { document: stored.members(), ttl: stored.ttl.clone(), updates };
        let expired = pending.ttl.expire(&mut pending.document, now);
        pending.ttl.refresh(&data, leaf_ttl);
        let mut document = Value::Object(std::mem::take(&mut pending.document));
        deep_merge(&mut document, Value::Object(data));
        self.options.fill_defaults(&mut document)?;
        // The merge of two valid documents is within the nesting limit, but defaults may exceed the limit.
        let mut size = measure(&document)?.json_bytes;
        if let Value::Object(document) = document {
            pending.document = document;
        }
        let pruned = prune::prune_to_limit(&self.options, &mut pending, &mut size)?;
        pending.ttl.retain_present(&pending.document);
        let document = Value::Object(pending.document);
        self.options.validate(&document)?;
        stored.document = Arc::new(document);
        stored.size = size;
        stored.ttl = pending.ttl;
        stored.updates = pending.updates;
        Ok(SharedUpdateResult { context: Arc::clone(&stored.document), expired, pruned })
    }

    /// Returns the state of a session: its context, expiry times and audit trail. An unknown session is empty.
    #[must_use]
    pub fn inspect(&self, session_id: &str) -> Inspection {
        let session_hash = hash_session_id(session_id);
        let stored = lock(&self.sessions).get(&session_hash).cloned();
        let mut session = stored.map(|shared| lock(&shared).clone()).unwrap_or_default();
        let mut members = session.members();
        session.ttl.expire(&mut members, self.options.clock.now());
        let document = Value::Object(members);
        let mut ttl_registry = BTreeMap::new();
        session.ttl.for_each_leaf(&mut |pointer, leaf_ttl| {
            ttl_registry.insert(pointer.to_owned(), format_rfc3339(leaf_ttl.expires_at));
        });
        Inspection {
            session_id: session_id.to_owned(),
            ttl_registry,
            recent_audit_trail: session.audit_trail.into_iter().collect(),
            schema_valid: self.options.validate(&document).is_ok(),
            current_context: match document {
                Value::Object(members) => members,
                _ => Map::new(),
            },
        }
    }

    /// Returns the stored document, including expired leaves.
    #[cfg(test)]
    pub(super) fn stored_document(&self, session_id: &str) -> Option<Arc<Value>> {
        let shared = lock(&self.sessions).get(&hash_session_id(session_id)).cloned()?;
        let document = Arc::clone(&lock(&shared).document);
        Some(document)
    }

    /// Clears the context of a session. The audit trail of the session stays until a [`sweep`](Self::sweep).
    pub fn reset(&self, session_id: &str) {
        let session_hash = hash_session_id(session_id);
        let shared = self.session(&session_hash);
        let mut session = lock(&shared);
        session.document = Arc::new(Value::Object(Map::new()));
        session.size = EMPTY_SIZE;
        session.ttl = TtlTree::default();
        let entry =
            self.audit_ids.entry(self.options.clock.now(), &session_hash, "reset", EMPTY_SIZE);
        push_bounded(&mut session.audit_trail, entry);
    }

    /// Removes every session that has only expired leaves, or none, and is not in use, with its audit trail. Returns
    /// the number of removed sessions.
    ///
    /// The manager also sweeps by itself, once per 1,024 updates and resets. It then keeps sessions whose last leaf
    /// expired less than an hour ago.
    pub fn sweep(&self) -> usize {
        self.sweep_expired_before(self.options.clock.now())
    }

    /// Removes every session without a leaf that expires after `time`, except sessions in use.
    fn sweep_expired_before(&self, time: Duration) -> usize {
        let mut sessions = lock(&self.sessions);
        let before = sessions.len();
        sessions.retain(|_, shared| {
            // A session in use is kept.
            let Ok(session) = shared.try_lock() else { return true };
            Arc::strong_count(shared) > 1
                || session.ttl.latest_expiry().is_some_and(|latest_expiry| latest_expiry > time)
        });
        before - sessions.len()
    }

    /// Returns the session, or creates it. Every [`CALLS_PER_SWEEP`]th call also sweeps.
    fn session(&self, session_hash: &str) -> Arc<Mutex<Session>> {
        if self.calls.fetch_add(1, Ordering::Relaxed) % CALLS_PER_SWEEP == CALLS_PER_SWEEP - 1 {
            self.sweep_expired_before(self.options.clock.now().saturating_sub(SWEEP_DELAY));
        }
        let mut sessions = lock(&self.sessions);
        Arc::clone(sessions.entry(session_hash.to_owned()).or_default())
    }
}
