//! Finds duplicates among the items of a list. No input makes the time quadratic.
//!
//! This module implements its own hash table for two reasons. First, the table needs a limit on its probes: keys
//! come from untrusted input, and WebAssembly has no random seed, so an attacker can compute keys that collide.
//! `hashbrown` with `foldhash` has neither a probe count nor a seed on WebAssembly; an object of colliding keys
//! would take quadratic time there. This table gives up after [`PROBES_PER_ITEM`] failed probes per item, and an
//! ordered set replaces it. Second, it stores only an index of 32 bits per item and is filled once, when all keys
//! of an object are known; the instruction counts of `check_text` and `check_and_write_value` depend on that.

use std::collections::BTreeSet;

/// Up to this number of keys, all pairs are compared.
const LINEAR_SCAN_MAX: usize = 12;

/// The mean number of failed probes per item after which the hash table gives up.
const PROBES_PER_ITEM: usize = 8;

/// 2^64 divided by the golden ratio, which spreads similar keys.
const HASH_MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// Calls `on_duplicate` with the index and the text of each key that equals an earlier one.
#[inline(never)]
pub(super) fn report_duplicates<'k>(
    count: usize,
    key: impl Fn(usize) -> &'k str,
    mut on_duplicate: impl FnMut(usize, &str),
) {
    if count > LINEAR_SCAN_MAX {
        let keys: Vec<&str> = (0..count).map(key).collect();
        duplicate_keys(&keys).into_iter().for_each(|index| {
            on_duplicate(index, keys.get(index).copied().unwrap_or_default());
        });
        return;
    }
    for index in 1..count {
        if (0..index).any(|earlier| key(earlier) == key(index)) {
            on_duplicate(index, key(index));
        }
    }
}

fn duplicate_keys(keys: &[&str]) -> Vec<usize> {
    keys_by_hash_table(keys).unwrap_or_else(|| by_ordered_set(keys.iter()))
}

fn keys_by_hash_table(keys: &[&str]) -> Option<Vec<usize>> {
    let hash_of = |key: &&str| hash(key.as_bytes());
    by_hash_table(keys, hash_of, |earlier, key| earlier == key)
}

/// Returns the indexes of the items that equal an earlier one, or `None` when too many hashes collide.
#[inline(always)]
pub(super) fn by_hash_table<T>(
    items: &[T],
    hash_of: impl Fn(&T) -> u64,
    are_equal: impl Fn(&T, &T) -> bool,
) -> Option<Vec<usize>> {
    let mask = (items.len() * 2).next_power_of_two() - 1;
    // Each slot is the index of an item plus 1; 0 is free.
    let mut slots = vec![0_u32; mask + 1];
    let mut probe_budget = items.len() * PROBES_PER_ITEM;
    let mut found = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let mut at = hash_of(item) as usize & mask;
        loop {
            let slot = slots.get_mut(at)?;
            let Some(earlier) = (*slot as usize).checked_sub(1) else {
                *slot = u32::try_from(index + 1).ok()?;
                break;
            };
            if are_equal(items.get(earlier)?, item) {
                found.push(index);
                break;
            }
            probe_budget = probe_budget.checked_sub(1)?;
            at = (at + 1) & mask;
        }
    }
    Some(found)
}

/// Returns the indexes of the items that equal an earlier one. It uses no hashes, which can collide.
pub(super) fn by_ordered_set<T: Ord>(items: impl Iterator<Item = T>) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    let indexes =
        items.enumerate().filter_map(|(index, item)| (!seen.insert(item)).then_some(index));
    indexes.collect()
}

/// Returns the hash of bytes. It has no seed, because WebAssembly has no source of randomness.
#[inline(always)]
pub(super) fn hash(mut bytes: &[u8]) -> u64 {
    let mut hash = (bytes.len() as u64).wrapping_mul(HASH_MULTIPLIER);
    while let Some((word, rest)) = bytes.split_first_chunk::<8>() {
        hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(HASH_MULTIPLIER).rotate_left(29);
        bytes = rest;
    }
    let tail = bytes.iter().fold(0, |tail, &byte| tail << 8 | u64::from(byte));
    hash = (hash ^ tail).wrapping_mul(HASH_MULTIPLIER);
    hash ^ hash >> 32
}

/// Returns a hash combined with a number.
#[inline(always)]
pub(super) fn combine(hash: u64, number: u64) -> u64 {
    hash ^ number.wrapping_mul(HASH_MULTIPLIER)
}

/// Returns different names that all have the same slot in a table of up to 4,096 slots.
#[cfg(test)]
pub(super) fn colliding_names() -> Vec<String> {
    (0..200_000)
        .map(|index| format!("{index}"))
        .filter(|name| hash(name.as_bytes()) & 0xfff == 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_table_gives_up_on_colliding_keys_and_the_ordered_set_does_not() {
        let names = colliding_names();
        let mut many: Vec<&str> = names.iter().map(String::as_str).collect();
        assert!(many.len() > 20, "{}", many.len());
        many.push(many[3]);
        assert!(keys_by_hash_table(&many).is_none());
        assert_eq!(duplicate_keys(&many), [many.len() - 1]);
    }
}
