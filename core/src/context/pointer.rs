//! JSON Pointers and the leaves of a document. A leaf is a value that is not an object, or an empty object.

use std::fmt;

use serde_json::{Map, Value};

use crate::path::push_escaped;

/// Returns whether a value is a leaf.
pub(super) fn is_leaf(value: &Value) -> bool {
    !matches!(value, Value::Object(members) if !members.is_empty())
}

/// The JSON Pointer of the current position in a walk through a document.
#[derive(Debug, Default)]
pub(super) struct Pointer(String);

impl Pointer {
    /// Appends a key. Returns the length to pass to [`pop`](Self::pop).
    pub(super) fn push(&mut self, key: &str) -> usize {
        let parent_length = self.0.len();
        self.0.push('/');
        push_escaped(&mut self.0, key);
        parent_length
    }

    /// Restores the length before [`push`](Self::push).
    pub(super) fn pop(&mut self, parent_length: usize) {
        self.0.truncate(parent_length);
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Calls `visit` with the JSON Pointer of every leaf. The document itself is not a leaf, even if it is empty.
pub(super) fn for_each_leaf(document: &Map<String, Value>, visit: &mut impl FnMut(&str, &Value)) {
    walk(document, &mut Pointer::default(), visit);
}

fn walk(object: &Map<String, Value>, pointer: &mut Pointer, visit: &mut impl FnMut(&str, &Value)) {
    for (key, value) in object {
        let parent_length = pointer.push(key);
        match value {
            Value::Object(inner) if !inner.is_empty() => walk(inner, pointer, visit),
            leaf => visit(pointer.as_str(), leaf),
        }
        pointer.pop(parent_length);
    }
}

/// Returns the keys of a JSON Pointer; `None` for the pointer to the root (`""`) and for other text.
pub(super) fn parse_pointer(pointer: &str) -> Option<Vec<String>> {
    let keys = pointer.strip_prefix('/')?.split('/');
    Some(keys.map(|key| key.replace("~1", "/").replace("~0", "~")).collect())
}

/// Removes a leaf, and each object that becomes empty because of this, unless `is_required` returns `true` for the
/// keys of the object. The document itself remains.
pub(super) fn remove(
    object: &mut Map<String, Value>,
    keys: &[String],
    is_required: &impl Fn(&[String]) -> bool,
) {
    remove_below(object, keys, 0, is_required);
}

fn remove_below(
    object: &mut Map<String, Value>,
    keys: &[String],
    depth: usize,
    is_required: &impl Fn(&[String]) -> bool,
) {
    let Some(key) = keys.get(depth) else { return };
    if depth + 1 == keys.len() {
        object.shift_remove(key);
        return;
    }
    let Some(Value::Object(inner)) = object.get_mut(key) else { return };
    remove_below(inner, keys, depth + 1, is_required);
    if inner.is_empty() && !is_required(keys.get(..=depth).unwrap_or_default()) {
        object.shift_remove(key);
    }
}
