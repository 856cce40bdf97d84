//! How a manager keeps contexts, and what it holds them to.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, SystemClock};
use crate::policy::Policy;
use crate::report::ValidationError;
#[cfg(feature = "schema")]
use crate::schema::Schema;
use serde_json::Value;

/// How a manager keeps contexts.
#[derive(Clone)]
pub struct ContextOptions {
    /// What a context must be; its defaults are filled.
    #[cfg(feature = "schema")]
    pub schema: Option<Arc<Schema>>,
    /// Most JSON bytes of a context.
    pub max_size_bytes: u64,
    /// How long a leaf lives after the update that touched it last.
    pub ttl: Duration,
    /// What is mark_cleared, in order, while a context is too large; JSON Pointers, so each begins with
    /// `/`. One that leads nowhere is passed over.
    pub prune_paths: Vec<String>,
    /// Whether then the leaves that were updated least recently are dropped too, but for those that
    /// the schema requires and those that the update brings.
    pub lru: bool,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// A number by chance, which tells the ids of this manager's audit entries from those of
    /// others; one is made when none is given, but on wasm, which has no chance of its own.
    pub instance_seed: Option<u64>,
}

/// No schema, 95,000 bytes, 300 s, `/user_profile/preferences` may be mark_cleared, nothing is dropped.
impl Default for ContextOptions {
    fn default() -> Self {
        Self {
            #[cfg(feature = "schema")]
            schema: None,
            max_size_bytes: Policy::context().max_context_bytes.unwrap_or(u64::MAX),
            ttl: Duration::from_secs(300),
            prune_paths: vec!["/user_profile/preferences".to_owned()],
            lru: false,
            clock: Arc::new(SystemClock),
            instance_seed: None,
        }
    }
}

impl fmt::Debug for ContextOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextOptions")
            .field("max_size_bytes", &self.max_size_bytes)
            .field("ttl", &self.ttl)
            .field("prune_paths", &self.prune_paths)
            .field("lru", &self.lru)
            .finish_non_exhaustive()
    }
}

/// What the schema says; nothing without one.
impl ContextOptions {
    #[cfg(feature = "schema")]
    pub(super) fn fill_defaults(&self, document: &mut Value) {
        if let Some(schema) = &self.schema {
            schema.fill_defaults(document);
        }
    }

    #[cfg(not(feature = "schema"))]
    #[expect(clippy::unused_self, reason = "there is no schema to ask")]
    pub(super) fn fill_defaults(&self, _: &mut Value) {}

    /// Whether filling defaults could change the document.
    #[cfg(feature = "schema")]
    pub(super) fn lacks_defaults(&self, document: &Value) -> bool {
        self.schema.as_ref().is_some_and(|schema| schema.lacks_defaults(document))
    }

    #[cfg(not(feature = "schema"))]
    #[expect(clippy::unused_self, reason = "there is no schema to ask")]
    pub(super) fn lacks_defaults(&self, _: &Value) -> bool {
        false
    }

    #[cfg(feature = "schema")]
    pub(super) fn validate(&self, document: &Value) -> Result<(), ValidationError> {
        let Some(schema) = &self.schema else { return Ok(()) };
        // Whether there is a violation is told much faster than which.
        if schema.is_valid_measured(document) {
            return Ok(());
        }
        let issues = schema.violations(document);
        if issues.is_empty() { Ok(()) } else { Err(ValidationError::of(issues)) }
    }

    #[cfg(not(feature = "schema"))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "there is no schema to ask")]
    pub(super) fn validate(&self, _: &Value) -> Result<(), ValidationError> {
        Ok(())
    }

    #[cfg(feature = "schema")]
    pub(super) fn requires(&self, keys: &[String]) -> bool {
        self.schema.as_ref().is_some_and(|schema| schema.requires(keys.iter().map(String::as_str)))
    }

    #[cfg(not(feature = "schema"))]
    #[expect(clippy::unused_self, reason = "there is no schema to ask")]
    pub(super) fn requires(&self, _: &[String]) -> bool {
        false
    }
}
