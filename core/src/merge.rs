//! Merges one JSON document into another.

use serde_json::{Map, Value};

/// Merges `update` into `base`. Objects are merged key by key: a key that occurs only in `update` is
/// added, and a key that occurs only in `base` stays. Any other value, including an array or `null`,
/// replaces the old one.
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
    // The merge uses a list instead of recursion, because recursion over a deeply nested document could
    // overflow the stack. Only a replaced value is dropped recursively.
    let mut pending = vec![(base, update)];
    while let Some((base, update)) = pending.pop() {
        match (base, update) {
            (Value::Object(base), Value::Object(update)) => {
                pending.extend(merge_one_level(base, update));
            }
            (base, update) => *base = update,
        }
    }
}

/// Merges one level. Returns (old object, new object) for each key where both values are objects.
fn merge_one_level(
    base: &mut Map<String, Value>,
    update: Map<String, Value>,
) -> Vec<(&mut Value, Value)> {
    let mut nested_updates: Map<String, Value> = Map::new();
    for (key, value) in update {
        match base.get_mut(&key) {
            Some(Value::Object(_)) if value.is_object() => {
                nested_updates.insert(key, value);
            }
            Some(old) => *old = value,
            None => {
                base.insert(key, value);
            }
        }
    }
    if nested_updates.is_empty() {
        return Vec::new();
    }
    // A second pass, because only `iter_mut` can borrow several values of `base` mutably at once.
    base.iter_mut()
        .filter_map(|(key, old)| nested_updates.remove(key).map(|new| (old, new)))
        .collect()
}
