//! Merges one JSON document into another.

use serde_json::{Map, Value};

/// Merges `update` into `base`. Objects are merged member by member; any other value, including
/// arrays and `null`, replaces the old one.
///
/// ```
/// use cognigy_context::deep_merge;
/// use serde_json::json;
///
/// let mut base = json!({"user": {"name": "Ada", "tags": [1, 2]}, "turn": 1});
/// deep_merge(&mut base, json!({"user": {"tags": [3]}, "turn": null}));
/// assert_eq!(base, json!({"user": {"name": "Ada", "tags": [3]}, "turn": null}));
/// ```
pub fn deep_merge(base: &mut Value, update: Value) {
    // No recursion: callers may pass documents of any depth.
    let mut pending = vec![(base, update)];
    while let Some((base, update)) = pending.pop() {
        match (base, update) {
            (Value::Object(base), Value::Object(update)) => {
                pending.extend(merge_members(base, update));
            }
            (base, update) => *base = update,
        }
    }
}

/// Merges one level and returns the pairs of objects to merge below it.
fn merge_members(
    base: &mut Map<String, Value>,
    update: Map<String, Value>,
) -> Vec<(&mut Value, Value)> {
    let mut objects: Map<String, Value> = Map::new();
    for (key, value) in update {
        match base.get_mut(&key) {
            Some(Value::Object(_)) if value.is_object() => {
                objects.insert(key, value);
            }
            Some(present) => *present = value,
            None => {
                base.insert(key, value);
            }
        }
    }
    if objects.is_empty() {
        return Vec::new();
    }
    base.iter_mut()
        .filter_map(|(key, present)| objects.remove(key).map(|value| (present, value)))
        .collect()
}
