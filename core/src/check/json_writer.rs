//! The outputs of a check: a buffer that receives the compact JSON, or a counter of its bytes.

use super::text_size::{TextSize, plain_prefix};
use super::unchecked_writer;

/// Receives compact JSON piece by piece, and writes or counts it.
pub trait JsonWriter {
    /// Writes one byte outside of strings: a bracket, a colon or a comma.
    fn write_byte(&mut self, byte: u8);

    /// Writes JSON text unchanged, for example a number or `null`.
    fn write_raw(&mut self, text: &str);

    /// Writes a string with quotes and escapes.
    fn write_string(&mut self, text: &str, size: TextSize);

    /// Writes the key of a member with quotes, escapes and a colon, and with a comma before it when `comma` is set.
    fn write_key(&mut self, comma: bool, text: &str, size: TextSize);

    /// Writes a key that is not measured yet, as [`write_key`](Self::write_key) does. Returns the size of the key.
    fn write_unmeasured_key(&mut self, comma: bool, text: &str) -> TextSize;

    /// Writes a string that is not measured yet, between two constant pieces of text. Returns the size of the string.
    fn write_string_between(
        &mut self,
        before: &'static str,
        text: &str,
        after: &'static str,
    ) -> TextSize;

    /// Returns the number of bytes so far, including those that a buffer contained before.
    fn written_bytes(&self) -> u64;
}

/// Counts the bytes and writes nothing. A string has 2 bytes for its quotes, a key 3 for its quotes and colon.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByteCounter(u64);

impl JsonWriter for ByteCounter {
    #[inline(always)]
    fn write_byte(&mut self, _: u8) {
        self.0 += 1;
    }

    #[inline(always)]
    fn write_raw(&mut self, text: &str) {
        self.0 += text.len() as u64;
    }

    #[inline(always)]
    fn write_string(&mut self, _: &str, size: TextSize) {
        self.0 += size.json as u64 + 2;
    }

    #[inline(always)]
    fn write_key(&mut self, comma: bool, _: &str, size: TextSize) {
        self.0 += size.json as u64 + 3 + u64::from(comma);
    }

    #[inline(always)]
    fn write_unmeasured_key(&mut self, comma: bool, text: &str) -> TextSize {
        let size = TextSize::of(text);
        self.write_key(comma, text, size);
        size
    }

    #[inline(always)]
    fn write_string_between(
        &mut self,
        before: &'static str,
        text: &str,
        after: &'static str,
    ) -> TextSize {
        let size = TextSize::of(text);
        self.0 += (before.len() + size.json + 2 + after.len()) as u64;
        size
    }

    #[inline(always)]
    fn written_bytes(&self) -> u64 {
        self.0
    }
}

/// Appends to a buffer, which may already contain the beginning of the body.
impl JsonWriter for Vec<u8> {
    #[inline(always)]
    fn write_byte(&mut self, byte: u8) {
        self.push(byte);
    }

    #[inline(always)]
    fn write_raw(&mut self, text: &str) {
        unchecked_writer::append(self, text.as_bytes());
    }

    #[inline(always)]
    fn write_string(&mut self, text: &str, size: TextSize) {
        if size.json != text.len() {
            write_quoted(self, text);
        } else {
            unchecked_writer::append_quoted(self, false, text.as_bytes(), b"");
        }
    }

    #[inline(always)]
    fn write_key(&mut self, comma: bool, text: &str, size: TextSize) {
        if size.json == text.len() {
            unchecked_writer::append_quoted(self, comma, text.as_bytes(), b":");
        } else {
            if comma {
                self.push(b',');
            }
            write_quoted(self, text);
            self.push(b':');
        }
    }

    #[inline(always)]
    fn write_unmeasured_key(&mut self, comma: bool, text: &str) -> TextSize {
        let bytes = text.as_bytes();
        if unchecked_writer::append_key_if_plain(self, comma, bytes) {
            return TextSize { json: bytes.len(), utf16: bytes.len() };
        }
        let size = TextSize::of(text);
        self.write_key(comma, text, size);
        size
    }

    #[inline(always)]
    fn write_string_between(
        &mut self,
        before: &'static str,
        text: &str,
        after: &'static str,
    ) -> TextSize {
        let bytes = text.as_bytes();
        if unchecked_writer::append_if_plain(self, before.as_bytes(), bytes, after.as_bytes()) {
            return TextSize { json: bytes.len(), utf16: bytes.len() };
        }
        self.extend_from_slice(before.as_bytes());
        write_quoted(self, text);
        self.extend_from_slice(after.as_bytes());
        TextSize::of(text)
    }

    #[inline(always)]
    fn written_bytes(&self) -> u64 {
        Vec::len(self) as u64
    }
}

#[inline(never)]
fn write_quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    write_escaped(out, text.as_bytes());
    out.push(b'"');
}

fn write_escaped(out: &mut Vec<u8>, mut rest: &[u8]) {
    loop {
        let plain = plain_prefix(rest);
        let (before, after) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
        out.extend_from_slice(before);
        let Some((&byte, after)) = after.split_first() else { return };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            0x00..=0x1f => {
                out.extend_from_slice(b"\\u00");
                out.push(hex_digit(byte >> 4));
                out.push(hex_digit(byte & 0xf));
            }
            _ => out.push(byte),
        }
        rest = after;
    }
}

const fn hex_digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}
