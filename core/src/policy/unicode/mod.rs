//! The properties of characters that rules for names and digits ask for.
//!
//! Their tables come from crates, which are made for speed and take 60 kB. WebAssembly has to be
//! fetched, so there the same answers come from 5 kB: a test compares the two for every character,
//! so that a new version of Unicode cannot change one of them alone.

#[cfg(any(target_family = "wasm", test))]
mod packed;
#[cfg(any(not(target_family = "wasm"), test))]
mod quick;

#[cfg(target_family = "wasm")]
use packed as chosen;
#[cfg(not(target_family = "wasm"))]
use quick as chosen;

/// Whether the general category is L* or N*.
#[inline]
pub(crate) fn is_letter_or_number(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { chosen::is_letter_or_number(c) }
}

/// Whether the general category is Nd: a digit of a decimal system, in any script.
#[inline]
pub(crate) fn is_decimal_digit(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_digit() } else { chosen::is_decimal_digit(c) }
}

/// Whether an identifier may begin with it.
#[inline]
pub(crate) fn is_xid_start(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() } else { chosen::is_xid_start(c) }
}

/// Whether an identifier may go on with it.
#[inline]
pub(crate) fn is_xid_continue(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() || c == '_' } else { chosen::is_xid_continue(c) }
}

#[cfg(test)]
mod tests {
    use super::{packed, quick};

    #[test]
    fn the_small_tables_say_the_same_of_every_character_as_the_quick_ones() {
        for c in '\u{80}'..=char::MAX {
            assert_eq!(packed::is_letter_or_number(c), quick::is_letter_or_number(c), "{c:?}");
            assert_eq!(packed::is_decimal_digit(c), quick::is_decimal_digit(c), "{c:?}");
            assert_eq!(packed::is_xid_start(c), quick::is_xid_start(c), "{c:?}");
            assert_eq!(packed::is_xid_continue(c), quick::is_xid_continue(c), "{c:?}");
        }
    }

    #[test]
    fn ascii_needs_no_table() {
        for c in '\0'..'\u{80}' {
            assert_eq!(super::is_letter_or_number(c), quick::is_letter_or_number(c), "{c:?}");
            assert_eq!(super::is_decimal_digit(c), quick::is_decimal_digit(c), "{c:?}");
            assert_eq!(super::is_xid_start(c), quick::is_xid_start(c), "{c:?}");
            assert_eq!(super::is_xid_continue(c), quick::is_xid_continue(c), "{c:?}");
        }
    }
}
