//! The handles of context managers in JavaScript.
//!
//! In every call, `now` is the time in seconds since 1970, and `session_id` is encoded as a JSON string, with
//! its quotes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cognigy_context::__bindings;
use cognigy_context::{Clock, ConfigurationError, ContextManager, ContextOptions, ValidationError};
use serde::Deserialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::args::{duration_from_seconds, parse_id};
use crate::errors::to_js_error;
use crate::schema::SchemaHandle;

/// A clock that JavaScript sets: every call passes the time in seconds since 1970.
#[derive(Debug, Default)]
struct HostClock(AtomicU64);

impl HostClock {
    fn set(&self, now: f64) {
        self.0.store(now.to_bits(), Ordering::Relaxed);
    }
}

impl Clock for HostClock {
    fn now(&self) -> Duration {
        duration_from_seconds(f64::from_bits(self.0.load(Ordering::Relaxed))).unwrap_or_default()
    }
}

/// The options of a manager. The core's defaults replace missing options.
#[derive(Deserialize)]
struct Options {
    max_size_bytes: Option<u64>,
    ttl_seconds: Option<f64>,
    prune_paths: Option<Vec<String>>,
    lru: Option<bool>,
    /// A random number of the host, for unique ids of audit entries.
    instance_seed: u64,
}

/// A context manager that belongs to a JavaScript object.
#[derive(Debug)]
#[wasm_bindgen]
pub struct ManagerHandle {
    manager: ContextManager,
    clock: Arc<HostClock>,
}

#[wasm_bindgen]
impl ManagerHandle {
    /// Creates a manager without a schema. `options` is JSON:
    /// `{max_size_bytes?, ttl_seconds?, prune_paths?, lru?, instance_seed}`.
    ///
    /// # Errors
    /// JSON of the error for an invalid option.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Self, JsValue> {
        Self::build(options, None).map_err(to_js_error)
    }

    /// Creates a manager whose contexts must match a schema.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    #[wasm_bindgen(js_name = withSchema)]
    pub fn with_schema(options: &str, schema: &SchemaHandle) -> Result<Self, JsValue> {
        Self::build(options, Some(schema)).map_err(to_js_error)
    }

    fn build(options: &str, schema: Option<&SchemaHandle>) -> Result<Self, ConfigurationError> {
        let invalid = || {
            ConfigurationError::new(
                "invalid option of the context manager: maxSizeBytes must be an integer of 0 or \
                 more, ttlSeconds a number of 0 or more, prunePaths a list of JSON Pointers, lru a \
                 boolean",
            )
        };
        let parsed: Options = serde_json::from_str(options).map_err(|_| invalid())?;
        let clock = Arc::new(HostClock::default());
        let mut options = ContextOptions {
            schema: schema.map(SchemaHandle::schema),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            instance_seed: Some(parsed.instance_seed),
            ..ContextOptions::default()
        };
        if let Some(bytes) = parsed.max_size_bytes {
            options.max_size_bytes = bytes;
        }
        if let Some(ttl) = parsed.ttl_seconds {
            options.ttl = duration_from_seconds(ttl).ok_or_else(invalid)?;
        }
        if let Some(paths) = parsed.prune_paths {
            options.prune_paths = paths;
        }
        if let Some(lru) = parsed.lru {
            options.lru = lru;
        }
        Ok(Self { manager: ContextManager::new(options), clock })
    }

    /// Merges data into the context of a session. `data` is JSON text that may contain sentinels. Returns
    /// JSON: `{context, expired, pruned}`.
    ///
    /// # Errors
    /// JSON of the error. The stored context stays unchanged.
    pub fn update(&self, now: f64, session_id: &str, data: &str) -> Result<String, JsValue> {
        self.clock.set(now);
        self.update_json(session_id, data).map_err(to_js_error)
    }

    fn update_json(&self, session_id: &str, data: &str) -> Result<String, ValidationError> {
        let session_id = parse_id(session_id, "sessionId")?;
        let updated = __bindings::update_with_sentinels(&self.manager, &session_id, data)?;
        Ok(serde_json::to_string(&updated).unwrap_or_default())
    }

    /// Returns the state of a session as JSON.
    ///
    /// # Errors
    /// JSON of the error when the id has a lone surrogate.
    pub fn inspect(&self, now: f64, session_id: &str) -> Result<String, JsValue> {
        self.clock.set(now);
        let session_id = parse_id(session_id, "sessionId").map_err(to_js_error)?;
        Ok(serde_json::to_string(&self.manager.inspect(&session_id)).unwrap_or_default())
    }

    /// Clears the context of a session.
    ///
    /// # Errors
    /// As [`inspect`](Self::inspect).
    pub fn reset(&self, now: f64, session_id: &str) -> Result<(), JsValue> {
        self.clock.set(now);
        self.manager.reset(&parse_id(session_id, "sessionId").map_err(to_js_error)?);
        Ok(())
    }

    /// Removes every session whose values have all expired. Returns the number of removed sessions.
    pub fn sweep(&self, now: f64) -> usize {
        self.clock.set(now);
        self.manager.sweep()
    }
}
