//! The scanner of pages as servers write them. Whatever gives None here is for serde to look at.

use std::borrow::Cow;

use super::wire::{FromObject, Pagination, cursor_of, text_of};
use super::{RawVariable, PageValue, Page};
use crate::check::{measure_json, plain_prefix};

/// A variable takes about so many bytes of a page.
const ENTRY_BYTES: usize = 64;

/// Most strings with escapes are no longer.
const ESCAPED_BYTES: usize = 64;

pub(super) fn page(bytes: &[u8]) -> Option<Page<'_>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut scan = Scan { text, bytes: text.as_bytes(), at: 0 };
    scan.token(b'{')?;
    if scan.plain_key()? != b"variables" {
        return None;
    }
    scan.token(b'[')?;
    let mut entries = Vec::with_capacity(bytes.len() / ENTRY_BYTES);
    scan.skip_space();
    if scan.byte() == b']' {
        scan.at += 1;
    } else {
        loop {
            entries.push(scan.entry()?);
            if scan.comma_or(b']')? {
                break;
            }
        }
    }
    let next_cursor = if scan.comma_or(b'}')? {
        scan.end()?;
        None
    } else {
        if scan.plain_key()? != b"pagination" {
            return None;
        }
        // All that is left, but for the brace that ends the page, has to be that one value.
        let rest = text.get(scan.at..)?.trim_end_matches([' ', '\t', '\n', '\r']);
        let pagination = rest.strip_suffix('}')?;
        cursor_of(serde_json::from_str::<Option<FromObject<Pagination<'_>>>>(pagination).ok()?)
    };
    Some(Page { entries, next_cursor })
}

struct Scan<'p> {
    text: &'p str,
    bytes: &'p [u8],
    at: usize,
}

impl<'p> Scan<'p> {
    /// The next byte; 0, which no JSON begins with, at the end.
    #[inline(always)]
    fn byte(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn skip_space(&mut self) {
        while matches!(self.byte(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    #[inline(always)]
    fn token(&mut self, token: u8) -> Option<()> {
        self.skip_space();
        (self.byte() == token).then(|| self.at += 1)
    }

    /// Whether the end of a container came, and no comma.
    #[inline(always)]
    fn comma_or(&mut self, end: u8) -> Option<bool> {
        self.skip_space();
        let byte = self.byte();
        self.at += 1;
        match byte {
            b',' => Some(false),
            _ if byte == end => Some(true),
            _ => None,
        }
    }

    fn end(&mut self) -> Option<()> {
        self.skip_space();
        (self.at == self.bytes.len()).then_some(())
    }

    /// A key without escapes, and the colon after it.
    #[inline(always)]
    fn plain_key(&mut self) -> Option<&'p [u8]> {
        self.token(b'"')?;
        let start = self.at;
        self.at += plain_prefix(self.bytes.get(start..)?);
        let key = self.bytes.get(start..self.at)?;
        self.token_here(b'"')?;
        self.token(b':')?;
        self.skip_space();
        Some(key)
    }

    #[inline(always)]
    fn token_here(&mut self, token: u8) -> Option<()> {
        (self.byte() == token).then(|| self.at += 1)
    }

    #[inline(always)]
    fn entry(&mut self) -> Option<RawVariable<'p>> {
        self.skip_space();
        let start = self.at;
        if let Some(entry) = self.usual_entry() {
            return Some(entry);
        }
        self.at = start;
        self.any_entry()
    }

    /// An entry as nearly all are: compact, its fields in their usual order, its value a string.
    #[inline(always)]
    fn usual_entry(&mut self) -> Option<RawVariable<'p>> {
        self.text_here(b"{\"name\":")?;
        let name = self.string()?;
        self.text_here(b",\"value\":")?;
        let value = PageValue::Text(self.string()?);
        self.text_here(b",\"scope\":")?;
        let scope = self.string()?;
        let stated_type = match self.byte() {
            b'}' => None,
            _ => {
                self.text_here(b",\"type\":")?;
                if self.byte() == b'"' { Some(self.string()?) } else { self.null()? }
            }
        };
        self.token_here(b'}')?;
        Some(RawVariable { name, value, scope, stated_type })
    }

    #[inline(always)]
    fn text_here<const LENGTH: usize>(&mut self, text: &[u8; LENGTH]) -> Option<()> {
        let is_there = self.bytes.get(self.at..)?.first_chunk::<LENGTH>()? == text;
        is_there.then(|| self.at += LENGTH)
    }

    fn null<T>(&mut self) -> Option<Option<T>> {
        self.text_here(b"null").map(|()| None)
    }

    fn any_entry(&mut self) -> Option<RawVariable<'p>> {
        self.token(b'{')?;
        let (mut name, mut value, mut scope, mut stated_type) = (None, None, None, None);
        loop {
            match self.plain_key()? {
                b"name" if name.is_none() => name = Some(self.string()?),
                b"value" if value.is_none() => value = Some(self.value()?),
                b"scope" if scope.is_none() => scope = Some(self.string()?),
                b"type" if stated_type.is_none() => {
                    stated_type =
                        Some(if self.byte() == b'"' { Some(self.string()?) } else { self.null()? });
                }
                _ => return None,
            }
            if self.comma_or(b'}')? {
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
    fn value(&mut self) -> Option<PageValue<'p>> {
        if self.byte() == b'"' {
            return self.string().map(PageValue::Text);
        }
        self.other_value().map(PageValue::Json)
    }

    #[inline(always)]
    fn string(&mut self) -> Option<Cow<'p, str>> {
        self.token_here(b'"')?;
        let start = self.at;
        self.at += plain_prefix(self.bytes.get(start..)?);
        if self.byte() != b'"' {
            return self.long_string(start);
        }
        let text = self.text.get(start..self.at)?;
        self.at += 1;
        Some(Cow::Borrowed(text))
    }

    /// The rest of a string that is not plain ASCII up to its closing quote.
    fn long_string(&mut self, start: usize) -> Option<Cow<'p, str>> {
        let mut decoded = String::with_capacity(ESCAPED_BYTES);
        let mut copied = start;
        loop {
            match self.byte() {
                b'"' => break,
                b'\\' => {
                    let character = match *self.bytes.get(self.at + 1)? {
                        same @ (b'"' | b'\\' | b'/') => char::from(same),
                        b'b' => '\u{8}',
                        b'f' => '\u{c}',
                        b'n' => '\n',
                        b'r' => '\r',
                        b't' => '\t',
                        b'u' => return self.coded_string(start),
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

    /// A string with characters by their code.
    #[cold]
    fn coded_string(&mut self, start: usize) -> Option<Cow<'p, str>> {
        self.at = start;
        self.pass_string()?;
        let json = self.text.get(start.checked_sub(1)?..self.at)?;
        measure_json(json).ok()?;
        text_of(json)
    }

    /// Goes on behind the closing quote.
    fn pass_string(&mut self) -> Option<()> {
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

    #[inline(always)]
    fn word(&mut self, word: &'static str) -> Option<()> {
        let end = self.at + word.len();
        let is_there = self.bytes.get(self.at..end)? == word.as_bytes();
        self.at = end;
        is_there.then_some(())
    }

    fn other_value(&mut self) -> Option<&'p str> {
        let start = self.at;
        match self.byte() {
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => self.word("null")?,
            b'{' | b'[' => self.pass_container()?,
            _ => {
                while matches!(self.byte(), b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') {
                    self.at += 1;
                }
            }
        }
        let json = self.text.get(start..self.at)?;
        // What it is taken for, it has yet to be.
        let is_known = matches!(json.as_bytes().first(), Some(b't' | b'f' | b'n'));
        (is_known || is_short_integer(json) || measure_json(json).is_ok()).then_some(json)
    }

    /// Goes on behind the bracket that ends the container, if it is one.
    fn pass_container(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            match byte {
                b'"' => self.pass_string()?,
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

fn is_short_integer(json: &str) -> bool {
    let digits = json.strip_prefix('-').unwrap_or(json).as_bytes();
    let begins_well = match digits {
        [] => false,
        [b'0', rest @ ..] => rest.is_empty(),
        _ => true,
    };
    begins_well && digits.len() < 16 && digits.iter().all(u8::is_ascii_digit)
}
