//! Random names: ids, trace ids and tokens.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// `length` hexadecimal digits that do not repeat. Good for a sandbox's tokens, not for secrets
/// that protect anything.
pub(crate) fn hex(length: usize) -> String {
    let mut text = String::with_capacity(length + 16);
    while text.len() < length {
        // Every `RandomState` has keys of its own.
        text.push_str(&format!("{:016x}", RandomState::new().hash_one(text.len())));
    }
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_length_asked_for_and_differ() {
        assert_eq!(hex(24).len(), 24);
        assert_eq!(hex(40).len(), 40);
        assert_ne!(hex(24), hex(24));
    }
}
