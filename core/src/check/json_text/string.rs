//! Scans strings and keys.

use super::{ScannedString, Scanner, SyntaxError};
use crate::check::text_size::{TextSize, plain_prefix, utf16_len};
use crate::check::visitor::ValueVisitor;
use crate::path::Path;

impl<'t, S: ValueVisitor + ?Sized, const SENTINELS: bool> Scanner<'t, '_, S, SENTINELS> {
    /// Scans the string whose opening quote is at `at`.
    #[inline(always)]
    pub(super) fn scan_string(
        &mut self,
        at: usize,
        path: &Path<'_>,
    ) -> Result<ScannedString<'t>, Box<SyntaxError>> {
        let start = at + 1;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let plain = plain_prefix(rest);
        if rest.get(plain) == Some(&b'"') {
            let end = start + plain;
            return Ok(ScannedString {
                end: end + 1,
                borrowed: self.text.get(start..end),
                size: TextSize { json: plain, utf16: plain },
                has_lone_surrogate: false,
            });
        }
        self.scan_special_string(start, plain, path)
    }

    /// Scans a string that contains an escape or a character that is not ASCII. Its text begins at `start` with
    /// `plain` bytes that need no check.
    fn scan_special_string(
        &mut self,
        start: usize,
        plain: usize,
        path: &Path<'_>,
    ) -> Result<ScannedString<'t>, Box<SyntaxError>> {
        let bytes = self.text.as_bytes();
        let mut at = start + plain;
        loop {
            match self.byte(at) {
                b'"' => {
                    let inside = bytes.get(start..at).unwrap_or_default();
                    return Ok(ScannedString {
                        end: at + 1,
                        borrowed: self.text.get(start..at),
                        size: TextSize { json: at - start, utf16: utf16_len(inside) },
                        has_lone_surrogate: false,
                    });
                }
                b'\\' => return self.scan_escaped_string(start, at, path),
                0x80.. => at += 1,
                0x00..=0x1f => return self.fail(at, UNESCAPED_CONTROL_CHARACTER, path),
                _ => at += plain_prefix(bytes.get(at..).unwrap_or_default()),
            }
        }
    }

    /// Decodes a string with escapes into `scratch`. Its text begins at `start`, its first escape at `at`.
    fn scan_escaped_string(
        &mut self,
        start: usize,
        mut at: usize,
        path: &Path<'_>,
    ) -> Result<ScannedString<'t>, Box<SyntaxError>> {
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        let mut has_lone_surrogate = false;
        let mut copied = start;
        loop {
            match self.byte(at) {
                b'"' => break,
                b'\\' => {
                    text.push_str(self.text.get(copied..at).unwrap_or_default());
                    let (c, end) = self.decode_escape(at, path)?;
                    has_lone_surrogate |= c.is_none();
                    text.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
                    at = end;
                    copied = end;
                }
                0x00..=0x1f => return self.fail(at, UNESCAPED_CONTROL_CHARACTER, path),
                _ => at += 1,
            }
        }
        text.push_str(self.text.get(copied..at).unwrap_or_default());
        let size = TextSize::of(&text);
        self.scratch = text;
        Ok(ScannedString { end: at + 1, borrowed: None, size, has_lone_surrogate })
    }

    /// Decodes the escape whose backslash is at `at`. Returns its character, or `None` for half of a surrogate pair,
    /// and its end.
    fn decode_escape(
        &self,
        at: usize,
        path: &Path<'_>,
    ) -> Result<(Option<char>, usize), Box<SyntaxError>> {
        let c = match self.byte(at + 1) {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.decode_unicode_escape(at, path),
            _ => return self.fail(at + 1, "expected one of \" \\ / b f n r t u after `\\`", path),
        };
        Ok((Some(c), at + 2))
    }

    /// Decodes the escape `\uXXXX` whose backslash is at `at`, together with a second one if they are a surrogate pair.
    fn decode_unicode_escape(
        &self,
        at: usize,
        path: &Path<'_>,
    ) -> Result<(Option<char>, usize), Box<SyntaxError>> {
        let unit = self.read_four_hex_digits(at + 2, path)?;
        let end = at + 6;
        if (0xd800..0xdc00).contains(&unit) && self.byte(end) == b'\\' && self.byte(end + 1) == b'u'
        {
            let low = self.read_four_hex_digits(end + 2, path)?;
            if (0xdc00..0xe000).contains(&low) {
                let pair = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return Ok((char::from_u32(pair), end + 6));
            }
        }
        Ok((char::from_u32(unit), end))
    }

    fn read_four_hex_digits(&self, at: usize, path: &Path<'_>) -> Result<u32, Box<SyntaxError>> {
        let mut unit = 0;
        for at in at..at + 4 {
            let Some(digit) = char::from(self.byte(at)).to_digit(16) else {
                return self.fail(at, "expected four hexadecimal digits after `\\u`", path);
            };
            unit = unit * 16 + digit;
        }
        Ok(unit)
    }
}

const UNESCAPED_CONTROL_CHARACTER: &str = "a control character in a string, which must be escaped";
