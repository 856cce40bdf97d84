//! When each leaf of a document ends: a tree of the same shape as the document, so that neither a
//! long key nor a change high up costs more than it holds.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::leaves::{Pointer, is_leaf};

/// When a leaf ends, and which update touched it last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) ends: Duration,
    pub(super) updated: u64,
}

/// The stamps of the members of one object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Stamps(BTreeMap<String, Node>);

/// The stamps of one member.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Leaf(Stamp),
    Object(Stamps),
}

impl Stamps {
    /// Stamps every leaf of `data`, which is about to be merged; what it replaces is forgotten.
    pub(super) fn touch(&mut self, data: &Map<String, Value>, stamp: Stamp) {
        for (key, value) in data {
            match (value, self.0.get_mut(key)) {
                // An empty object replaces no object, so where one stands it touches nothing.
                (Value::Object(below), Some(Node::Object(_))) if below.is_empty() => {}
                (Value::Object(below), Some(Node::Object(held))) => held.touch(below, stamp),
                (Value::Object(below), _) if !below.is_empty() => {
                    let mut stamps = Self::default();
                    stamps.touch(below, stamp);
                    self.0.insert(key.clone(), Node::Object(stamps));
                }
                _ => {
                    self.0.insert(key.clone(), Node::Leaf(stamp));
                }
            }
        }
    }

    /// What these keys lead to was emptied. A leaf keeps its stamp; an object, which is a leaf from
    /// now on, ends when the last of what it held would have ended.
    pub(super) fn emptied(&mut self, keys: &[String]) {
        let Some((first, rest)) = keys.split_first() else { return };
        let Some(node) = self.0.get_mut(first) else { return };
        if let Node::Object(below) = node {
            if !rest.is_empty() {
                below.emptied(rest);
            } else if let Some(stamp) = below.latest() {
                *node = Node::Leaf(stamp);
            }
        }
    }

    /// Whether a leaf has ended.
    pub(super) fn has_ended(&self, now: Duration) -> bool {
        self.0.values().any(|node| match node {
            Node::Leaf(stamp) => stamp.ends <= now,
            Node::Object(stamps) => stamps.has_ended(now),
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
            let at = pointer.enter(key);
            let stays = match node {
                Node::Leaf(stamp) if stamp.ends <= now => {
                    ended.push(pointer.to_string());
                    false
                }
                Node::Leaf(_) => true,
                Node::Object(stamps) => match document.get_mut(key) {
                    Some(Value::Object(below)) => {
                        let before = ended.len();
                        stamps.expire_below(below, now, pointer, ended);
                        ended.len() == before || !below.is_empty()
                    }
                    // The document has the shape of its stamps after every update.
                    _ => true,
                },
            };
            pointer.leave(at);
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

    /// Forgets the stamps of what is not a leaf of the document any more.
    pub(super) fn forget_absent(&mut self, document: &Map<String, Value>) {
        self.0.retain(|key, node| node.forget_absent(document.get(key)));
    }

    /// The same for one member.
    pub(super) fn forget_absent_of(&mut self, key: &str, document: &Map<String, Value>) {
        if self.0.get_mut(key).is_some_and(|node| !node.forget_absent(document.get(key))) {
            self.0.remove(key);
        }
    }

    /// The stamps of a member.
    pub(super) fn node(&self, key: &str) -> Option<&Node> {
        self.0.get(key)
    }

    /// Makes the stamps of a member what they were.
    pub(super) fn put_back(&mut self, key: &str, node: Option<Node>) {
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

    /// Calls `found` with the pointer and stamp of every leaf.
    pub(super) fn each(&self, found: &mut impl FnMut(&str, Stamp)) {
        self.each_below(&mut Pointer::default(), found);
    }

    fn each_below(&self, pointer: &mut Pointer, found: &mut impl FnMut(&str, Stamp)) {
        for (key, node) in &self.0 {
            let at = pointer.enter(key);
            match node {
                Node::Leaf(stamp) => found(pointer.as_str(), *stamp),
                Node::Object(stamps) => stamps.each_below(pointer, found),
            }
            pointer.leave(at);
        }
    }

    /// The stamp of the member `key`, and the stamps below it.
    pub(super) fn member(&self, key: &str) -> (Option<Stamp>, Option<&Self>) {
        match self.0.get(key) {
            Some(Node::Leaf(stamp)) => (Some(*stamp), None),
            Some(Node::Object(stamps)) => (None, Some(stamps)),
            None => (None, None),
        }
    }

    /// When the last leaf ends; none when there is none.
    pub(super) fn last_end(&self) -> Option<Duration> {
        self.latest().map(|stamp| stamp.ends)
    }

    /// The stamp of the leaf that ends last; none when there is no leaf.
    fn latest(&self) -> Option<Stamp> {
        let stamps = self.0.values().filter_map(|node| match node {
            Node::Leaf(stamp) => Some(*stamp),
            Node::Object(stamps) => stamps.latest(),
        });
        stamps.max_by_key(|stamp| (stamp.ends, stamp.updated))
    }
}

impl Node {
    /// The same for one member; whether anything stays.
    fn forget_absent(&mut self, value: Option<&Value>) -> bool {
        match (value, self) {
            (Some(Value::Object(below)), Self::Object(stamps)) => {
                stamps.forget_absent(below);
                !stamps.0.is_empty()
            }
            (Some(value), Self::Leaf(_)) => is_leaf(value),
            _ => false,
        }
    }
}
