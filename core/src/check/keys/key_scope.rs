//! Finds variables of a payload that have the same key and scope.

use std::ops::Range;

use super::duplicates::{by_hash_table, by_ordered_set, combine, hash};

/// The keys and scopes of all variables of a payload.
///
/// It finds duplicates when all variables are known, because the filters of [`KeyStack`](super::KeyStack) are
/// useless for many keys. It stores no text, only its hash and its position in the written body.
#[derive(Debug)]
pub(crate) struct KeyScopeSet {
    entries: Vec<KeyScope>,
}

/// The scope and the key of one variable, as ranges of the body with their quotes.
#[derive(Clone, Debug)]
pub(crate) struct KeyScope {
    /// The index of the variable in the payload.
    index: usize,
    scope: Range<usize>,
    key: Range<usize>,
    /// The hash of the key and of the length of the scope.
    hash: u64,
}

impl KeyScope {
    /// Creates an entry. `text` is the key without quotes and escapes.
    #[inline(always)]
    pub(crate) fn new(index: usize, scope: Range<usize>, key: Range<usize>, text: &str) -> Self {
        let hash = combine(hash(text.as_bytes()), scope.len() as u64);
        Self { index, scope, key, hash }
    }

    /// Returns the quoted scope and key. Quoted texts are equal if and only if the texts are equal.
    fn parts<'b>(&self, body: &'b [u8]) -> (&'b [u8], &'b [u8]) {
        let part = |range: &Range<usize>| body.get(range.clone()).unwrap_or_default();
        (part(&self.scope), part(&self.key))
    }
}

impl KeyScopeSet {
    /// The initial capacity, in variables: enough for most payloads.
    const INITIAL_CAPACITY: usize = 128;

    pub(crate) fn new() -> Self {
        Self { entries: Vec::with_capacity(Self::INITIAL_CAPACITY) }
    }

    /// Adds a variable.
    #[inline(always)]
    pub(crate) fn push(&mut self, entry: KeyScope) {
        self.entries.push(entry);
    }

    /// Returns the payload indexes of the variables whose key and scope equal those of an earlier one, in order.
    pub(crate) fn duplicates(&self, body: &[u8]) -> Vec<usize> {
        let mut found = self
            .by_hash_table(body)
            .unwrap_or_else(|| by_ordered_set(self.entries.iter().map(|entry| entry.parts(body))));
        // An index into `entries` is smaller than the index in the payload when an earlier variable was rejected.
        for index in &mut found {
            *index = self.entries.get(*index).map_or(*index, |entry| entry.index);
        }
        found
    }

    fn by_hash_table(&self, body: &[u8]) -> Option<Vec<usize>> {
        by_hash_table(
            &self.entries,
            |entry| entry.hash,
            |earlier, entry| earlier.hash == entry.hash && earlier.parts(body) == entry.parts(body),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::duplicates::colliding_names;
    use super::*;

    /// A body of quoted texts, and the entries that point into it. The payload index of the first entry is 10.
    #[derive(Default)]
    struct Body(String, Vec<KeyScope>);

    impl Body {
        fn push(&mut self, scope: &str, key: &str) {
            let Self(body, entries) = self;
            let mut quoted = |text: &str| {
                let start = body.len();
                *body += &format!("{text:?}");
                start..body.len()
            };
            let (scope, quoted_key) = (quoted(scope), quoted(key));
            entries.push(KeyScope::new(entries.len() + 10, scope, quoted_key, key));
        }

        fn set(&self) -> KeyScopeSet {
            KeyScopeSet { entries: self.1.clone() }
        }
    }

    #[test]
    fn duplicates_compares_both_key_and_scope() {
        let mut body = Body::default();
        for (scope, key) in
            [("user", "a"), ("session", "a"), ("user", "b"), ("user", "a"), ("session", "a")]
        {
            body.push(scope, key);
        }
        assert_eq!(body.set().duplicates(body.0.as_bytes()), [13, 14]);
    }

    #[test]
    fn duplicates_uses_the_ordered_set_for_colliding_keys() {
        let mut body = Body::default();
        for name in colliding_names() {
            body.push("user", &name);
        }
        body.push("user", "again");
        body.push("user", "again");
        let (set, text) = (body.set(), body.0.as_bytes());
        assert!(set.by_hash_table(text).is_none());
        assert_eq!(set.duplicates(text), [set.entries.len() - 1 + 10]);
    }
}
