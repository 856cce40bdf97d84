//! The sizes of the contexts in recent responses, so that a check of new data can include them.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use lru::LruCache;

use crate::check::ExistingContext;
use crate::hashing::hash_session_id;
use crate::sync::lock;

/// 1,024 sessions.
const MAX_SESSIONS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1_023);

/// The sizes of contexts by the hash of the session id, for the sessions used last.
#[derive(Debug)]
pub(super) struct ContextSizeCache(Mutex<LruCache<String, Arc<ExistingContext>>>);

impl ContextSizeCache {
    pub(super) fn new() -> Self {
        Self(Mutex::new(LruCache::new(MAX_SESSIONS)))
    }

    pub(super) fn get(&self, session_id: &str) -> Option<Arc<ExistingContext>> {
        let hash = hash_session_id(session_id);
        lock(&self.0).get(&hash).cloned()
    }

    pub(super) fn set(&self, session_hash: &str, existing: ExistingContext) {
        lock(&self.0).put(session_hash.to_owned(), Arc::new(existing));
    }
}
