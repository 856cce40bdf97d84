//! Merging one document into another.

use serde_json::{Map, Value};

/// Merges `update` into `base`: objects merge member by member, all else is replaced.
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
    // Without recursion: documents come from callers, and may be nested without end.
    let mut waiting = vec![(base, update)];
    while let Some((base, update)) = waiting.pop() {
        match (base, update) {
            (Value::Object(base), Value::Object(update)) => {
                waiting.extend(merge_members(base, update));
            }
            (base, update) => *base = update,
        }
    }
}

/// Merges what can be merged at this level, and gives the pairs of objects that are to be merged
/// below it.
fn merge_members(
    base: &mut Map<String, Value>,
    update: Map<String, Value>,
) -> Vec<(&mut Value, Value)> {
    let mut below: Map<String, Value> = Map::new();
    for (key, value) in update {
        match base.get_mut(&key) {
            Some(Value::Object(_)) if value.is_object() => {
                below.insert(key, value);
            }
            Some(held) => *held = value,
            None => {
                base.insert(key, value);
            }
        }
    }
    if below.is_empty() {
        return Vec::new();
    }
    base.iter_mut().filter_map(|(key, held)| below.remove(key).map(|value| (held, value))).collect()
}
