//! The seeded variables of `/api/v2/botsessions`. They are returned unchanged, so that tests can use
//! responses of any shape.

use crate::size;
use serde_json::Value;

/// The seeded variables of a session. `/api/v2/botsessions` also returns the injected ones.
#[derive(Debug, Default)]
pub(crate) struct BotVariables {
    raw: Vec<Value>,
    /// The size of the compact JSON text, in bytes.
    weight: usize,
}

impl BotVariables {
    pub(crate) fn new(raw: Vec<Value>) -> Self {
        let weight = size::json_bytes(&raw);
        Self { raw, weight }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Value> {
        self.raw.iter()
    }

    pub(crate) fn weight(&self) -> usize {
        self.weight
    }

    /// Returns the variables for a test; `None` without variables.
    pub(crate) fn describe(&self) -> Option<Value> {
        (!self.raw.is_empty()).then(|| Value::Array(self.raw.clone()))
    }
}
