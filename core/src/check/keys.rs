//! Finding keys that an object has twice, in time that no choice of keys can stretch.

use std::collections::BTreeSet;
use std::ops::Range;

use super::room;

/// The keys of the objects that are open, one run per object on a shared stack.
///
/// Two filters of 64 bits an object tell nearly always that all its keys differ, so that small
/// objects, which most are, are never compared.
#[derive(Debug)]
pub(super) struct Keys<K> {
    stack: Vec<K>,
}

/// Where the run of one object begins.
#[derive(Debug)]
pub(crate) struct Run {
    start: usize,
    filters: [u64; 2],
    doubtful: bool,
}

impl Run {
    /// Takes note of a key.
    #[inline(always)]
    fn note(&mut self, key: &str) {
        // A key that has come before has set its bit in both.
        let bits = fingerprint(key.as_bytes());
        let [first, second] = self.filters;
        let [in_first, in_second] = bits;
        self.doubtful |= first & in_first != 0 && second & in_second != 0;
        self.filters = [first | in_first, second | in_second];
    }
}

impl<K> Keys<K> {
    pub(super) const fn new() -> Self {
        Self { stack: Vec::new() }
    }

    #[inline(always)]
    pub(super) fn begin(&self) -> Run {
        Run { start: self.stack.len(), filters: [0; 2], doubtful: false }
    }
}

impl<K: AsRef<str>> Keys<K> {
    #[inline(always)]
    pub(super) fn push(&mut self, run: &mut Run, key: K) {
        run.note(key.as_ref());
        self.stack.push(key);
    }

    /// Ends a run and names each key that had come before in it, as often as it came again.
    #[inline(always)]
    pub(super) fn end(&mut self, run: &Run, mut repeated: impl FnMut(&str)) {
        if run.doubtful {
            let repeated = |_, key: &str| repeated(key);
            let keys = self.stack.get(run.start..).unwrap_or_default();
            name_repeated(keys.len(), |place| keys.get(place).map_or("", AsRef::as_ref), repeated);
        }
        self.stack.truncate(run.start);
    }
}

/// The same for keys that are gone before their object ends: their text is kept in one buffer.
#[derive(Debug)]
pub(crate) struct CopiedKeys {
    /// UTF-8.
    text: Vec<u8>,
    spans: Keys<(usize, usize)>,
}

impl CopiedKeys {
    pub(crate) const fn new() -> Self {
        Self { text: Vec::new(), spans: Keys::new() }
    }

    pub(crate) fn begin(&self) -> Run {
        self.spans.begin()
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, run: &mut Run, key: &str) {
        run.note(key);
        let start = self.text.len();
        room::append(&mut self.text, key.as_bytes());
        self.spans.stack.push((start, self.text.len()));
    }

    /// See [`Keys::end`]; here with the place of the key in its run.
    #[inline(always)]
    pub(crate) fn end(&mut self, run: &Run, repeated: impl FnMut(usize, &str)) {
        let Some(&(text_start, _)) = self.spans.stack.get(run.start) else { return };
        if run.doubtful {
            let spans = self.spans.stack.get(run.start..).unwrap_or_default();
            let key = |place: usize| {
                let text = spans.get(place).and_then(|&(start, end)| self.text.get(start..end));
                text.and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
            };
            name_repeated(spans.len(), key, repeated);
        }
        self.text.truncate(text_start);
        self.spans.stack.truncate(run.start);
    }
}

/// Names of two parts each, all of which are to differ: found by hash when all are there, because a
/// filter tells nothing of so many. Their text is not kept: it stands in the body that was written.
#[derive(Debug)]
pub(crate) struct Pairs {
    entries: Vec<Pair>,
}

/// Where in the body the parts of a pair are, each quoted.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    /// Its place among all pairs.
    pub(crate) place: usize,
    pub(crate) first: Range<usize>,
    pub(crate) second: Range<usize>,
    hash: u64,
}

impl Pair {
    /// A pair whose second part, as it was before it was quoted, is `text`.
    #[inline(always)]
    pub(crate) fn new(place: usize, first: Range<usize>, second: Range<usize>, text: &str) -> Self {
        let hash = hash(text.as_bytes()) ^ (first.len() as u64).wrapping_mul(MIX);
        Self { place, first, second, hash }
    }

    /// Quoting tells texts apart as well as the texts do.
    fn parts<'b>(&self, body: &'b [u8]) -> (&'b [u8], &'b [u8]) {
        let part = |range: &Range<usize>| body.get(range.clone()).unwrap_or_default();
        (part(&self.first), part(&self.second))
    }
}

impl Pairs {
    /// Room for a payload of usual size.
    const ROOM: usize = 128;

    pub(crate) fn new() -> Self {
        Self { entries: Vec::with_capacity(Self::ROOM) }
    }

    /// Takes note of a pair.
    #[inline(always)]
    pub(crate) fn push(&mut self, pair: Pair) {
        self.entries.push(pair);
    }

    /// The places of the pairs that had come before, in order.
    pub(crate) fn repeated(&self, body: &[u8]) -> Vec<usize> {
        self.repeated_by_hash(body).unwrap_or_else(|| {
            let mut seen = BTreeSet::new();
            let again = self.entries.iter().filter(|pair| !seen.insert(pair.parts(body)));
            again.map(|pair| pair.place).collect()
        })
    }

    /// None: so many collide that somebody must have made them to.
    fn repeated_by_hash(&self, body: &[u8]) -> Option<Vec<usize>> {
        let mask = (self.entries.len() * 2).next_power_of_two() - 1;
        // Counted from 1; 0 is free.
        let mut slots = vec![0_u32; mask + 1];
        let mut patience = self.entries.len() * 8;
        let mut found = Vec::new();
        for (index, pair) in self.entries.iter().enumerate() {
            let mut at = pair.hash as usize & mask;
            loop {
                let slot = slots.get_mut(at)?;
                let Some(earlier) = (*slot as usize).checked_sub(1) else {
                    *slot = u32::try_from(index + 1).ok()?;
                    break;
                };
                let earlier = self.entries.get(earlier)?;
                if earlier.hash == pair.hash && earlier.parts(body) == pair.parts(body) {
                    found.push(pair.place);
                    break;
                }
                patience = patience.checked_sub(1)?;
                at = (at + 1) & mask;
            }
        }
        Some(found)
    }
}

/// Two bits of 64 each, in at least one of which keys that differ mostly differ.
#[inline(always)]
fn fingerprint(key: &[u8]) -> [u64; 2] {
    let first = key.first().copied().unwrap_or(0);
    let last = key.last().copied().unwrap_or(0);
    let middle = key.get(key.len() / 2).copied().unwrap_or(0);
    let mixed =
        u32::from_le_bytes([first, middle, last, key.len() as u8]).wrapping_mul(0x9e37_79b9);
    [1 << (mixed >> 26), 1 << (mixed >> 20 & 63)]
}

/// Up to so many keys are compared pair by pair.
const FEW: usize = 12;

#[inline(never)]
fn name_repeated<'k>(
    count: usize,
    key: impl Fn(usize) -> &'k str,
    mut repeated: impl FnMut(usize, &str),
) {
    if count > FEW {
        let keys: Vec<&str> = (0..count).map(key).collect();
        let places = by_hash(&keys).unwrap_or_else(|| by_order(&keys));
        places.into_iter().for_each(|place| {
            repeated(place, keys.get(place).copied().unwrap_or_default());
        });
        return;
    }
    for place in 1..count {
        if (0..place).any(|earlier| key(earlier) == key(place)) {
            repeated(place, key(place));
        }
    }
}

/// The places of keys that come again, through a hash table. None when so many collide that somebody must
/// have made them to: the hash has no seed, because wasm has no source of one.
fn by_hash(keys: &[&str]) -> Option<Vec<usize>> {
    let mask = (keys.len() * 2).next_power_of_two() - 1;
    let mut slots: Vec<Option<&str>> = vec![None; mask + 1];
    let mut patience = keys.len() * 8;
    let mut found = Vec::new();
    for (index, &key) in keys.iter().enumerate() {
        let mut at = hash(key.as_bytes()) as usize & mask;
        loop {
            match slots.get_mut(at)? {
                slot @ None => {
                    *slot = Some(key);
                    break;
                }
                Some(earlier) if *earlier == key => {
                    found.push(index);
                    break;
                }
                Some(_) => {}
            }
            patience = patience.checked_sub(1)?;
            at = (at + 1) & mask;
        }
    }
    Some(found)
}

/// The same through an ordered set, whose time depends on no hash.
fn by_order(keys: &[&str]) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    let again = keys.iter().enumerate().filter(|(_, key)| !seen.insert(**key));
    again.map(|(index, _)| index).collect()
}

const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

#[inline(always)]
fn hash(mut bytes: &[u8]) -> u64 {
    let mut hash = (bytes.len() as u64).wrapping_mul(MIX);
    while let Some((word, rest)) = bytes.split_first_chunk::<8>() {
        hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(MIX).rotate_left(29);
        bytes = rest;
    }
    let tail = bytes.iter().fold(0, |tail, &byte| tail << 8 | u64::from(byte));
    hash = (hash ^ tail).wrapping_mul(MIX);
    hash ^ hash >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeated_in(keys: &[&str]) -> Vec<String> {
        let mut by_place = Keys::new();
        let mut by_copy = CopiedKeys::new();
        let (mut run, mut copied_run) = (by_place.begin(), by_copy.begin());
        for key in keys {
            by_place.push(&mut run, *key);
            by_copy.push(&mut copied_run, key);
        }
        let (mut found, mut copied) = (Vec::new(), Vec::new());
        by_place.end(&run, |key| found.push(key.to_owned()));
        by_copy.end(&copied_run, |place, key| {
            assert_eq!(keys[place], key);
            copied.push(key.to_owned());
        });
        assert_eq!(found, copied);
        found
    }

    #[test]
    fn few_and_many_keys_are_told_alike() {
        assert_eq!(repeated_in(&["a", "b", "a", "a"]), ["a", "a"]);
        let names: Vec<String> = (0..1000).map(|index| format!("key{index}")).collect();
        let mut many: Vec<&str> = names.iter().map(String::as_str).collect();
        assert!(repeated_in(&many).is_empty());
        many.extend(["key7", "key999", "key7"]);
        assert_eq!(repeated_in(&many), ["key7", "key999", "key7"]);
    }

    /// Pairs, and the body that they stand in.
    #[derive(Default)]
    struct CheckedBody(String, Vec<Pair>);

    impl CheckedBody {
        fn push(&mut self, first: &str, second: &str) {
            let Self(body, pairs) = self;
            let mut quoted = |text: &str| {
                let start = body.len();
                *body += &format!("{text:?}");
                start..body.len()
            };
            let (first, quoted) = (quoted(first), quoted(second));
            pairs.push(Pair::new(pairs.len() + 10, first, quoted, second));
        }

        fn pairs(&self) -> Pairs {
            Pairs { entries: self.1.clone() }
        }
    }

    #[test]
    fn pairs_are_told_apart_by_both_parts() {
        let mut written = CheckedBody::default();
        for (first, second) in
            [("user", "a"), ("session", "a"), ("user", "b"), ("user", "a"), ("session", "a")]
        {
            written.push(first, second);
        }
        assert_eq!(written.pairs().repeated(written.0.as_bytes()), [13, 14]);
    }

    #[test]
    fn pairs_made_to_collide_are_told_by_order() {
        let mut written = CheckedBody::default();
        for index in 0..200_000 {
            let name = format!("{index}");
            if hash(name.as_bytes()) & 0xfff == 0 {
                written.push("user", &name);
            }
        }
        written.push("user", "again");
        written.push("user", "again");
        let (pairs, body) = (written.pairs(), written.0.as_bytes());
        assert!(pairs.repeated_by_hash(body).is_none());
        assert_eq!(pairs.repeated(body), [pairs.entries.len() - 1 + 10]);
    }

    #[test]
    fn an_inner_object_leaves_the_outer_run_as_it_was() {
        let mut keys = CopiedKeys::new();
        let mut outer = keys.begin();
        keys.push(&mut outer, "a");
        let mut inner = keys.begin();
        keys.push(&mut inner, "a");
        keys.end(&inner, |_, key| assert_eq!(key, "never"));
        keys.push(&mut outer, "a");
        let mut found = 0;
        keys.end(&outer, |_, _| found += 1);
        assert_eq!(found, 1);
    }

    #[test]
    fn keys_made_to_collide_are_told_by_order() {
        // All in one slot of a small table: the hash gives up, the order does not.
        let names: Vec<String> = (0..200_000)
            .map(|index| format!("{index}"))
            .filter(|name| hash(name.as_bytes()) & 0xfff == 0)
            .collect();
        let many: Vec<&str> = names.iter().map(String::as_str).collect();
        assert!(many.len() > 20, "{}", many.len());
        assert!(by_hash(&many).is_none());
        assert!(repeated_in(&many).is_empty());
    }
}
