//! Context managers that JavaScript holds on to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cognigy_context::__bindings;
use cognigy_context::{Clock, ConfigurationError, ContextManager, ContextOptions, ValidationError};
use serde::Deserialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::failure::thrown;
use crate::schema::SchemaHandle;
use crate::text::{id_of, seconds};

/// The host's clock: every call brings the time, in seconds since 1970.
#[derive(Debug, Default)]
struct HostClock(AtomicU64);

impl HostClock {
    fn set(&self, now: f64) {
        self.0.store(now.to_bits(), Ordering::Relaxed);
    }
}

impl Clock for HostClock {
    fn now(&self) -> Duration {
        seconds(f64::from_bits(self.0.load(Ordering::Relaxed))).unwrap_or_default()
    }
}

/// What TypeScript says of a manager; what it does not say is the core's default.
#[derive(Deserialize)]
struct Options {
    max_size_bytes: Option<u64>,
    ttl_seconds: Option<f64>,
    prune_paths: Option<Vec<String>>,
    lru: Option<bool>,
    /// A number of the host's own chance, which tells this manager's audit ids apart.
    origin: u64,
}

/// A manager of many sessions' contexts.
#[derive(Debug)]
#[wasm_bindgen]
pub struct ManagerHandle {
    manager: ContextManager,
    clock: Arc<HostClock>,
}

#[wasm_bindgen]
impl ManagerHandle {
    /// A manager from JSON: `{max_size_bytes?, ttl_seconds?, prune_paths?, lru?, origin}`.
    ///
    /// # Errors
    /// JSON of the error when an option is of another kind.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Self, JsValue> {
        Self::build(options, None).map_err(thrown)
    }

    /// The same, with a schema that contexts are held against.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    #[wasm_bindgen(js_name = withSchema)]
    pub fn with_schema(options: &str, schema: &SchemaHandle) -> Result<Self, JsValue> {
        Self::build(options, Some(schema)).map_err(thrown)
    }

    fn build(options: &str, schema: Option<&SchemaHandle>) -> Result<Self, ConfigurationError> {
        let unsupported = || {
            ConfigurationError::new(
                "an option of the context manager is of another kind: maxSizeBytes is a whole number, ttlSeconds a number from 0, prunePaths a list of JSON Pointers, lru a boolean",
            )
        };
        let given: Options = serde_json::from_str(options).map_err(|_| unsupported())?;
        let clock = Arc::new(HostClock::default());
        let mut options = ContextOptions {
            schema: schema.map(SchemaHandle::schema),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            instance_seed: Some(given.origin),
            ..ContextOptions::default()
        };
        if let Some(bytes) = given.max_size_bytes {
            options.max_size_bytes = bytes;
        }
        if let Some(ttl) = given.ttl_seconds {
            options.ttl = seconds(ttl).ok_or_else(unsupported)?;
        }
        if let Some(paths) = given.prune_paths {
            options.prune_paths = paths;
        }
        if let Some(lru) = given.lru {
            options.lru = lru;
        }
        Ok(Self { manager: ContextManager::new(options), clock })
    }

    /// Merges data into a session's context. Answers JSON: `{context, expired, pruned}`.
    ///
    /// # Errors
    /// JSON of the error; the stored context is then as it was.
    pub fn update(&self, now: f64, session_id: &str, data: &str) -> Result<String, JsValue> {
        self.clock.set(now);
        self.updated(session_id, data).map_err(thrown)
    }

    fn updated(&self, session_id: &str, data: &str) -> Result<String, ValidationError> {
        let session_id = id_of(session_id, "sessionId")?;
        let updated = __bindings::update_with_sentinels(&self.manager, &session_id, data)?;
        Ok(serde_json::to_string(&updated).unwrap_or_default())
    }

    /// How a session stands, as JSON.
    ///
    /// # Errors
    /// JSON of the error when the id holds half of a surrogate pair.
    pub fn inspect(&self, now: f64, session_id: &str) -> Result<String, JsValue> {
        self.clock.set(now);
        let session_id = id_of(session_id, "sessionId").map_err(thrown)?;
        Ok(serde_json::to_string(&self.manager.inspect(&session_id)).unwrap_or_default())
    }

    /// Forgets a session's context.
    ///
    /// # Errors
    /// As [`inspect`](Self::inspect).
    pub fn reset(&self, now: f64, session_id: &str) -> Result<(), JsValue> {
        self.clock.set(now);
        self.manager.reset(&id_of(session_id, "sessionId").map_err(thrown)?);
        Ok(())
    }

    /// Forgets every session of which nothing is left; answers how many.
    pub fn sweep(&self, now: f64) -> usize {
        self.clock.set(now);
        self.manager.sweep()
    }
}
