//! The part of a session that the routes `/new/v2.0` read and write: the user, the context and the state.

use crate::size;
use serde_json::{Map, Value, json};

/// The part of a session that the routes `/new/v2.0` read and write.
///
/// The session id alone identifies it. Only the user of its first request is stored; other users are
/// accepted.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlatformSession {
    pub(crate) user_id: Option<String>,
    pub(crate) context: Map<String, Value>,
    /// `None` before the first injection of a state and after a reset.
    pub(crate) state: Option<String>,
}

impl PlatformSession {
    /// Stores the user if the session has none. A later user of the same session is accepted, but not
    /// stored.
    pub(crate) fn set_user_if_unset(&mut self, user_id: String) {
        self.user_id.get_or_insert(user_id);
    }

    /// Sets the keys one after another. If a key takes the context over `limit` platform bytes, an object
    /// with an error text replaces its value, and the remaining keys are processed.
    pub(crate) fn inject(&mut self, entries: Map<String, Value>, limit: usize) {
        let mut total = size::platform_bytes_of_object(&self.context);
        for (key, value) in entries {
            // Updates the sum instead of measuring the context for each key.
            let without_value = match self.context.get(&key) {
                Some(old) => total.saturating_sub(size::platform_bytes(old)),
                None => total.saturating_add(size::platform_bytes_of_text(&key)),
            };
            let fits = without_value.saturating_add(size::platform_bytes(&value)) <= limit;
            let value = if fits { value } else { error_value(&key) };
            total = without_value.saturating_add(size::platform_bytes(&value));
            // An existing key keeps its position.
            self.context.insert(key, value);
        }
    }
}

/// Returns the value that the platform writes in place of a value that does not fit.
fn error_value(key: &str) -> Value {
    json!({
        "error": format!("Cannot add value to context for key {key}: exceeded maximum context size."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sets each key and then measures the complete context.
    fn inject_and_measure_all(
        context: &mut Map<String, Value>,
        entries: Map<String, Value>,
        limit: usize,
    ) {
        for (key, value) in entries {
            context.insert(key.clone(), value);
            if size::platform_bytes_of_object(context) > limit {
                context.insert(key.clone(), error_value(&key));
            }
        }
    }

    #[test]
    fn inject_has_the_same_result_as_measuring_the_complete_context() {
        let Value::Object(injections) = json!({
            "fits": {"a": "x".repeat(50), "b": 1, "c": [1, 2, {"d": true}]},
            "one too large": {"b": "y".repeat(400), "e": null, "f": 1},
            "everything too large": {"a": 1, "g": "z".repeat(10), "h": "😀"},
            "smaller again": {"b": 0, "a": 2, "f": null, "g": null, "h": [], "i": "fits now"},
        }) else {
            panic!("an object")
        };
        for limit in (0..700).step_by(7) {
            let mut session = PlatformSession::default();
            let mut expected = Map::new();
            for entries in injections.values() {
                let entries = entries.as_object().unwrap();
                session.inject(entries.clone(), limit);
                inject_and_measure_all(&mut expected, entries.clone(), limit);
                assert_eq!(
                    serde_json::to_string(&session.context).unwrap(),
                    serde_json::to_string(&expected).unwrap(),
                    "limit {limit}"
                );
            }
        }
    }
}
