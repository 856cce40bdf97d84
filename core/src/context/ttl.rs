//! When each leaf of a document expires_at: a tree of the same shape as the document, so that neither a
//! long key nor a change high up costs more than it holds.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::pointer::{Pointer, is_leaf};

/// When a leaf expires_at, and which update touched it last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LeafTtl {
    pub(super) expires_at: Duration,
    pub(super) updated: u64,
}

/// The ttl of the members of one object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TtlTree(BTreeMap<String, TtlNode>);

/// The ttl of one member.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TtlNode {
    Leaf(LeafTtl),
    Object(TtlTree),
}

impl TtlTree {
    /// TtlTree every leaf of `data`, which is about to be merged; what it replaces is forgotten.
    pub(super) fn refresh(&mut self, data: &Map<String, Value>, leaf_ttl: LeafTtl) {
        for (key, value) in data {
            match (value, self.0.get_mut(key)) {
                // An empty object replaces no object, so where one stands it touches nothing.
                (Value::Object(below), Some(TtlNode::Object(_))) if below.is_empty() => {}
                (Value::Object(below), Some(TtlNode::Object(held))) => {
                    held.refresh(below, leaf_ttl)
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

    /// What these keys lead to was mark_cleared. A leaf keeps its leaf_ttl; an object, which is a leaf from
    /// now on, expires_at when the last of what it held would have ended.
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

    /// Whether a leaf has ended.
    pub(super) fn has_ended(&self, now: Duration) -> bool {
        self.0.values().any(|node| match node {
            TtlNode::Leaf(leaf_ttl) => leaf_ttl.expires_at <= now,
            TtlNode::Object(ttl) => ttl.has_ended(now),
        })
    }

    /// Takes every leaf that has ended out of the document, with the objects that are left empty by
    /// it, and names the leaves.
    pub(super) fn expire(
        &mut self,
        document: &mut Map<String, Value>,
        now: Duration,
    ) -> Vec<String> {
        let mut ended = Vec::new();
        self.expire_below(document, now, &mut Pointer::default(), &mut ended);
        ended
    }

    fn expire_below(
        &mut self,
        document: &mut Map<String, Value>,
        now: Duration,
        pointer: &mut Pointer,
        ended: &mut Vec<String>,
    ) {
        let mut gone = Vec::new();
        self.0.retain(|key, node| {
            let at = pointer.push(key);
            let stays = match node {
                TtlNode::Leaf(leaf_ttl) if leaf_ttl.expires_at <= now => {
                    ended.push(pointer.to_string());
                    false
                }
                TtlNode::Leaf(_) => true,
                TtlNode::Object(ttl) => match document.get_mut(key) {
                    Some(Value::Object(below)) => {
                        let before = ended.len();
                        ttl.expire_below(below, now, pointer, ended);
                        ended.len() == before || !below.is_empty()
                    }
                    // The document has the shape of its ttl after every update.
                    _ => true,
                },
            };
            pointer.pop(at);
            if !stays {
                gone.push(key.clone());
            }
            stays
        });
        if !gone.is_empty() {
            // One pass, in the order of the document, however many go.
            let gone: std::collections::BTreeSet<String> = gone.into_iter().collect();
            document.retain(|key, _| !gone.contains(key));
        }
    }

    /// Forgets the ttl of what is not a leaf of the document any more.
    pub(super) fn retain_present(&mut self, document: &Map<String, Value>) {
        self.0.retain(|key, node| node.retain_present(document.get(key)));
    }

    /// The same for one member.
    pub(super) fn retain_present_of(&mut self, key: &str, document: &Map<String, Value>) {
        if self.0.get_mut(key).is_some_and(|node| !node.retain_present(document.get(key))) {
            self.0.remove(key);
        }
    }

    /// The ttl of a member.
    pub(super) fn node(&self, key: &str) -> Option<&TtlNode> {
        self.0.get(key)
    }

    /// Makes the ttl of a member what they were.
    pub(super) fn restore(&mut self, key: &str, node: Option<TtlNode>) {
        match (self.0.get_mut(key), node) {
            (Some(held), Some(node)) => *held = node,
            (None, Some(node)) => {
                self.0.insert(key.to_owned(), node);
            }
            (_, None) => {
                self.0.remove(key);
            }
        }
    }

    /// Calls `found` with the pointer and leaf_ttl of every leaf.
    pub(super) fn each(&self, found: &mut impl FnMut(&str, LeafTtl)) {
        self.each_below(&mut Pointer::default(), found);
    }

    fn each_below(&self, pointer: &mut Pointer, found: &mut impl FnMut(&str, LeafTtl)) {
        for (key, node) in &self.0 {
            let at = pointer.push(key);
            match node {
                TtlNode::Leaf(leaf_ttl) => found(pointer.as_str(), *leaf_ttl),
                TtlNode::Object(ttl) => ttl.each_below(pointer, found),
            }
            pointer.pop(at);
        }
    }

    /// The leaf_ttl of the member `key`, and the ttl below it.
    pub(super) fn member(&self, key: &str) -> (Option<LeafTtl>, Option<&Self>) {
        match self.0.get(key) {
            Some(TtlNode::Leaf(leaf_ttl)) => (Some(*leaf_ttl), None),
            Some(TtlNode::Object(ttl)) => (None, Some(ttl)),
            None => (None, None),
        }
    }

    /// When the last leaf expires_at; none when there is none.
    pub(super) fn last_end(&self) -> Option<Duration> {
        self.latest().map(|leaf_ttl| leaf_ttl.expires_at)
    }

    /// The leaf_ttl of the leaf that expires_at last; none when there is no leaf.
    fn latest(&self) -> Option<LeafTtl> {
        let ttl = self.0.values().filter_map(|node| match node {
            TtlNode::Leaf(leaf_ttl) => Some(*leaf_ttl),
            TtlNode::Object(ttl) => ttl.latest(),
        });
        ttl.max_by_key(|leaf_ttl| (leaf_ttl.expires_at, leaf_ttl.updated))
    }
}

impl TtlNode {
    /// The same for one member; whether anything stays.
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
