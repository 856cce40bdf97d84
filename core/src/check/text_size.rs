//! The size of text as JSON and in UTF-16. Plain text (ASCII that needs no escape) is found eight bytes at a time.

/// The size of one string or key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextSize {
    /// UTF-8 bytes between the quotes in compact JSON.
    pub json: usize,
    /// The length in UTF-16 code units, as JavaScript counts it.
    pub utf16: usize,
}

impl TextSize {
    /// Measures `text`.
    #[inline]
    #[must_use]
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        if is_plain(bytes) {
            return Self { json: bytes.len(), utf16: bytes.len() };
        }
        Self::of_special(bytes)
    }

    fn of_special(bytes: &[u8]) -> Self {
        let escapes: usize = bytes.iter().copied().map(escape_cost).sum();
        Self { json: bytes.len() + escapes, utf16: utf16_len(bytes) }
    }
}

/// Returns whether all bytes are ASCII that needs no escape in JSON. Most keys and values are short, so an
/// overlapping last word replaces a loop over the remaining bytes.
#[inline(always)]
fn is_plain(bytes: &[u8]) -> bool {
    if let Some(last) = bytes.last_chunk::<8>() {
        let mut rest = bytes;
        while let Some((word, after)) = rest.split_first_chunk::<8>() {
            if special_bytes(u64::from_le_bytes(*word)) != 0 {
                return false;
            }
            rest = after;
        }
        return special_bytes(u64::from_le_bytes(*last)) == 0;
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let word =
            u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last));
        return special_bytes(word) == 0;
    }
    bytes.iter().all(|&byte| is_plain_byte(byte))
}

/// Returns whether a byte is ASCII that needs no escape in JSON.
#[inline(always)]
const fn is_plain_byte(byte: u8) -> bool {
    byte >= 0x20 && byte != b'"' && byte != b'\\' && byte < 0x80
}

/// Returns how many bytes an escape adds to a byte in JSON: 1 for `\n`, 5 for `\u0001`, 0 without an escape.
#[inline(always)]
const fn escape_cost(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 1,
        0x00..=0x1f => 5,
        _ => 0,
    }
}

/// Counts the characters that are four bytes in UTF-8; each of them is two UTF-16 code units.
#[inline(always)]
fn count_four_byte_characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte >= 0xf0).count()
}

/// Returns the UTF-16 length of `bytes`, which are UTF-8.
#[inline]
pub(super) fn utf16_len(bytes: &[u8]) -> usize {
    // A continuation byte adds no code unit.
    let continuation_bytes = bytes.iter().filter(|&&byte| byte & 0xc0 == 0x80).count();
    bytes.len() - continuation_bytes + count_four_byte_characters(bytes)
}

/// Returns the length of the longest prefix of ASCII that needs no escape in JSON.
#[inline(always)]
pub(crate) fn plain_prefix(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return at + (special.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(&byte) = bytes.get(at) {
        if !is_plain_byte(byte) {
            break;
        }
        at += 1;
    }
    at
}

/// Eight bytes of the value 1.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The high bit of each of eight bytes.
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Returns a word with the high bit of the first (lowest) of eight bytes that is a quote, a backslash, a control
/// character or not ASCII; 0 when there is none. The bits above the first may be wrong, because a borrow runs
/// upwards, so callers use only the first.
#[inline(always)]
pub(super) const fn special_bytes(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let control = word.wrapping_sub(ONES * 0x20);
    let is_quote = quote.wrapping_sub(ONES);
    let is_backslash = backslash.wrapping_sub(ONES);
    (control | is_quote | is_backslash | word) & HIGHS
}
