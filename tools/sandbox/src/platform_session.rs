//! A session as the platform's routes know it, and how its context is written.

use crate::size;
use serde_json::{Map, Value, json};

/// The platform's part of a session.
///
/// It is found by the session's id alone. It remembers the user of its first use; another user id
/// later on is accepted and changes nothing about that.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlatformSession {
    pub(crate) user_id: Option<String>,
    pub(crate) context: Map<String, Value>,
    pub(crate) state: Option<String>,
}

impl PlatformSession {
    /// Remembers the user of the first use.
    pub(crate) fn used_by(&mut self, user_id: String) {
        self.user_id.get_or_insert(user_id);
    }

    /// Sets each key in turn. One that leaves the whole context larger than `limit` is not refused:
    /// an error takes the place of its value, and the rest goes on.
    pub(crate) fn inject(&mut self, entries: Map<String, Value>, limit: usize) {
        let mut total = size::platform_bytes_of_object(&self.context);
        for (key, value) in entries {
            // Keeping the sum up to date is the same as measuring the whole object each time.
            let others = match self.context.get(&key) {
                Some(old) => total.saturating_sub(size::platform_bytes(old)),
                None => total.saturating_add(size::platform_bytes_of_text(&key)),
            };
            let fits = others.saturating_add(size::platform_bytes(&value)) <= limit;
            let value = if fits { value } else { replacement(&key) };
            total = others.saturating_add(size::platform_bytes(&value));
            // An existing key keeps its place.
            self.context.insert(key, value);
        }
    }
}

/// What the platform leaves in the place of a value that does not fit.
fn replacement(key: &str) -> Value {
    json!({
        "error": format!("Cannot add value to context for key {key}: exceeded maximum context size."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rule as it is stated: set the key, then measure everything.
    fn inject_plainly(context: &mut Map<String, Value>, entries: Map<String, Value>, limit: usize) {
        for (key, value) in entries {
            context.insert(key.clone(), value);
            if size::platform_bytes_of_object(context) > limit {
                context.insert(key.clone(), replacement(&key));
            }
        }
    }

    #[test]
    fn keeping_the_sum_is_the_same_as_measuring_everything() {
        let Value::Object(rounds) = json!({
            "fits": {"a": "x".repeat(50), "b": 1, "c": [1, 2, {"d": true}]},
            "one too large": {"b": "y".repeat(400), "e": null, "f": 1},
            "everything too large": {"a": 1, "g": "z".repeat(10), "h": "😀"},
            "smaller again": {"b": 0, "a": 2, "f": null, "g": null, "h": [], "i": "fits now"},
        }) else {
            panic!("an object")
        };
        for limit in (0..700).step_by(7) {
            let mut session = PlatformSession::default();
            let mut plain = Map::new();
            for entries in rounds.values() {
                let entries = entries.as_object().unwrap();
                session.inject(entries.clone(), limit);
                inject_plainly(&mut plain, entries.clone(), limit);
                assert_eq!(
                    serde_json::to_string(&session.context).unwrap(),
                    serde_json::to_string(&plain).unwrap(),
                    "limit {limit}"
                );
            }
        }
    }
}
