//! The contexts that this client has seen in answers: their sizes only, of the sessions used last.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use crate::check::ExistingContext;
use crate::hashing::hash_session_id;

/// How many sessions are remembered.
const SESSIONS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1_023);

/// Sizes by the hash of the session id.
#[derive(Debug)]
pub(super) struct Seen(Mutex<LruCache<String, Arc<ExistingContext>>>);

impl Seen {
    pub(super) fn new() -> Self {
        Self(Mutex::new(LruCache::new(SESSIONS)))
    }

    pub(super) fn get(&self, session_id: &str) -> Option<Arc<ExistingContext>> {
        let session = hash_session_id(session_id);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&session).cloned()
    }

    pub(super) fn set(&self, session: &str, existing: ExistingContext) {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache.put(session.to_owned(), Arc::new(existing));
    }
}
