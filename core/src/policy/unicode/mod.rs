//! The character properties that the rules for names and digits need.
//!
//! The tables of the Unicode crates are fast but take 60 kB. WebAssembly is downloaded, so it uses compact tables of
//! 5 kB instead. A test compares the two for every character, so that a new version of Unicode cannot change only one
//! of them.

#[cfg(any(target_family = "wasm", test))]
mod compact;
#[cfg(any(not(target_family = "wasm"), test))]
mod from_crates;

#[cfg(target_family = "wasm")]
use compact as backend;
#[cfg(not(target_family = "wasm"))]
use from_crates as backend;

/// Returns whether the general category is L* or N*.
#[inline]
pub(crate) fn is_letter_or_number(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { backend::is_letter_or_number(c) }
}

/// Returns whether the general category is Nd: a decimal digit of any script.
#[inline]
pub(crate) fn is_decimal_digit(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_digit() } else { backend::is_decimal_digit(c) }
}

/// Returns whether an identifier may begin with the character; `_` is not included.
#[inline]
pub(crate) fn is_xid_start(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() } else { backend::is_xid_start(c) }
}

/// Returns whether an identifier may continue with the character; `_` is included.
#[inline]
pub(crate) fn is_xid_continue(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() || c == '_' } else { backend::is_xid_continue(c) }
}

#[cfg(test)]
mod tests {
    use super::{compact, from_crates};

    #[test]
    fn compact_tables_equal_the_crates_for_every_character() {
        for c in '\u{80}'..=char::MAX {
            assert_eq!(
                compact::is_letter_or_number(c),
                from_crates::is_letter_or_number(c),
                "{c:?}"
            );
            assert_eq!(compact::is_decimal_digit(c), from_crates::is_decimal_digit(c), "{c:?}");
            assert_eq!(compact::is_xid_start(c), from_crates::is_xid_start(c), "{c:?}");
            assert_eq!(compact::is_xid_continue(c), from_crates::is_xid_continue(c), "{c:?}");
        }
    }

    #[test]
    fn ascii_shortcuts_equal_the_crates() {
        for c in '\0'..'\u{80}' {
            assert_eq!(super::is_letter_or_number(c), from_crates::is_letter_or_number(c), "{c:?}");
            assert_eq!(super::is_decimal_digit(c), from_crates::is_decimal_digit(c), "{c:?}");
            assert_eq!(super::is_xid_start(c), from_crates::is_xid_start(c), "{c:?}");
            assert_eq!(super::is_xid_continue(c), from_crates::is_xid_continue(c), "{c:?}");
        }
    }
}
