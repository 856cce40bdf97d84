//! The character properties in compact tables, which are decoded on first use.

mod tables;

use std::sync::OnceLock;

use tables::{DECIMAL_DIGITS, LETTERS_AND_NUMBERS, XID_CONTINUE, XID_START};

pub(super) fn is_letter_or_number(c: char) -> bool {
    static SET: Set = Set::new(&LETTERS_AND_NUMBERS);
    SET.contains(c)
}

pub(super) fn is_decimal_digit(c: char) -> bool {
    static SET: Set = Set::new(&DECIMAL_DIGITS);
    SET.contains(c)
}

pub(super) fn is_xid_start(c: char) -> bool {
    static SET: Set = Set::new(&XID_START);
    SET.contains(c)
}

pub(super) fn is_xid_continue(c: char) -> bool {
    static SET: Set = Set::new(&XID_CONTINUE);
    SET.contains(c)
}

/// A set of characters that are not ASCII.
struct Set {
    /// The lengths of the runs from U+0080 on, alternately outside and inside the set, as LEB128.
    runs: &'static [u8],
    /// The end of each run.
    ends: OnceLock<Vec<u32>>,
}

impl Set {
    const fn new(runs: &'static [u8]) -> Self {
        Self { runs, ends: OnceLock::new() }
    }

    fn contains(&self, c: char) -> bool {
        let ends = self.ends.get_or_init(|| decode(self.runs));
        // The runs of odd index are inside the set.
        ends.partition_point(|&end| end <= u32::from(c)) % 2 == 1
    }
}

/// Returns the end of each run. The first run begins at U+0080.
fn decode(runs: &[u8]) -> Vec<u32> {
    let mut ends = Vec::with_capacity(runs.len());
    let mut end = 0x80;
    let mut shift = 0;
    for &byte in runs {
        end += u32::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            ends.push(end);
            shift = 0;
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::super::from_crates;
    use super::*;

    /// Encodes the runs of a set as [`Set`] stores them.
    fn runs(is_in: impl Fn(char) -> bool) -> Vec<u8> {
        let mut runs = Vec::new();
        let mut is_inside = false;
        let mut start = 0x80;
        for at in 0x80..=0x11_0000 {
            let is_now = char::from_u32(at).is_some_and(&is_in);
            if is_now == is_inside {
                continue;
            }
            let mut length: u32 = at - start;
            while length > 0x7f {
                runs.push(length as u8 | 0x80);
                length >>= 7;
            }
            runs.push(length as u8);
            (start, is_inside) = (at, is_now);
        }
        runs
    }

    // When this test fails, copy the left side into `tables.rs`.
    #[test]
    fn tables_equal_the_crates() {
        assert_eq!(runs(from_crates::is_letter_or_number), LETTERS_AND_NUMBERS);
        assert_eq!(runs(from_crates::is_decimal_digit), DECIMAL_DIGITS);
        assert_eq!(runs(from_crates::is_xid_start), XID_START);
        assert_eq!(runs(from_crates::is_xid_continue), XID_CONTINUE);
    }
}
