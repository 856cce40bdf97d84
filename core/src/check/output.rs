//! Where a check puts the compact JSON: a buffer, or nothing but the count of its bytes.

use super::measure::{TextSize, plain_prefix};
use super::room;

/// Takes the pieces of compact JSON text in order.
pub trait JsonWriter {
    /// One byte of structure: a bracket, a colon, a comma.
    fn byte(&mut self, byte: u8);

    /// Text that stands as it is: a number, `true`, `null`.
    fn raw(&mut self, text: &str);

    /// A string, which is quoted and escaped here.
    fn string(&mut self, text: &str, measure: TextSize);

    /// The key of a member, with the comma before it where it is not the first, and its colon.
    fn key(&mut self, comma: bool, text: &str, measure: TextSize);

    /// The same for a key that nobody has measured yet. Gives its size.
    fn fresh_key(&mut self, comma: bool, text: &str) -> TextSize;

    /// A string that nobody has measured yet, between two constant pieces of text. Gives its size.
    fn framed(&mut self, before: &'static str, text: &str, after: &'static str) -> TextSize;

    /// Bytes so far.
    fn written(&self) -> u64;
}

/// Counts the bytes and writes none.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByteCounter(u64);

impl JsonWriter for ByteCounter {
    #[inline(always)]
    fn byte(&mut self, _: u8) {
        self.0 += 1;
    }

    #[inline(always)]
    fn raw(&mut self, text: &str) {
        self.0 += text.len() as u64;
    }

    #[inline(always)]
    fn string(&mut self, _: &str, measure: TextSize) {
        self.0 += measure.json as u64 + 2;
    }

    #[inline(always)]
    fn key(&mut self, comma: bool, _: &str, measure: TextSize) {
        self.0 += measure.json as u64 + 3 + u64::from(comma);
    }

    #[inline(always)]
    fn fresh_key(&mut self, comma: bool, text: &str) -> TextSize {
        let measure = TextSize::of(text);
        self.key(comma, text, measure);
        measure
    }

    #[inline(always)]
    fn framed(&mut self, before: &'static str, text: &str, after: &'static str) -> TextSize {
        let measure = TextSize::of(text);
        self.0 += (before.len() + measure.json + 2 + after.len()) as u64;
        measure
    }

    #[inline(always)]
    fn written(&self) -> u64 {
        self.0
    }
}

/// A buffer that may already hold the beginning of the body.
impl JsonWriter for Vec<u8> {
    #[inline(always)]
    fn byte(&mut self, byte: u8) {
        self.push(byte);
    }

    #[inline(always)]
    fn raw(&mut self, text: &str) {
        room::append(self, text.as_bytes());
    }

    #[inline(always)]
    fn string(&mut self, text: &str, measure: TextSize) {
        if measure.json != text.len() {
            write_quoted(self, text);
        } else {
            room::append_quoted(self, false, text.as_bytes(), b"");
        }
    }

    #[inline(always)]
    fn key(&mut self, comma: bool, text: &str, measure: TextSize) {
        if measure.json == text.len() {
            room::append_quoted(self, comma, text.as_bytes(), b":");
        } else {
            if comma {
                self.push(b',');
            }
            write_quoted(self, text);
            self.push(b':');
        }
    }

    #[inline(always)]
    fn fresh_key(&mut self, comma: bool, text: &str) -> TextSize {
        let bytes = text.as_bytes();
        if room::append_key_if_plain(self, comma, bytes) {
            return TextSize { json: bytes.len(), utf16: bytes.len() };
        }
        let measure = TextSize::of(text);
        self.key(comma, text, measure);
        measure
    }

    #[inline(always)]
    fn framed(&mut self, before: &'static str, text: &str, after: &'static str) -> TextSize {
        let bytes = text.as_bytes();
        if room::append_if_plain(self, before.as_bytes(), bytes, after.as_bytes()) {
            return TextSize { json: bytes.len(), utf16: bytes.len() };
        }
        self.extend_from_slice(before.as_bytes());
        write_quoted(self, text);
        self.extend_from_slice(after.as_bytes());
        TextSize::of(text)
    }

    #[inline(always)]
    fn written(&self) -> u64 {
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
