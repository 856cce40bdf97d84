//! The scanner of pages in the form that servers write. When it returns `None`, serde reads the page.
//!
//! The scanner in `check/json_text` visits every value; this one only borrows the names and texts of a page, and
//! expects `variables` before `pagination`. The benchmark "response to debug view" and the instruction count of
//! `parse_variables` measure it. [`measure_json`] checks what needs a full check (a container, a number other than a
//! short integer, a `\u` escape), so the rules exist only once. A property test compares the scanner with serde.

use std::borrow::Cow;

use super::wire::{FromObject, Pagination, cursor_of, string_text};
use super::{Page, PageValue, RawVariable};
use crate::check::{measure_json, plain_prefix};

/// The usual number of bytes of an entry (one variable) in a page.
const USUAL_ENTRY_BYTES: usize = 64;

/// The initial capacity of a decoded string, in bytes: enough for most strings.
const INITIAL_STRING_CAPACITY: usize = 64;

/// Reads a page; `None` when it does not have the usual form, or is not a page.
pub(super) fn read_page(bytes: &[u8]) -> Option<Page<'_>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut scan = Scan { text, bytes: text.as_bytes(), at: 0 };
    scan.expect_token(b'{')?;
    if scan.read_plain_key()? != b"variables" {
        return None;
    }
    scan.expect_token(b'[')?;
    let mut entries = Vec::with_capacity(bytes.len() / USUAL_ENTRY_BYTES);
    scan.skip_space();
    if scan.peek() == b']' {
        scan.at += 1;
    } else {
        loop {
            entries.push(scan.read_entry()?);
            if scan.read_comma_or(b']')? {
                break;
            }
        }
    }
    let next_cursor = if scan.read_comma_or(b'}')? {
        scan.expect_end()?;
        None
    } else {
        if scan.read_plain_key()? != b"pagination" {
            return None;
        }
        // Without the final brace, the rest of the page must be the value of `pagination`.
        let rest = text.get(scan.at..)?.trim_end_matches([' ', '\t', '\n', '\r']);
        let pagination = rest.strip_suffix('}')?;
        cursor_of(serde_json::from_str::<Option<FromObject<Pagination<'_>>>>(pagination).ok()?)
    };
    Some(Page { entries, next_cursor })
}

/// A scan of a page. Its methods return `None` where the page does not have the expected form.
struct Scan<'p> {
    text: &'p str,
    /// The bytes of `text`.
    bytes: &'p [u8],
    /// The offset of the next byte.
    at: usize,
}

impl<'p> Scan<'p> {
    /// Returns the next byte, or 0 at the end; JSON contains no byte 0.
    #[inline(always)]
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn skip_space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    /// Skips white space and then the byte `token`.
    #[inline(always)]
    fn expect_token(&mut self, token: u8) -> Option<()> {
        self.skip_space();
        (self.peek() == token).then(|| self.at += 1)
    }

    /// Skips white space, and then a comma (returns `false`) or the byte `end` (returns `true`).
    #[inline(always)]
    fn read_comma_or(&mut self, end: u8) -> Option<bool> {
        self.skip_space();
        let byte = self.peek();
        self.at += 1;
        match byte {
            b',' => Some(false),
            _ if byte == end => Some(true),
            _ => None,
        }
    }

    /// Skips white space; the page must end after it.
    fn expect_end(&mut self) -> Option<()> {
        self.skip_space();
        (self.at == self.bytes.len()).then_some(())
    }

    /// Reads a key without escapes and its colon.
    #[inline(always)]
    fn read_plain_key(&mut self) -> Option<&'p [u8]> {
        self.expect_token(b'"')?;
        let start = self.at;
        self.at += plain_prefix(self.bytes.get(start..)?);
        let key = self.bytes.get(start..self.at)?;
        self.expect_byte(b'"')?;
        self.expect_token(b':')?;
        self.skip_space();
        Some(key)
    }

    /// Skips the byte `token`, without white space before it.
    #[inline(always)]
    fn expect_byte(&mut self, token: u8) -> Option<()> {
        (self.peek() == token).then(|| self.at += 1)
    }

    #[inline(always)]
    fn read_entry(&mut self) -> Option<RawVariable<'p>> {
        self.skip_space();
        let start = self.at;
        if let Some(entry) = self.read_compact_entry() {
            return Some(entry);
        }
        self.at = start;
        self.read_general_entry()
    }

    /// Reads an entry in the usual form: compact, with a string as value, and with the fields `name`, `value`, `scope`
    /// and (optional) `type` in this order.
    #[inline(always)]
    fn read_compact_entry(&mut self) -> Option<RawVariable<'p>> {
        self.expect(b"{\"name\":")?;
        let name = self.read_string()?;
        self.expect(b",\"value\":")?;
        let value = PageValue::Text(self.read_string()?);
        self.expect(b",\"scope\":")?;
        let scope = self.read_string()?;
        let stated_type = match self.peek() {
            b'}' => None,
            _ => {
                self.expect(b",\"type\":")?;
                if self.peek() == b'"' { Some(self.read_string()?) } else { self.read_null()? }
            }
        };
        self.expect_byte(b'}')?;
        Some(RawVariable { name, value, scope, stated_type })
    }

    /// Skips `text`.
    #[inline(always)]
    fn expect<const LENGTH: usize>(&mut self, text: &[u8; LENGTH]) -> Option<()> {
        let is_match = self.bytes.get(self.at..)?.first_chunk::<LENGTH>()? == text;
        is_match.then(|| self.at += LENGTH)
    }

    /// Skips `null`, which counts as an absent field.
    fn read_null<T>(&mut self) -> Option<Option<T>> {
        self.expect(b"null").map(|()| None)
    }

    /// Reads an entry that may have white space, the fields in any order, and a value that is not a string.
    fn read_general_entry(&mut self) -> Option<RawVariable<'p>> {
        self.expect_token(b'{')?;
        let (mut name, mut value, mut scope, mut stated_type) = (None, None, None, None);
        loop {
            match self.read_plain_key()? {
                b"name" if name.is_none() => name = Some(self.read_string()?),
                b"value" if value.is_none() => value = Some(self.read_value()?),
                b"scope" if scope.is_none() => scope = Some(self.read_string()?),
                b"type" if stated_type.is_none() => {
                    stated_type = Some(if self.peek() == b'"' {
                        Some(self.read_string()?)
                    } else {
                        self.read_null()?
                    });
                }
                _ => return None,
            }
            if self.read_comma_or(b'}')? {
                break;
            }
        }
        Some(RawVariable {
            name: name?,
            value: value?,
            scope: scope?,
            stated_type: stated_type.flatten(),
        })
    }

    #[inline(always)]
    fn read_value(&mut self) -> Option<PageValue<'p>> {
        if self.peek() == b'"' {
            return self.read_string().map(PageValue::Text);
        }
        self.read_other_value().map(PageValue::Json)
    }

    #[inline(always)]
    fn read_string(&mut self) -> Option<Cow<'p, str>> {
        self.expect_byte(b'"')?;
        let start = self.at;
        self.at += plain_prefix(self.bytes.get(start..)?);
        if self.peek() != b'"' {
            return self.read_special_string(start);
        }
        let text = self.text.get(start..self.at)?;
        self.at += 1;
        Some(Cow::Borrowed(text))
    }

    /// Reads the rest of a string that contains an escape or a character that is not ASCII. Its text begins at `start`.
    fn read_special_string(&mut self, start: usize) -> Option<Cow<'p, str>> {
        let mut decoded = String::with_capacity(INITIAL_STRING_CAPACITY);
        let mut copied = start;
        loop {
            match self.peek() {
                b'"' => break,
                b'\\' => {
                    let character = match *self.bytes.get(self.at + 1)? {
                        same @ (b'"' | b'\\' | b'/') => char::from(same),
                        b'b' => '\u{8}',
                        b'f' => '\u{c}',
                        b'n' => '\n',
                        b'r' => '\r',
                        b't' => '\t',
                        b'u' => return self.read_unicode_string(start),
                        _ => return None,
                    };
                    decoded.push_str(self.text.get(copied..self.at)?);
                    decoded.push(character);
                    self.at += 2;
                    copied = self.at;
                }
                0x80.. => self.at += 1,
                0..=0x1f => return None,
                _ => self.at += plain_prefix(self.bytes.get(self.at..)?),
            }
        }
        let rest = self.text.get(copied..self.at)?;
        self.at += 1;
        if copied == start {
            return Some(Cow::Borrowed(rest));
        }
        decoded.push_str(rest);
        Some(Cow::Owned(decoded))
    }

    /// Reads a string with `\u` escapes. Its text begins at `start`.
    #[cold]
    fn read_unicode_string(&mut self, start: usize) -> Option<Cow<'p, str>> {
        self.at = start;
        self.skip_string()?;
        let json = self.text.get(start.checked_sub(1)?..self.at)?;
        measure_json(json).ok()?;
        string_text(json)
    }

    /// Skips the rest of a string, including its closing quote.
    fn skip_string(&mut self) -> Option<()> {
        loop {
            match *self.bytes.get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(())
    }

    /// Returns the JSON text of a value that is not a string.
    fn read_other_value(&mut self) -> Option<&'p str> {
        let start = self.at;
        match self.peek() {
            b't' => self.expect(b"true")?,
            b'f' => self.expect(b"false")?,
            b'n' => self.expect(b"null")?,
            b'{' | b'[' => self.skip_container()?,
            _ => {
                while matches!(self.peek(), b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') {
                    self.at += 1;
                }
            }
        }
        let json = self.text.get(start..self.at)?;
        // The code above finds only the end of a container or number, and does not check its grammar.
        let is_literal = matches!(json.as_bytes().first(), Some(b't' | b'f' | b'n'));
        (is_literal || is_short_integer(json) || measure_json(json).is_ok()).then_some(json)
    }

    /// Skips a container, including its closing bracket.
    fn skip_container(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            match byte {
                b'"' => self.skip_string()?,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(());
                    }
                }
                _ => {}
            }
        }
    }
}

/// Returns whether a text is a JSON integer of up to 15 digits.
fn is_short_integer(json: &str) -> bool {
    let digits = json.strip_prefix('-').unwrap_or(json).as_bytes();
    let has_valid_start = match digits {
        [] => false,
        [b'0', rest @ ..] => rest.is_empty(),
        _ => true,
    };
    has_valid_start && digits.len() < 16 && digits.iter().all(u8::is_ascii_digit)
}
