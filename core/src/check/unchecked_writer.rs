//! Appends strings to a buffer after one capacity check. This is the only module of the core that writes
//! without a capacity check per byte; the instruction counts of `check_and_write_value` and `payload_to_json`
//! depend on it.

#![allow(
    unsafe_code,
    reason = "one capacity check for a string and its quotes instead of one per piece"
)]

use super::text_size::special_bytes;

/// Appends `before`, a quote, `text`, a quote and `after` when `text` is plain: ASCII that needs no escape.
/// Otherwise returns `false` and leaves the buffer unchanged.
#[inline(always)]
pub(super) fn append_if_plain(out: &mut Vec<u8>, before: &[u8], text: &[u8], after: &[u8]) -> bool {
    let mut writer = UncheckedWriter::reserve(out, before.len() + text.len() + after.len() + 2);
    // SAFETY: writes exactly the reserved bytes.
    unsafe {
        writer.write_bytes(before);
        writer.write_byte(b'"');
        if !writer.write_plain_text(text) {
            return false;
        }
        writer.write_byte(b'"');
        writer.write_bytes(after);
        writer.commit();
    }
    true
}

/// Appends a comma when `comma` is set, a quote, `text`, a quote and a colon when `text` is plain. Otherwise
/// returns `false` and leaves the buffer unchanged.
#[inline(always)]
pub(super) fn append_key_if_plain(out: &mut Vec<u8>, comma: bool, text: &[u8]) -> bool {
    let mut writer = UncheckedWriter::reserve(out, text.len() + 4);
    // SAFETY: writes the comma, the quotes, the text and the colon, which are reserved; the quote overwrites an
    // unneeded comma.
    unsafe {
        writer.write_byte(b',');
        writer.at -= usize::from(!comma);
        writer.write_byte(b'"');
        if !writer.write_plain_text(text) {
            return false;
        }
        writer.write_byte(b'"');
        writer.write_byte(b':');
        writer.commit();
    }
    true
}

/// Appends a comma when `comma` is set, a quote, `text` unescaped, a quote and `after`.
#[inline(always)]
pub(super) fn append_quoted(out: &mut Vec<u8>, comma: bool, text: &[u8], after: &[u8]) {
    let mut writer = UncheckedWriter::reserve(out, text.len() + after.len() + 3);
    // SAFETY: writes the comma, the quotes, the text and `after`, which are reserved; the quote overwrites an
    // unneeded comma.
    unsafe {
        writer.write_byte(b',');
        writer.at -= usize::from(!comma);
        writer.write_byte(b'"');
        writer.write_text(text);
        writer.write_byte(b'"');
        writer.write_bytes(after);
        writer.commit();
    }
}

/// Appends bytes unescaped. It is fastest for short pieces.
#[inline(always)]
pub(super) fn append(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut writer = UncheckedWriter::reserve(out, bytes.len());
    // SAFETY: writes exactly the reserved bytes.
    unsafe {
        writer.write_text(bytes);
        writer.commit();
    }
}

/// A writer to the reserved end of a buffer. The bytes become part of the buffer only with [`commit`](Self::commit).
struct UncheckedWriter<'b> {
    out: &'b mut Vec<u8>,
    /// The offset of the next byte: at least the length of the buffer, at most its capacity.
    at: usize,
}

impl<'b> UncheckedWriter<'b> {
    /// Reserves `bytes` at the end of the buffer.
    #[inline(always)]
    fn reserve(out: &'b mut Vec<u8>, bytes: usize) -> Self {
        out.reserve(bytes);
        let at = out.len();
        UncheckedWriter { out, at }
    }

    /// Makes the written bytes part of the buffer.
    ///
    /// # Safety
    /// All bytes from the buffer's length up to `at` are written.
    #[inline(always)]
    unsafe fn commit(self) {
        debug_assert!(self.at <= self.out.capacity());
        // SAFETY: the caller guarantees it, and `at` is within the capacity.
        unsafe { self.out.set_len(self.at) };
    }

    /// Writes one byte.
    ///
    /// # Safety
    /// One more byte is reserved.
    #[inline(always)]
    unsafe fn write_byte(&mut self, byte: u8) {
        debug_assert!(self.at < self.out.capacity());
        // SAFETY: the caller guarantees it, so the offset is within the allocation.
        unsafe { self.out.as_mut_ptr().add(self.at).write(byte) };
        self.at += 1;
    }

    /// Copies bytes with a `memcpy`. Use it for a length that is constant at compile time, or over 32 bytes.
    ///
    /// # Safety
    /// `bytes.len()` more bytes are reserved.
    #[inline(always)]
    unsafe fn write_bytes(&mut self, bytes: &[u8]) {
        debug_assert!(self.at + bytes.len() <= self.out.capacity());
        // SAFETY: the caller guarantees it; the buffer is borrowed mutably, so the source does not overlap it.
        unsafe {
            let to = self.out.as_mut_ptr().add(self.at);
            to.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        }
        self.at += bytes.len();
    }

    /// Writes a chunk `offset` bytes after `at`, without advancing `at`.
    ///
    /// # Safety
    /// The chunk is within the reserved bytes.
    #[inline(always)]
    unsafe fn write_chunk<const SIZE: usize>(&mut self, offset: usize, chunk: &[u8; SIZE]) {
        debug_assert!(self.at + offset + SIZE <= self.out.capacity());
        // SAFETY: the caller guarantees it; an array of bytes needs no alignment.
        unsafe {
            self.out.as_mut_ptr().add(self.at + offset).cast::<[u8; SIZE]>().write(*chunk);
        }
    }

    /// Copies bytes. Use it for mostly short text: two overlapping chunks of a fixed size cost less than a `memcpy`
    /// of a variable size.
    ///
    /// # Safety
    /// `bytes.len()` more bytes are reserved.
    #[inline(always)]
    unsafe fn write_text(&mut self, bytes: &[u8]) {
        // SAFETY: both chunks come from `bytes` and keep their offsets.
        unsafe {
            if let (Some(first), Some(last)) = (bytes.first_chunk::<16>(), bytes.last_chunk::<16>())
            {
                // Two chunks of 16 bytes cover at most 32.
                if bytes.len() > 32 {
                    return self.write_bytes(bytes);
                }
                self.write_chunk(0, first);
                self.write_chunk(bytes.len() - 16, last);
            } else if let (Some(first), Some(last)) =
                (bytes.first_chunk::<8>(), bytes.last_chunk::<8>())
            {
                self.write_chunk(0, first);
                self.write_chunk(bytes.len() - 8, last);
            } else if let (Some(first), Some(last)) =
                (bytes.first_chunk::<4>(), bytes.last_chunk::<4>())
            {
                self.write_chunk(0, first);
                self.write_chunk(bytes.len() - 4, last);
            } else {
                for &byte in bytes {
                    self.write_byte(byte);
                }
                return;
            }
        }
        self.at += bytes.len();
    }

    /// Copies text and checks it. Returns `false` when it is not plain: then the caller must not commit.
    ///
    /// # Safety
    /// `bytes.len()` more bytes are reserved.
    #[inline(always)]
    unsafe fn write_plain_text(&mut self, bytes: &[u8]) -> bool {
        // SAFETY: the chunks come from `bytes` and keep their offsets.
        let special = unsafe {
            if let Some(last) = bytes.last_chunk::<8>() {
                let mut special = 0;
                let mut rest = bytes;
                let mut offset = 0;
                while let Some((chunk, after)) = rest.split_first_chunk::<8>() {
                    special |= special_bytes(u64::from_le_bytes(*chunk));
                    self.write_chunk(offset, chunk);
                    offset += 8;
                    rest = after;
                }
                self.write_chunk(bytes.len() - 8, last);
                special | special_bytes(u64::from_le_bytes(*last))
            } else if let (Some(first), Some(last)) =
                (bytes.first_chunk::<4>(), bytes.last_chunk::<4>())
            {
                self.write_chunk(0, first);
                self.write_chunk(bytes.len() - 4, last);
                let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
                special_bytes(u64::from(first) << 32 | u64::from(last))
            } else {
                let mut special = 0;
                for (offset, &byte) in bytes.iter().enumerate() {
                    // `special_bytes` checks eight bytes, so it gets the byte eight times.
                    special |= special_bytes(u64::from(byte) * 0x0101_0101_0101_0101);
                    self.write_chunk(offset, &[byte]);
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
    fn append_functions_copy_text_of_0_to_99_bytes_exactly() {
        let text: Vec<u8> = (0..100).map(|index| b'a' + index % 26).collect();
        for length in 0..text.len() {
            let text = &text[..length];
            // The exact capacity, so that an extra byte would be outside the allocation.
            let mut out = Vec::with_capacity(length + 7);
            append(&mut out, b"1,");
            assert!(append_if_plain(&mut out, b"[", text, b": "));
            let mut expected = b"1,[\"".to_vec();
            expected.extend_from_slice(text);
            expected.extend_from_slice(b"\": ");
            assert_eq!(out, expected);
            for comma in [false, true] {
                let mut out = Vec::new();
                append_quoted(&mut out, comma, text, b":");
                let mut unmeasured = Vec::new();
                assert!(append_key_if_plain(&mut unmeasured, comma, text));
                assert_eq!(unmeasured, out);
                let key = String::from_utf8(text.to_vec()).unwrap();
                assert_eq!(
                    String::from_utf8(out).unwrap(),
                    format!("{}\"{key}\":", if comma { "," } else { "" })
                );
            }
        }
    }

    #[test]
    fn append_if_plain_functions_leave_the_buffer_unchanged_for_a_special_byte_at_any_index() {
        for length in 1..70 {
            for index in 0..length {
                for special in [b'"', b'\\', 0, 0x1f, 0x80, 0xff] {
                    let mut text = vec![b'~'; length];
                    text[index] = special;
                    let mut out = b"before".to_vec();
                    assert!(!append_if_plain(&mut out, b",", &text, b":"));
                    assert!(!append_key_if_plain(&mut out, true, &text));
                    assert_eq!(out, b"before");
                }
            }
        }
    }
}
