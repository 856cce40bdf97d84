//! The same answers in few bytes, which are unpacked when they are first asked for.

mod tables;

use std::sync::OnceLock;

use tables::{DECIMAL_DIGITS, LETTERS_AND_NUMBERS, XID_CONTINUE, XID_START};

pub(super) fn is_letter_or_number(c: char) -> bool {
    static SET: Set = Set::new(&LETTERS_AND_NUMBERS);
    SET.holds(c)
}

pub(super) fn is_decimal_digit(c: char) -> bool {
    static SET: Set = Set::new(&DECIMAL_DIGITS);
    SET.holds(c)
}

pub(super) fn is_xid_start(c: char) -> bool {
    static SET: Set = Set::new(&XID_START);
    SET.holds(c)
}

pub(super) fn is_xid_continue(c: char) -> bool {
    static SET: Set = Set::new(&XID_CONTINUE);
    SET.holds(c)
}

/// A set of characters that are not ASCII.
struct Set {
    /// The lengths of its runs from U+0080 on, in turns outside and inside of it; a length is as
    /// many bytes as it has groups of seven bits, the lowest first, and all but its last byte have
    /// the high bit set.
    runs: &'static [u8],
    /// Where the runs end.
    ends: OnceLock<Vec<u32>>,
}

impl Set {
    const fn new(runs: &'static [u8]) -> Self {
        Self { runs, ends: OnceLock::new() }
    }

    fn holds(&self, c: char) -> bool {
        let ends = self.ends.get_or_init(|| unpack(self.runs));
        // Inside are the runs of odd places.
        ends.partition_point(|&end| end <= u32::from(c)) % 2 == 1
    }
}

fn unpack(runs: &[u8]) -> Vec<u32> {
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
    use super::super::quick;
    use super::*;

    /// The runs of a set, as [`Set`] has them.
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

    /// What a failure shows on its left is what then belongs into `tables.rs`.
    #[test]
    fn the_tables_are_made_of_what_the_crates_say() {
        assert_eq!(runs(quick::is_letter_or_number), LETTERS_AND_NUMBERS);
        assert_eq!(runs(quick::is_decimal_digit), DECIMAL_DIGITS);
        assert_eq!(runs(quick::is_xid_start), XID_START);
        assert_eq!(runs(quick::is_xid_continue), XID_CONTINUE);
    }
}
