//! The options of a context manager.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, SystemClock};
use crate::policy::Policy;
use crate::report::ValidationError;
#[cfg(feature = "schema")]
use crate::schema::Schema;
use serde_json::Value;

/// The options of a [`ContextManager`](super::ContextManager).
#[derive(Clone)]
pub struct ContextOptions {
    /// The schema that contexts must match; its defaults are filled. Default: none.
    #[cfg(feature = "schema")]
    pub schema: Option<Arc<Schema>>,
    /// The maximum JSON bytes of a context. Default: 95,000.
    pub max_size_bytes: u64,
    /// The time to live of a leaf after the last update that contains it. Default: 300 s.
    pub ttl: Duration,
    /// JSON Pointers of values that pruning clears, in order, while a context is too large. A pointer to a missing
    /// value, a number, a boolean or `null` is ignored. Default: `/user_profile/preferences`.
    pub prune_paths: Vec<String>,
    /// Whether pruning also drops, after that, the least recently updated leaves, except those that the schema requires
    /// and those of the current update. Default: `false`.
    pub lru: bool,
    /// The clock that decides which leaves have expired. Default: the system's clock.
    pub clock: Arc<dyn Clock>,
    /// A random number that makes the ids of this manager's audit entries unique. Default: `None`, chosen at random,
    /// except on wasm, which has no source of randomness.
    pub instance_seed: Option<u64>,
}

/// Returns the default of each field.
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

/// Access to the schema, with and without the feature `schema`.
impl ContextOptions {
    #[cfg(feature = "schema")]
    pub(super) fn fill_defaults(&self, document: &mut Value) -> Result<(), ValidationError> {
        self.schema.as_ref().map_or(Ok(()), |schema| schema.fill_defaults(document))
    }

    #[cfg(not(feature = "schema"))]
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "without the feature there is no schema"
    )]
    pub(super) fn fill_defaults(&self, _: &mut Value) -> Result<(), ValidationError> {
        Ok(())
    }

    /// Returns whether filling defaults may change the document.
    #[cfg(feature = "schema")]
    pub(super) fn may_need_defaults(&self, document: &Value) -> bool {
        self.schema.as_ref().is_some_and(|schema| schema.may_need_defaults(document))
    }

    #[cfg(not(feature = "schema"))]
    #[expect(clippy::unused_self, reason = "without the feature there is no schema")]
    pub(super) fn may_need_defaults(&self, _: &Value) -> bool {
        false
    }

    /// Validates the document against the schema; `Ok` without a schema.
    #[cfg(feature = "schema")]
    pub(super) fn validate(&self, document: &Value) -> Result<(), ValidationError> {
        let Some(schema) = &self.schema else { return Ok(()) };
        let issues = schema.violations_unchecked_nesting(document);
        if issues.is_empty() { Ok(()) } else { Err(ValidationError::of(issues)) }
    }

    #[cfg(not(feature = "schema"))]
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "without the feature there is no schema"
    )]
    pub(super) fn validate(&self, _: &Value) -> Result<(), ValidationError> {
        Ok(())
    }

    /// Returns whether the schema requires the member at the path `keys`.
    #[cfg(feature = "schema")]
    pub(super) fn requires(&self, keys: &[String]) -> bool {
        self.schema.as_ref().is_some_and(|schema| schema.requires(keys.iter().map(String::as_str)))
    }

    #[cfg(not(feature = "schema"))]
    #[expect(clippy::unused_self, reason = "without the feature there is no schema")]
    pub(super) fn requires(&self, _: &[String]) -> bool {
        false
    }
}
