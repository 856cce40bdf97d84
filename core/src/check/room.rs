//! Appending to a buffer in room that was made once: the one place of the core that writes without
//! asking at each byte whether the buffer is long enough.

#![allow(
    unsafe_code,
    reason = "one question about room for a whole string with its quotes instead of one a piece"
)]

use super::measure::special_bytes;

/// Appends `before`, a quote, `text`, a quote and `after`, where `text` is plain: ASCII that needs
/// no escape. Where it is not, `false`, and the buffer is as it was.
#[inline(always)]
pub(super) fn append_if_plain(out: &mut Vec<u8>, before: &[u8], text: &[u8], after: &[u8]) -> bool {
    let mut room = Room::make(out, before.len() + text.len() + after.len() + 2);
    // SAFETY: exactly the bytes that room was made for.
    unsafe {
        room.piece(before);
        room.byte(b'"');
        if !room.plain_text(text) {
            return false;
        }
        room.byte(b'"');
        room.piece(after);
        room.keep();
    }
    true
}

/// Appends a comma if one is wanted, a quote, `text`, a quote and a colon, where `text` is plain.
/// Where it is not, `false`, and the buffer is as it was.
#[inline(always)]
pub(super) fn append_key_if_plain(out: &mut Vec<u8>, comma: bool, text: &[u8]) -> bool {
    let mut room = Room::make(out, text.len() + 4);
    // SAFETY: the comma, the quotes, the text and the colon, for which room was made; a comma that
    // is not wanted is overwritten by the quote.
    unsafe {
        room.byte(b',');
        room.at -= usize::from(!comma);
        room.byte(b'"');
        if !room.plain_text(text) {
            return false;
        }
        room.byte(b'"');
        room.byte(b':');
        room.keep();
    }
    true
}

/// Appends a comma if one is wanted, a quote, `text` as it is, a quote and `after`.
#[inline(always)]
pub(super) fn append_quoted(out: &mut Vec<u8>, comma: bool, text: &[u8], after: &[u8]) {
    let mut room = Room::make(out, text.len() + after.len() + 3);
    // SAFETY: the comma, the quotes, the text and what is behind it, for which room was made; a
    // comma that is not wanted is overwritten by the quote.
    unsafe {
        room.byte(b',');
        room.at -= usize::from(!comma);
        room.byte(b'"');
        room.text(text);
        room.byte(b'"');
        room.piece(after);
        room.keep();
    }
}

/// Appends bytes as they are; most pieces are short.
#[inline(always)]
pub(super) fn append(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut room = Room::make(out, bytes.len());
    // SAFETY: exactly the bytes that room was made for.
    unsafe {
        room.text(bytes);
        room.keep();
    }
}

/// Room at the end of a buffer, of which nothing belongs to the buffer before it is kept.
struct Room<'b> {
    out: &'b mut Vec<u8>,
    /// Where the next byte goes; never beyond the capacity, nor before the length of the buffer.
    at: usize,
}

impl<'b> Room<'b> {
    /// Room for so many bytes.
    #[inline(always)]
    fn make(out: &'b mut Vec<u8>, bytes: usize) -> Self {
        out.reserve(bytes);
        let at = out.len();
        Room { out, at }
    }

    /// Makes what was written a part of the buffer.
    ///
    /// # Safety
    /// All bytes from the buffer's length up to `at` were written, as each method that moves `at`
    /// on does.
    #[inline(always)]
    unsafe fn keep(self) {
        debug_assert!(self.at <= self.out.capacity());
        // SAFETY: as promised, and `at` is within the capacity.
        unsafe { self.out.set_len(self.at) };
    }

    /// # Safety
    /// There is room for a byte more.
    #[inline(always)]
    unsafe fn byte(&mut self, byte: u8) {
        debug_assert!(self.at < self.out.capacity());
        // SAFETY: as promised, so the place is within the allocation.
        unsafe { self.out.as_mut_ptr().add(self.at).write(byte) };
        self.at += 1;
    }

    /// Copies bytes whose number the compiler knows.
    ///
    /// # Safety
    /// There is room for them.
    #[inline(always)]
    unsafe fn piece(&mut self, bytes: &[u8]) {
        debug_assert!(self.at + bytes.len() <= self.out.capacity());
        // SAFETY: as promised; the buffer, which is borrowed mutably, is not what is copied from.
        unsafe {
            let to = self.out.as_mut_ptr().add(self.at);
            to.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        }
        self.at += bytes.len();
    }

    /// Writes the chunk so many bytes behind `at`, which it does not move.
    ///
    /// # Safety
    /// There is room for the chunk there.
    #[inline(always)]
    unsafe fn chunk<const SIZE: usize>(&mut self, behind: usize, chunk: &[u8; SIZE]) {
        debug_assert!(self.at + behind + SIZE <= self.out.capacity());
        // SAFETY: as promised; an array of bytes may be written at any address.
        unsafe {
            self.out.as_mut_ptr().add(self.at + behind).cast::<[u8; SIZE]>().write(*chunk);
        }
    }

    /// Copies bytes which mostly are few: two chunks of a fixed size that overlap cost less than a
    /// call that copies a piece of any size.
    ///
    /// # Safety
    /// There is room for them.
    #[inline(always)]
    unsafe fn text(&mut self, bytes: &[u8]) {
        // SAFETY: both chunks are of `bytes`, and land where they stand in them.
        unsafe {
            if let (Some(first), Some(last)) = (bytes.first_chunk::<16>(), bytes.last_chunk::<16>())
            {
                if bytes.len() > 32 {
                    return self.piece(bytes);
                }
                self.chunk(0, first);
                self.chunk(bytes.len() - 16, last);
            } else if let (Some(first), Some(last)) =
                (bytes.first_chunk::<8>(), bytes.last_chunk::<8>())
            {
                self.chunk(0, first);
                self.chunk(bytes.len() - 8, last);
            } else if let (Some(first), Some(last)) =
                (bytes.first_chunk::<4>(), bytes.last_chunk::<4>())
            {
                self.chunk(0, first);
                self.chunk(bytes.len() - 4, last);
            } else {
                for &byte in bytes {
                    self.byte(byte);
                }
                return;
            }
        }
        self.at += bytes.len();
    }

    /// The same for text that is looked at on the way; `false`, and nothing is worth keeping, when
    /// it is not plain.
    ///
    /// # Safety
    /// There is room for it.
    #[inline(always)]
    unsafe fn plain_text(&mut self, bytes: &[u8]) -> bool {
        // SAFETY: the chunks are of `bytes`, and land where they stand in them.
        let special = unsafe {
            if let Some(last) = bytes.last_chunk::<8>() {
                let mut special = 0;
                let mut rest = bytes;
                let mut behind = 0;
                while let Some((chunk, after)) = rest.split_first_chunk::<8>() {
                    special |= special_bytes(u64::from_le_bytes(*chunk));
                    self.chunk(behind, chunk);
                    behind += 8;
                    rest = after;
                }
                self.chunk(bytes.len() - 8, last);
                special | special_bytes(u64::from_le_bytes(*last))
            } else if let (Some(first), Some(last)) =
                (bytes.first_chunk::<4>(), bytes.last_chunk::<4>())
            {
                self.chunk(0, first);
                self.chunk(bytes.len() - 4, last);
                let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
                special_bytes(u64::from(first) << 32 | u64::from(last))
            } else {
                let mut special = 0;
                for (behind, &byte) in bytes.iter().enumerate() {
                    special |= special_bytes(u64::from(byte) * 0x0101_0101_0101_0101);
                    self.chunk(behind, &[byte]);
                }
                special
            }
        };
        self.at += bytes.len();
        special == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_copied_whole_and_nothing_beyond_it() {
        let text: Vec<u8> = (0..100).map(|index| b'a' + index % 26).collect();
        for length in 0..text.len() {
            let text = &text[..length];
            // No room to spare, so that a byte too many would be one beyond the allocation.
            let mut out = Vec::with_capacity(length + 8);
            append(&mut out, b"1,");
            assert!(append_if_plain(&mut out, b"[", text, b": "));
            let mut expected = b"1,[\"".to_vec();
            expected.extend_from_slice(text);
            expected.extend_from_slice(b"\": ");
            assert_eq!(out, expected);
            for comma in [false, true] {
                let mut out = Vec::new();
                append_quoted(&mut out, comma, text, b":");
                let mut fresh = Vec::new();
                assert!(append_key_if_plain(&mut fresh, comma, text));
                assert_eq!(fresh, out);
                let key = String::from_utf8(text.to_vec()).unwrap();
                assert_eq!(
                    String::from_utf8(out).unwrap(),
                    format!("{}\"{key}\":", if comma { "," } else { "" })
                );
            }
        }
    }

    #[test]
    fn a_special_byte_anywhere_is_seen_and_leaves_the_buffer_alone() {
        for length in 1..70 {
            for place in 0..length {
                for special in [b'"', b'\\', 0, 0x1f, 0x80, 0xff] {
                    let mut text = vec![b'~'; length];
                    text[place] = special;
                    let mut out = b"before".to_vec();
                    assert!(!append_if_plain(&mut out, b",", &text, b":"));
                    assert!(!append_key_if_plain(&mut out, true, &text));
                    assert_eq!(out, b"before");
                }
            }
        }
    }
}
