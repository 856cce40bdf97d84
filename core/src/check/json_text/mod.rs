//! The walker for JSON text: one pass over the bytes, without a tree and without a copy of unescaped strings.
//!
//! Without sentinels it accepts exactly the texts that RFC 8259 allows; a property test compares it with `serde_json`.
//! It skips values that the visitor rejects, for example too deep ones, without recursion.
//!
//! `serde_json` is not enough here: it parses a number into a float or an integer (which loses its text), reports no
//! duplicate key, fails on half of a surrogate pair, and reports an error without a path.

mod number;
mod skip_value;
mod string;

use std::borrow::Cow;

use super::Checker;
use super::json_writer::JsonWriter;
use super::keys::KeyStack;
use super::text_size::TextSize;
use super::visitor::{UnsupportedValue, ValueVisitor};
use crate::issue::{Code, Issue};
use crate::path::Path;

/// Visits `text`, which is one JSON value. Text that is not JSON is one `invalid_json` issue at the path of the
/// syntax error, after the issues of the text before it.
pub(crate) fn visit<O: JsonWriter>(text: &[u8], checker: &mut Checker<'_, O>) {
    visit_as::<O, false>(text, checker);
}

/// Visits text with sentinels, in which a host language writes values that JSON cannot express. A sentinel is the
/// control byte U+0001 and a letter. JSON text never contains a bare U+0001, so a sentinel is unambiguous.
///
/// As a value: `N` NaN or infinite, `U` no JSON form, `C` circular, `D` too deep, `H` and a number a list with this
/// number of holes, `P` an empty list with properties. As a key: `K` a key that is not a string; its value follows and
/// is skipped.
pub(crate) fn visit_with_sentinels<O: JsonWriter>(text: &[u8], checker: &mut Checker<'_, O>) {
    visit_as::<O, true>(text, checker);
}

/// Visits text with sentinels as a part of a larger body, at the path `at`.
pub(crate) fn visit_with_sentinels_at<O: JsonWriter>(
    text: &[u8],
    checker: &mut Checker<'_, O>,
    at: &Path<'_>,
) {
    visit_at::<O, true>(text, checker, at);
}

fn visit_as<O: JsonWriter, const SENTINELS: bool>(text: &[u8], checker: &mut Checker<'_, O>) {
    visit_at::<O, SENTINELS>(text, checker, &Path::ROOT);
}

fn visit_at<O: JsonWriter, const SENTINELS: bool>(
    text: &[u8],
    checker: &mut Checker<'_, O>,
    path: &Path<'_>,
) {
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            let issue = invalid_json(text, at, "the text is not UTF-8", path.to_pointer());
            checker.mark_incomplete(issue);
            return;
        }
    };
    let mut scanner = new_scanner::<_, SENTINELS>(text, checker);
    if let Err(SyntaxError { at, reason, path }) = scanner.scan_document(path) {
        checker.mark_incomplete(invalid_json(text.as_bytes(), at, reason, path));
    }
}

/// Visits one value in a larger text with sentinels. The value begins at the byte offset `from`. Returns the byte
/// offset of its end, or the length of `text` after a syntax error.
pub(crate) fn visit_with_sentinels_within<O: JsonWriter>(
    text: &str,
    from: usize,
    checker: &mut Checker<'_, O>,
    at: &Path<'_>,
) -> usize {
    let mut scanner = new_scanner::<_, true>(text, checker);
    match scanner.scan_value(from, at) {
        Ok(end) => end,
        Err(error) => {
            let SyntaxError { at, reason, path } = *error;
            checker.mark_incomplete(invalid_json(text.as_bytes(), at, reason, path));
            text.len()
        }
    }
}

/// Visits JSON text (without sentinels) that is a part of another value. Returns `false` when the text is not JSON.
pub(crate) fn visit_part<S: ValueVisitor>(text: &str, visitor: &mut S, at: &Path<'_>) -> bool {
    let mut scanner = new_scanner::<_, false>(text, visitor);
    let Ok(end) = scanner.scan_value(scanner.skip_space(0), at) else { return false };
    scanner.skip_space(end) == text.len()
}

/// Creates a scanner specialised for the visitor.
#[cfg(not(feature = "small"))]
#[inline(always)]
fn new_scanner<'t, 's, S: ValueVisitor, const SENTINELS: bool>(
    text: &'t str,
    visitor: &'s mut S,
) -> Scanner<'t, 's, S, SENTINELS> {
    Scanner::new(text, visitor, SENTINELS)
}

/// Creates the one scanner for all visitors, which checks for sentinels at run time: a fifth of the code.
#[cfg(feature = "small")]
fn new_scanner<'t, 's, S: ValueVisitor, const SENTINELS: bool>(
    text: &'t str,
    visitor: &'s mut S,
) -> Scanner<'t, 's, dyn ValueVisitor + 's, true> {
    Scanner::new(text, visitor, SENTINELS)
}

/// Returns the issue for a syntax error at the byte offset `at`. Its column counts characters.
#[cold]
fn invalid_json(text: &[u8], at: usize, reason: &'static str, path: String) -> Issue {
    let before = text.get(..at).unwrap_or(text);
    let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
    let line_start =
        before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let column = 1 + before
        .get(line_start..)
        .unwrap_or_default()
        .iter()
        .filter(|&&byte| byte & 0xc0 != 0x80)
        .count();
    Issue::error(
        Code::InvalidJson,
        path,
        format!("invalid JSON at line {line}, column {column}: {reason}"),
    )
}

/// A syntax error: its byte offset, its reason and the path of the value.
pub(super) struct SyntaxError {
    at: usize,
    reason: &'static str,
    path: String,
}

/// The next offset or a syntax error. The error is boxed, so that the result fits two registers.
type ParseResult = Result<usize, Box<SyntaxError>>;

/// Scans JSON text and calls a visitor. Its methods take the byte offset at which they begin, and return the offset
/// at which they end.
pub(super) struct Scanner<'t, 's, S: ?Sized, const SENTINELS: bool> {
    text: &'t str,
    /// Whether the scanner accepts sentinels; never when `SENTINELS` is `false`.
    accepts_sentinels: bool,
    visitor: &'s mut S,
    keys: KeyStack<Cow<'t, str>>,
    /// The decoded text of the last string with escapes.
    scratch: String,
}

impl<'t, 's, S: ValueVisitor + ?Sized, const SENTINELS: bool> Scanner<'t, 's, S, SENTINELS> {
    fn new(text: &'t str, visitor: &'s mut S, accepts_sentinels: bool) -> Self {
        Self { text, accepts_sentinels, visitor, keys: KeyStack::new(), scratch: String::new() }
    }

    fn scan_document(&mut self, path: &Path<'_>) -> Result<(), SyntaxError> {
        if self.text.starts_with('\u{feff}') {
            return self.syntax_error(0, "a byte order mark, which JSON does not allow", path);
        }
        let start = self.skip_space(0);
        let end = self.scan_value(start, path).map_err(|error| *error)?;
        let end = self.skip_space(end);
        if end < self.text.len() {
            return self.syntax_error(end, "text after the end of the value", path);
        }
        Ok(())
    }

    /// Returns the byte at an offset; 0 at the end of the text.
    #[inline(always)]
    fn byte(&self, at: usize) -> u8 {
        // JSON contains no byte 0, so callers need no separate check for the end of the text.
        match self.text.as_bytes().get(at) {
            Some(&byte) => byte,
            None => 0,
        }
    }

    /// Returns a syntax error. At the end of the text, its reason is that the text ends too early.
    #[cold]
    fn syntax_error<T>(
        &self,
        at: usize,
        reason: &'static str,
        path: &Path<'_>,
    ) -> Result<T, SyntaxError> {
        let reason = if at >= self.text.len() { "the text ends too early" } else { reason };
        Err(SyntaxError { at, reason, path: path.to_pointer() })
    }

    /// Returns a boxed syntax error.
    #[cold]
    fn fail<T>(
        &self,
        at: usize,
        reason: &'static str,
        path: &Path<'_>,
    ) -> Result<T, Box<SyntaxError>> {
        self.syntax_error(at, reason, path).map_err(Box::new)
    }

    #[inline(always)]
    fn skip_space(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), b' ' | b'\n' | b'\r' | b'\t') {
            at += 1;
        }
        at
    }

    fn scan_value(&mut self, at: usize, path: &Path<'_>) -> ParseResult {
        match self.byte(at) {
            b'"' => self.scan_string_value(at, path),
            b'{' => self.scan_object(at, path),
            b'[' => self.scan_array(at, path),
            b'-' | b'0'..=b'9' => self.scan_number(at, path),
            b't' => {
                let end = self.expect_literal(at, "true", path)?;
                self.visitor.boolean(true, path);
                Ok(end)
            }
            b'f' => {
                let end = self.expect_literal(at, "false", path)?;
                self.visitor.boolean(false, path);
                Ok(end)
            }
            b'n' => {
                let end = self.expect_literal(at, "null", path)?;
                self.visitor.null(path);
                Ok(end)
            }
            0x01 if SENTINELS && self.accepts_sentinels => self.scan_sentinel(at, path),
            _ => self.fail(at, "expected a value", path),
        }
    }

    #[inline(always)]
    fn expect_literal(&self, at: usize, literal: &'static str, path: &Path<'_>) -> ParseResult {
        let end = at + literal.len();
        if self.text.as_bytes().get(at..end) == Some(literal.as_bytes()) {
            Ok(end)
        } else {
            self.fail(at, "expected a value", path)
        }
    }

    #[cold]
    fn scan_sentinel(&mut self, at: usize, path: &Path<'_>) -> ParseResult {
        let what = match self.byte(at + 1) {
            b'N' => UnsupportedValue::NonFinite,
            b'U' => UnsupportedValue::Unserializable,
            b'C' => UnsupportedValue::Circular,
            b'D' => UnsupportedValue::TooDeep,
            b'P' => UnsupportedValue::ListWithProperties,
            b'H' => {
                let end = self.skip_digits(at + 2);
                let holes = self.text.get(at + 2..end).and_then(|digits| digits.parse().ok());
                self.visitor
                    .unsupported(UnsupportedValue::SparseList(holes.unwrap_or(u64::MAX)), path);
                return Ok(end);
            }
            _ => return self.fail(at, "expected a value", path),
        };
        self.visitor.unsupported(what, path);
        Ok(at + 2)
    }

    #[inline(always)]
    fn scan_string_value(&mut self, at: usize, path: &Path<'_>) -> ParseResult {
        let string = self.scan_string(at, path)?;
        let text = string.text(&self.scratch);
        self.visitor.string(text, string.size, path);
        if string.has_lone_surrogate {
            self.visitor.lone_surrogate(path);
        }
        Ok(string.end)
    }

    fn scan_array(&mut self, at: usize, path: &Path<'_>) -> ParseResult {
        if !self.visitor.begin_array(path) {
            return self.skip_value(at, path);
        }
        let mut at = self.skip_space(at + 1);
        if self.byte(at) == b']' {
            self.visitor.end_array();
            return Ok(at + 1);
        }
        let mut index = 0;
        loop {
            self.visitor.item();
            at = self.scan_value(at, &path.index(index))?;
            at = self.skip_space(at);
            match self.byte(at) {
                b',' => at = self.skip_space(at + 1),
                b']' => {
                    self.visitor.end_array();
                    return Ok(at + 1);
                }
                _ => return self.fail(at, "expected `,` or `]`", path),
            }
            index += 1;
        }
    }

    fn scan_object(&mut self, at: usize, path: &Path<'_>) -> ParseResult {
        if !self.visitor.begin_object(path) {
            return self.skip_value(at, path);
        }
        let mut at = self.skip_space(at + 1);
        if self.byte(at) == b'}' {
            self.visitor.end_object();
            return Ok(at + 1);
        }
        let mut object = self.keys.begin();
        loop {
            at = match self.byte(at) {
                b'"' => self.scan_member(at, path, &mut object)?,
                0x01 if SENTINELS && self.accepts_sentinels && self.byte(at + 1) == b'K' => {
                    self.visitor.non_string_key(path);
                    let at = self.expect_colon(at + 2, path)?;
                    self.skip_value(at, path)?
                }
                _ => return self.fail(at, "expected a key in quotes", path),
            };
            at = self.skip_space(at);
            match self.byte(at) {
                b',' => at = self.skip_space(at + 1),
                b'}' => {
                    let visitor = &mut *self.visitor;
                    self.keys.end(&object, |key| visitor.duplicate_key(&path.key(key)));
                    visitor.end_object();
                    return Ok(at + 1);
                }
                _ => return self.fail(at, "expected `,` or `}`", path),
            }
        }
    }

    #[inline(always)]
    fn scan_member(
        &mut self,
        at: usize,
        path: &Path<'_>,
        object: &mut super::keys::ObjectKeys,
    ) -> ParseResult {
        let string = self.scan_string(at, path)?;
        let key: Cow<'t, str> = match string.borrowed {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(self.scratch.clone()),
        };
        let member = path.key(&key);
        let at = self.expect_colon(string.end, &member)?;
        if !self.visitor.key(&key, string.size, &member) {
            return self.skip_value(at, &member);
        }
        if string.has_lone_surrogate {
            self.visitor.lone_surrogate(&member);
        }
        let at = self.scan_value(at, &member)?;
        self.visitor.end_member(&member);
        self.keys.push(object, key);
        Ok(at)
    }

    #[inline(always)]
    fn expect_colon(&self, at: usize, path: &Path<'_>) -> ParseResult {
        let at = self.skip_space(at);
        if self.byte(at) != b':' {
            return self.fail(at, "expected `:`", path);
        }
        Ok(self.skip_space(at + 1))
    }
}

/// A scanned string: its end and its text.
pub(super) struct ScannedString<'t> {
    /// The offset after the closing quote.
    end: usize,
    /// The text as a part of the input; `None` for a string with escapes, whose text is in the scratch buffer.
    borrowed: Option<&'t str>,
    size: TextSize,
    has_lone_surrogate: bool,
}

impl<'t> ScannedString<'t> {
    #[inline(always)]
    fn text<'a>(&self, scratch: &'a str) -> &'a str
    where
        't: 'a,
    {
        self.borrowed.unwrap_or(scratch)
    }
}
