//! Finds duplicate keys in the objects that a walker visits.

mod duplicates;
mod key_scope;

use duplicates::report_duplicates;
pub(crate) use key_scope::{KeyScope, KeyScopeSet};

use super::unchecked_writer;

/// The keys of all open objects, on one shared stack.
///
/// Two filters of 64 bits per object usually prove that its keys differ, so most objects, which are small, need no
/// comparison.
#[derive(Debug)]
pub(super) struct KeyStack<K> {
    stack: Vec<K>,
}

/// The keys of one open object: their start on the stack, and the filters.
#[derive(Debug)]
pub(crate) struct ObjectKeys {
    start: usize,
    filters: [u64; 2],
    /// Whether the filters do not exclude a duplicate.
    may_repeat: bool,
}

impl ObjectKeys {
    /// Adds a key to the filters.
    #[inline(always)]
    fn insert(&mut self, key: &str) {
        // A duplicate has its bit set in both filters.
        let bits = fingerprint(key.as_bytes());
        let [first, second] = self.filters;
        let [in_first, in_second] = bits;
        self.may_repeat |= first & in_first != 0 && second & in_second != 0;
        self.filters = [first | in_first, second | in_second];
    }
}

impl<K> KeyStack<K> {
    pub(super) const fn new() -> Self {
        Self { stack: Vec::new() }
    }

    /// Begins an object.
    #[inline(always)]
    pub(super) fn begin(&self) -> ObjectKeys {
        ObjectKeys { start: self.stack.len(), filters: [0; 2], may_repeat: false }
    }
}

impl<K: AsRef<str>> KeyStack<K> {
    /// Adds a key to the innermost open object.
    #[inline(always)]
    pub(super) fn push(&mut self, object: &mut ObjectKeys, key: K) {
        object.insert(key.as_ref());
        self.stack.push(key);
    }

    /// Ends an object and calls `on_duplicate` for each key that equals an earlier key of the object.
    #[inline(always)]
    pub(super) fn end(&mut self, object: &ObjectKeys, mut on_duplicate: impl FnMut(&str)) {
        if object.may_repeat {
            let on_duplicate = |_, key: &str| on_duplicate(key);
            let keys = self.stack.get(object.start..).unwrap_or_default();
            report_duplicates(
                keys.len(),
                |index| keys.get(index).map_or("", AsRef::as_ref),
                on_duplicate,
            );
        }
        self.stack.truncate(object.start);
    }
}

/// A [`KeyStack`] for keys that do not outlive their member: it copies their text into one buffer.
#[derive(Debug)]
pub(crate) struct CopiedKeyStack {
    /// The keys, one after another, as UTF-8.
    text: Vec<u8>,
    /// The start and the end of each key in `text`.
    spans: KeyStack<(usize, usize)>,
}

impl CopiedKeyStack {
    pub(crate) const fn new() -> Self {
        Self { text: Vec::new(), spans: KeyStack::new() }
    }

    /// Begins an object.
    pub(crate) fn begin(&self) -> ObjectKeys {
        self.spans.begin()
    }

    /// Adds a key to the innermost open object.
    #[inline(always)]
    pub(crate) fn push(&mut self, object: &mut ObjectKeys, key: &str) {
        object.insert(key);
        let start = self.text.len();
        unchecked_writer::append(&mut self.text, key.as_bytes());
        self.spans.stack.push((start, self.text.len()));
    }

    /// Ends an object and calls `on_duplicate` with the index and the text of each key that equals an earlier key
    /// of the object.
    #[inline(always)]
    pub(crate) fn end(&mut self, object: &ObjectKeys, on_duplicate: impl FnMut(usize, &str)) {
        // An object without keys has nothing to remove.
        let Some(&(text_start, _)) = self.spans.stack.get(object.start) else { return };
        if object.may_repeat {
            let spans = self.spans.stack.get(object.start..).unwrap_or_default();
            let key = |index: usize| {
                let text = spans.get(index).and_then(|&(start, end)| self.text.get(start..end));
                text.and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
            };
            report_duplicates(spans.len(), key, on_duplicate);
        }
        self.text.truncate(text_start);
        self.spans.stack.truncate(object.start);
    }
}

/// Returns one bit for each filter, chosen by the length and three bytes of the key. Different keys usually differ in
/// at least one of the two.
#[inline(always)]
fn fingerprint(key: &[u8]) -> [u64; 2] {
    let first = key.first().copied().unwrap_or(0);
    let last = key.last().copied().unwrap_or(0);
    let middle = key.get(key.len() / 2).copied().unwrap_or(0);
    // 2^32 divided by the golden ratio; the highest bits of the product depend on all four bytes.
    let mixed =
        u32::from_le_bytes([first, middle, last, key.len() as u8]).wrapping_mul(0x9e37_79b9);
    [1 << (mixed >> 26), 1 << (mixed >> 20 & 63)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the duplicates that both kinds of stack find, which must agree.
    fn repeated_in(keys: &[&str]) -> Vec<String> {
        let mut borrowed_stack = KeyStack::new();
        let mut copied_stack = CopiedKeyStack::new();
        let (mut object, mut copied_object) = (borrowed_stack.begin(), copied_stack.begin());
        for key in keys {
            borrowed_stack.push(&mut object, *key);
            copied_stack.push(&mut copied_object, key);
        }
        let (mut found, mut found_in_copies) = (Vec::new(), Vec::new());
        borrowed_stack.end(&object, |key| found.push(key.to_owned()));
        copied_stack.end(&copied_object, |index, key| {
            assert_eq!(keys[index], key);
            found_in_copies.push(key.to_owned());
        });
        assert_eq!(found, found_in_copies);
        found
    }

    #[test]
    fn key_stacks_report_duplicates_of_few_and_many_keys() {
        assert_eq!(repeated_in(&["a", "b", "a", "a"]), ["a", "a"]);
        let names: Vec<String> = (0..1000).map(|index| format!("key{index}")).collect();
        let mut many: Vec<&str> = names.iter().map(String::as_str).collect();
        assert!(repeated_in(&many).is_empty());
        many.extend(["key7", "key999", "key7"]);
        assert_eq!(repeated_in(&many), ["key7", "key999", "key7"]);
    }

    #[test]
    fn key_stacks_report_no_duplicate_among_colliding_keys() {
        let names = duplicates::colliding_names();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert!(repeated_in(&names).is_empty());
    }

    #[test]
    fn end_of_an_inner_object_keeps_the_keys_of_the_outer_one() {
        let mut keys = CopiedKeyStack::new();
        let mut outer = keys.begin();
        keys.push(&mut outer, "a");
        let mut inner = keys.begin();
        keys.push(&mut inner, "a");
        keys.end(&inner, |_, key| panic!("the inner object has no duplicate: {key}"));
        keys.push(&mut outer, "a");
        let mut found = 0;
        keys.end(&outer, |_, _| found += 1);
        assert_eq!(found, 1);
    }
}
