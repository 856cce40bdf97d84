//! The leaves of a document: values that are no objects, and objects that are empty. Each is known by
//! its JSON Pointer.

use std::fmt;

use serde_json::{Map, Value};

use crate::path::push_escaped;

/// Whether a value is a leaf.
pub(super) fn is_leaf(value: &Value) -> bool {
    !matches!(value, Value::Object(members) if !members.is_empty())
}

/// A JSON Pointer that goes down and up with a walk.
#[derive(Debug, Default)]
pub(super) struct Pointer(String);

impl Pointer {
    /// Goes down to a member; answers what [`pop`](Self::pop) needs to come back.
    pub(super) fn push(&mut self, key: &str) -> usize {
        let at = self.0.len();
        self.0.push('/');
        push_escaped(&mut self.0, key);
        at
    }

    pub(super) fn pop(&mut self, at: usize) {
        self.0.truncate(at);
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

/// Calls `found` with the pointer of every leaf; the whole is no leaf even when it is empty.
pub(super) fn each_leaf(document: &Map<String, Value>, found: &mut impl FnMut(&str, &Value)) {
    walk(document, &mut Pointer::default(), found);
}

fn walk(object: &Map<String, Value>, pointer: &mut Pointer, found: &mut impl FnMut(&str, &Value)) {
    for (key, value) in object {
        let at = pointer.push(key);
        match value {
            Value::Object(inner) if !inner.is_empty() => walk(inner, pointer, found),
            leaf => found(pointer.as_str(), leaf),
        }
        pointer.pop(at);
    }
}

/// The keys of a pointer to something within a document; none for text that is no such pointer.
pub(super) fn keys(pointer: &str) -> Option<Vec<String>> {
    let keys = pointer.strip_prefix('/')?.split('/');
    Some(keys.map(|key| key.replace("~1", "/").replace("~0", "~")).collect())
}

/// Takes a leaf out, and every object that is left empty by it, but for those that `stays` names and
/// the whole.
pub(super) fn remove(
    object: &mut Map<String, Value>,
    keys: &[String],
    stays: &impl Fn(&[String]) -> bool,
) {
    remove_below(object, keys, 0, stays);
}

fn remove_below(
    object: &mut Map<String, Value>,
    keys: &[String],
    depth: usize,
    stays: &impl Fn(&[String]) -> bool,
) {
    let Some(key) = keys.get(depth) else { return };
    if depth + 1 == keys.len() {
        object.shift_remove(key);
        return;
    }
    let Some(Value::Object(inner)) = object.get_mut(key) else { return };
    remove_below(inner, keys, depth + 1, stays);
    if inner.is_empty() && !stays(keys.get(..=depth).unwrap_or_default()) {
        object.shift_remove(key);
    }
}
