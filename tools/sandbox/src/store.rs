//! A map with bounded size.

use crate::problem::Problem;
use std::collections::{BTreeMap, HashMap};

/// The maximum size of all entries of a store with their ids, in bytes of JSON text.
const MAX_WEIGHT: usize = 256 * 1024 * 1024;

/// The maximum JSON text of one item: a dialog, a profile, or one part of a session. The platform's
/// measure does not limit memory, because it counts no bytes for `null` and empty lists.
const MAX_ITEM_BYTES: usize = 16 * 1024 * 1024;

/// Entries by id, in creation order. Beyond its limits the store evicts the oldest entries, except the last
/// remaining one.
pub(crate) struct Store<T> {
    entries: HashMap<String, Entry<T>>,
    /// The ids by position, oldest first.
    order: BTreeMap<u64, String>,
    next_position: u64,
    weight: usize,
    max_entries: usize,
}

struct Entry<T> {
    position: u64,
    weight: usize,
    value: T,
}

/// A value whose size counts towards the limit of a store.
pub(crate) trait Weighted {
    /// Returns the size of the JSON text in bytes.
    fn weight(&self) -> usize;
}

impl<T> Store<T> {
    /// Creates an empty store of at most `max_entries`; 0 counts as 1.
    pub(crate) fn new(max_entries: usize) -> Self {
        Self {
            entries: HashMap::new(),
            order: BTreeMap::new(),
            next_position: 0,
            weight: 0,
            max_entries: max_entries.max(1),
        }
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.entries.get(id).map(|entry| &entry.value)
    }

    /// Stores a value of `weight` bytes under an id. An existing id keeps its position.
    pub(crate) fn put(&mut self, id: &str, value: T, weight: usize) {
        let weight = weight.saturating_add(id.len());
        let position = match self.entries.get(id) {
            Some(old) => {
                self.weight = self.weight.saturating_sub(old.weight);
                old.position
            }
            None => {
                self.next_position += 1;
                self.order.insert(self.next_position, id.to_owned());
                self.next_position
            }
        };
        self.weight = self.weight.saturating_add(weight);
        self.entries.insert(id.to_owned(), Entry { position, weight, value });
        self.evict();
    }

    /// Changes a value in place. Returns `None` if there is no value.
    pub(crate) fn change<R>(&mut self, id: &str, change: impl FnOnce(&mut T) -> R) -> Option<R>
    where
        T: Weighted,
    {
        let entry = self.entries.get_mut(id)?;
        let result = change(&mut entry.value);
        let weight = entry.value.weight().saturating_add(id.len());
        self.weight = self.weight.saturating_sub(entry.weight).saturating_add(weight);
        entry.weight = weight;
        self.evict();
        Some(result)
    }

    /// Evicts the oldest entries until the store is within its limits.
    fn evict(&mut self) {
        while self.entries.len() > 1
            && (self.entries.len() > self.max_entries || self.weight > MAX_WEIGHT)
        {
            let Some((_, oldest)) = self.order.pop_first() else { break };
            self.remove_entry(&oldest);
        }
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<T> {
        let entry = self.remove_entry(id)?;
        self.order.remove(&entry.position);
        Some(entry.value)
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.order.clear();
        self.weight = 0;
    }

    /// Returns all entries, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.order
            .values()
            .filter_map(|id| self.entries.get(id).map(|entry| (id.as_str(), &entry.value)))
    }

    /// Removes an entry, but not its position.
    fn remove_entry(&mut self, id: &str) -> Option<Entry<T>> {
        let entry = self.entries.remove(id)?;
        self.weight = self.weight.saturating_sub(entry.weight);
        Some(entry)
    }
}

/// Returns `bytes`, the size of an item. Fails with 413 over 16 MiB, the limit of an item.
pub(crate) fn checked_weight(bytes: usize) -> Result<usize, Problem> {
    if bytes > MAX_ITEM_BYTES {
        return Err(Problem::too_large(
            "The JSON text is larger than 16 MiB, the sandbox's limit per item. Send less data.",
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Weighted for usize {
        fn weight(&self) -> usize {
            *self
        }
    }

    fn ids<T>(store: &Store<T>) -> Vec<&str> {
        store.iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn the_oldest_entry_is_evicted_beyond_max_entries() {
        let mut store = Store::new(2);
        for id in ["a", "b", "c"] {
            store.put(id, (), 0);
        }
        assert_eq!(ids(&store), ["b", "c"]);
    }

    #[test]
    fn the_oldest_entries_are_evicted_beyond_max_weight() {
        let mut store = Store::new(100);
        store.put("a", (), MAX_WEIGHT / 2);
        store.put("b", (), MAX_WEIGHT / 3);
        store.put("c", (), MAX_WEIGHT / 2);
        assert_eq!(ids(&store), ["b", "c"]);
        store.remove("b");
        store.remove("c");
        assert_eq!(store.weight, 0);
    }

    #[test]
    fn a_value_changed_in_place_is_measured_again() {
        let mut store = Store::new(100);
        store.put("a", 1, 1);
        store.put("b", 1, 1);
        assert_eq!(store.change("b", |value| *value = MAX_WEIGHT - 1), Some(()));
        assert_eq!(ids(&store), ["b"]);
        assert_eq!(store.change("a", |_| ()), None);
        store.remove("b");
        assert_eq!(store.weight, 0);
    }

    #[test]
    fn put_with_an_existing_id_replaces_the_value_at_its_position() {
        let mut store = Store::new(3);
        store.put("a", 1, 0);
        store.put("b", 2, 0);
        store.put("a", 3, 0);
        assert_eq!(ids(&store), ["a", "b"]);
        assert_eq!(store.get("a"), Some(&3));
    }
}
