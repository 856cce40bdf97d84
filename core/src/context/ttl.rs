//! The expiry time of each leaf of a document, as a tree of the same form. With a tree the cost of refreshing
//! depends on the size of the update and not on the size of the document; only the search for expired leaves visits
//! every leaf.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::pointer::{Pointer, is_leaf};

/// The expiry time of a leaf (since 1970-01-01T00:00:00Z), and the number of the update that refreshed it last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LeafTtl {
    pub(super) expires_at: Duration,
    pub(super) update: u64,
}

/// The times to live of the members of one object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TtlTree(BTreeMap<String, TtlNode>);

/// The time to live of one member.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TtlNode {
    Leaf(LeafTtl),
    Object(TtlTree),
}

impl TtlTree {
    /// Refreshes every leaf of `data`, which the caller merges into the document next. Removes the entries of
    /// leaves that `data` replaces.
    pub(super) fn refresh(&mut self, data: &Map<String, Value>, leaf_ttl: LeafTtl) {
        for (key, value) in data {
            match (value, self.0.get_mut(key)) {
                // Merging an empty object into an object changes nothing.
                (Value::Object(below), Some(TtlNode::Object(_))) if below.is_empty() => {}
                (Value::Object(below), Some(TtlNode::Object(existing))) => {
                    existing.refresh(below, leaf_ttl)
                }
                (Value::Object(below), _) if !below.is_empty() => {
                    let mut ttl = Self::default();
                    ttl.refresh(below, leaf_ttl);
                    self.0.insert(key.clone(), TtlNode::Object(ttl));
                }
                _ => {
                    self.0.insert(key.clone(), TtlNode::Leaf(leaf_ttl));
                }
            }
        }
    }

    /// Records that pruning cleared the value at `keys`. A leaf keeps its time to live. An object becomes a leaf
    /// that expires when the last of its former leaves would have expired.
    pub(super) fn mark_cleared(&mut self, keys: &[String]) {
        let Some((first, rest)) = keys.split_first() else { return };
        let Some(node) = self.0.get_mut(first) else { return };
        if let TtlNode::Object(below) = node {
            if !rest.is_empty() {
                below.mark_cleared(rest);
            } else if let Some(leaf_ttl) = below.latest() {
                *node = TtlNode::Leaf(leaf_ttl);
            }
        }
    }

    /// Returns whether a leaf has expired.
    pub(super) fn has_expired(&self, now: Duration) -> bool {
        self.0.values().any(|node| match node {
            TtlNode::Leaf(leaf_ttl) => leaf_ttl.expires_at <= now,
            TtlNode::Object(ttl) => ttl.has_expired(now),
        })
    }

    /// Removes every expired leaf from this tree and from the document, and objects that become empty because of
    /// this. Returns the JSON Pointers of the leaves.
    pub(super) fn expire(
        &mut self,
        document: &mut Map<String, Value>,
        now: Duration,
    ) -> Vec<String> {
        let mut expired = Vec::new();
        self.expire_below(document, now, &mut Pointer::default(), &mut expired);
        expired
    }

    fn expire_below(
        &mut self,
        document: &mut Map<String, Value>,
        now: Duration,
        pointer: &mut Pointer,
        expired: &mut Vec<String>,
    ) {
        let mut removed_keys = Vec::new();
        self.0.retain(|key, node| {
            let parent_length = pointer.push(key);
            let remains = match node {
                TtlNode::Leaf(leaf_ttl) if leaf_ttl.expires_at <= now => {
                    expired.push(pointer.to_string());
                    false
                }
                TtlNode::Leaf(_) => true,
                TtlNode::Object(ttl) => match document.get_mut(key) {
                    Some(Value::Object(below)) => {
                        let before = expired.len();
                        ttl.expire_below(below, now, pointer, expired);
                        expired.len() == before || !below.is_empty()
                    }
                    // After every update the document has the form of this tree, so this does not occur.
                    _ => true,
                },
            };
            pointer.pop(parent_length);
            if !remains {
                removed_keys.push(key.clone());
            }
            remains
        });
        if !removed_keys.is_empty() {
            // One pass keeps the order of the document.
            let removed_keys: std::collections::BTreeSet<String> =
                removed_keys.into_iter().collect();
            document.retain(|key, _| !removed_keys.contains(key));
        }
    }

    /// Removes the entries that are no longer leaves of the document.
    pub(super) fn retain_present(&mut self, document: &Map<String, Value>) {
        self.0.retain(|key, node| node.retain_present(document.get(key)));
    }

    /// Removes the entries of one member that are no longer leaves of the document.
    pub(super) fn retain_present_of(&mut self, key: &str, document: &Map<String, Value>) {
        if self.0.get_mut(key).is_some_and(|node| !node.retain_present(document.get(key))) {
            self.0.remove(key);
        }
    }

    /// Returns the entry of a member; `None` if there is none.
    pub(super) fn node(&self, key: &str) -> Option<&TtlNode> {
        self.0.get(key)
    }

    /// Restores the entry of a member; `None` removes the entry.
    pub(super) fn restore(&mut self, key: &str, node: Option<TtlNode>) {
        match (self.0.get_mut(key), node) {
            (Some(current), Some(node)) => *current = node,
            (None, Some(node)) => {
                self.0.insert(key.to_owned(), node);
            }
            (_, None) => {
                self.0.remove(key);
            }
        }
    }

    /// Calls `visit` with the JSON Pointer and time to live of every leaf.
    pub(super) fn for_each_leaf(&self, visit: &mut impl FnMut(&str, LeafTtl)) {
        self.for_each_leaf_below(&mut Pointer::default(), visit);
    }

    fn for_each_leaf_below(&self, pointer: &mut Pointer, visit: &mut impl FnMut(&str, LeafTtl)) {
        for (key, node) in &self.0 {
            let parent_length = pointer.push(key);
            match node {
                TtlNode::Leaf(leaf_ttl) => visit(pointer.as_str(), *leaf_ttl),
                TtlNode::Object(ttl) => ttl.for_each_leaf_below(pointer, visit),
            }
            pointer.pop(parent_length);
        }
    }

    /// Returns the time to live of the member `key` if it is a leaf, or the tree below it.
    pub(super) fn member(&self, key: &str) -> (Option<LeafTtl>, Option<&Self>) {
        match self.0.get(key) {
            Some(TtlNode::Leaf(leaf_ttl)) => (Some(*leaf_ttl), None),
            Some(TtlNode::Object(ttl)) => (None, Some(ttl)),
            None => (None, None),
        }
    }

    /// Returns the latest expiry time; `None` without leaves.
    pub(super) fn latest_expiry(&self) -> Option<Duration> {
        self.latest().map(|leaf_ttl| leaf_ttl.expires_at)
    }

    /// Returns the time to live of the leaf that expires last; `None` without leaves.
    fn latest(&self) -> Option<LeafTtl> {
        let ttl = self.0.values().filter_map(|node| match node {
            TtlNode::Leaf(leaf_ttl) => Some(*leaf_ttl),
            TtlNode::Object(ttl) => ttl.latest(),
        });
        ttl.max_by_key(|leaf_ttl| (leaf_ttl.expires_at, leaf_ttl.update))
    }
}

impl TtlNode {
    /// Removes the entries that are no longer leaves of `value`. Returns whether any entry remains.
    fn retain_present(&mut self, value: Option<&Value>) -> bool {
        match (value, self) {
            (Some(Value::Object(below)), Self::Object(ttl)) => {
                ttl.retain_present(below);
                !ttl.0.is_empty()
            }
            (Some(value), Self::Leaf(_)) => is_leaf(value),
            _ => false,
        }
    }
}
