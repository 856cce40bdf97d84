//! Random ids, trace ids and tokens.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// Returns `length` random hexadecimal digits. They are not cryptographically secure.
pub(crate) fn hex(length: usize) -> String {
    let mut text = String::with_capacity(length + 16);
    while text.len() < length {
        // Each `RandomState` has different keys.
        text.push_str(&format!("{:016x}", RandomState::new().hash_one(text.len())));
    }
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_have_the_requested_length_and_differ() {
        assert_eq!(hex(24).len(), 24);
        assert_eq!(hex(40).len(), 40);
        assert_ne!(hex(24), hex(24));
    }
}
