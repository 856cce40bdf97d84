//! The driver for JSON text: one pass over the bytes, no tree, strings without escapes never copied.
//!
//! It accepts what RFC 8259 accepts and nothing else, and is held to that by a differential test
//! against `serde_json`. Nesting beyond what the sink takes is passed over without recursion.

mod number;
mod pass_over;
mod string;

use std::borrow::Cow;

use super::Checker;
use super::keys::Keys;
use super::measure::TextSize;
use super::output::JsonWriter;
use super::sink::{UnsupportedValue, ValueVisitor};
use crate::issue::{Code, Issue};
use crate::path::Path;

/// Walks `text`, which should be one JSON value, and tells the checker of it. Text that is not
/// JSON is one `invalid_json` issue at the place where it broke off, after those found before it.
pub(crate) fn visit<O: JsonWriter>(text: &[u8], checker: &mut Checker<'_, O>) {
    visit_as::<O, false>(text, checker);
}

/// The same for text from a host language whose values JSON cannot all say. There a control byte
/// U+0001 and a letter stand for what has no JSON form; as JSON text never holds a bare U+0001,
/// the two cannot be mixed up.
///
/// As a value: `N` NaN or infinite, `U` no JSON form, `C` a circle, `D` too deep. As a key: `K` a
/// key that is not a string; its value follows and is passed over.
pub(crate) fn visit_with_sentinels<O: JsonWriter>(text: &[u8], checker: &mut Checker<'_, O>) {
    visit_as::<O, true>(text, checker);
}

/// [`visit_with_sentinels`] for a value that stands at a place in a whole.
pub(crate) fn visit_with_sentinels_at<O: JsonWriter>(
    text: &[u8],
    checker: &mut Checker<'_, O>,
    at: &Path<'_>,
) {
    visit_at::<O, true>(text, checker, at);
}

fn visit_as<O: JsonWriter, const MARKED: bool>(text: &[u8], checker: &mut Checker<'_, O>) {
    visit_at::<O, MARKED>(text, checker, &Path::ROOT);
}

fn visit_at<O: JsonWriter, const MARKED: bool>(
    text: &[u8],
    checker: &mut Checker<'_, O>,
    place: &Path<'_>,
) {
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            checker.broke_off(broken(text, at, "the text is not UTF-8", place));
            return;
        }
    };
    let mut scanner = scanner::<_, MARKED>(text, checker);
    if let Err(Broken { at, why, path }) = scanner.whole(place) {
        let mut issue = broken(text.as_bytes(), at, why, &Path::ROOT);
        issue.path = path;
        checker.broke_off(issue);
    }
}

/// [`visit_with_sentinels_at`] for a value that begins at a byte of a larger text. Answers where it ends.
pub(crate) fn visit_with_sentinels_within<O: JsonWriter>(
    text: &str,
    from: usize,
    checker: &mut Checker<'_, O>,
    at: &Path<'_>,
) -> usize {
    let mut scanner = scanner::<_, true>(text, checker);
    match scanner.value(from, at) {
        Ok(end) => end,
        Err(broken) => {
            let Broken { at, why, path } = *broken;
            let mut issue = self::broken(text.as_bytes(), at, why, &Path::ROOT);
            issue.path = path;
            checker.broke_off(issue);
            text.len()
        }
    }
}

/// Walks one JSON value that is part of another and tells any sink of it. `false`: it is no JSON.
pub(crate) fn visit_part<S: ValueVisitor>(text: &str, sink: &mut S, at: &Path<'_>) -> bool {
    let mut scanner = scanner::<_, false>(text, sink);
    let Ok(end) = scanner.value(scanner.skip_space(0), at) else { return false };
    scanner.skip_space(end) == text.len()
}

/// The scanner for a sink, made for just this one.
#[cfg(not(feature = "small"))]
#[inline(always)]
fn scanner<'t, 's, S: ValueVisitor, const MARKED: bool>(
    text: &'t str,
    sink: &'s mut S,
) -> Scanner<'t, 's, S, MARKED> {
    Scanner::new(text, sink, MARKED)
}

/// One scanner for all sinks, which asks for marks when it runs: a fifth of the code.
#[cfg(feature = "small")]
fn scanner<'t, 's, S: ValueVisitor, const MARKED: bool>(
    text: &'t str,
    sink: &'s mut S,
) -> Scanner<'t, 's, dyn ValueVisitor + 's, true> {
    Scanner::new(text, sink, MARKED)
}

#[cold]
fn broken(text: &[u8], at: usize, why: &'static str, path: &Path<'_>) -> Issue {
    let before = text.get(..at).unwrap_or(text);
    let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |nl| nl + 1);
    let column = 1 + before
        .get(line_start..)
        .unwrap_or_default()
        .iter()
        .filter(|&&byte| byte & 0xc0 != 0x80)
        .count();
    Issue::error(
        Code::InvalidJson,
        path.to_pointer(),
        format!("not JSON: line {line}, column {column}: {why}"),
    )
}

/// Where and why text is not JSON.
pub(super) struct Broken {
    at: usize,
    why: &'static str,
    path: String,
}

/// The next position, or the end of the matter. Boxed, so that it stays two registers wide.
type Step = Result<usize, Box<Broken>>;

pub(super) struct Scanner<'t, 's, S: ?Sized, const MARKED: bool> {
    text: &'t str,
    /// Whether marks are taken, where they can be.
    marked: bool,
    sink: &'s mut S,
    keys: Keys<Cow<'t, str>>,
    scratch: String,
}

impl<'t, 's, S: ValueVisitor + ?Sized, const MARKED: bool> Scanner<'t, 's, S, MARKED> {
    fn new(text: &'t str, sink: &'s mut S, marked: bool) -> Self {
        Self { text, marked, sink, keys: Keys::new(), scratch: String::new() }
    }

    fn whole(&mut self, place: &Path<'_>) -> Result<(), Broken> {
        if self.text.starts_with('\u{feff}') {
            return self.broken(0, "a byte order mark, which JSON does not take", place);
        }
        let start = self.skip_space(0);
        let end = self.value(start, place).map_err(|broken| *broken)?;
        let end = self.skip_space(end);
        if end < self.text.len() {
            return self.broken(end, "text after the end of the value", place);
        }
        Ok(())
    }

    #[inline(always)]
    fn byte(&self, at: usize) -> u8 {
        // 0 is no byte of JSON, so the end of the text needs no check of its own.
        match self.text.as_bytes().get(at) {
            Some(&byte) => byte,
            None => 0,
        }
    }

    #[cold]
    fn broken<T>(&self, at: usize, why: &'static str, path: &Path<'_>) -> Result<T, Broken> {
        let why = if at >= self.text.len() { "the text ends too early" } else { why };
        Err(Broken { at, why, path: path.to_pointer() })
    }

    #[cold]
    fn stop<T>(&self, at: usize, why: &'static str, path: &Path<'_>) -> Result<T, Box<Broken>> {
        self.broken(at, why, path).map_err(Box::new)
    }

    #[inline(always)]
    fn skip_space(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), b' ' | b'\n' | b'\r' | b'\t') {
            at += 1;
        }
        at
    }

    fn value(&mut self, at: usize, path: &Path<'_>) -> Step {
        match self.byte(at) {
            b'"' => self.string_value(at, path),
            b'{' => self.object(at, path),
            b'[' => self.array(at, path),
            b'-' | b'0'..=b'9' => self.number(at, path),
            b't' => {
                let end = self.word(at, "true", path)?;
                self.sink.boolean(true, path);
                Ok(end)
            }
            b'f' => {
                let end = self.word(at, "false", path)?;
                self.sink.boolean(false, path);
                Ok(end)
            }
            b'n' => {
                let end = self.word(at, "null", path)?;
                self.sink.null(path);
                Ok(end)
            }
            0x01 if MARKED && self.marked => self.marked(at, path),
            _ => self.stop(at, "expected a value", path),
        }
    }

    #[inline(always)]
    fn word(&self, at: usize, word: &'static str, path: &Path<'_>) -> Step {
        let end = at + word.len();
        if self.text.as_bytes().get(at..end) == Some(word.as_bytes()) {
            Ok(end)
        } else {
            self.stop(at, "expected a value", path)
        }
    }

    #[cold]
    fn marked(&mut self, at: usize, path: &Path<'_>) -> Step {
        let what = match self.byte(at + 1) {
            b'N' => UnsupportedValue::NonFinite,
            b'U' => UnsupportedValue::Unserializable,
            b'C' => UnsupportedValue::Circular,
            b'D' => UnsupportedValue::TooDeep,
            _ => return self.stop(at, "expected a value", path),
        };
        self.sink.unsupported(what, path);
        Ok(at + 2)
    }

    #[inline(always)]
    fn string_value(&mut self, at: usize, path: &Path<'_>) -> Step {
        let string = self.string(at, path)?;
        let text = string.text(&self.scratch);
        self.sink.string(text, string.measure, path);
        if string.lone_surrogate {
            self.sink.lone_surrogate(path);
        }
        Ok(string.end)
    }

    fn array(&mut self, at: usize, path: &Path<'_>) -> Step {
        if !self.sink.begin_array(path) {
            return self.pass_over(at, path);
        }
        let mut at = self.skip_space(at + 1);
        if self.byte(at) == b']' {
            self.sink.end_array();
            return Ok(at + 1);
        }
        let mut index = 0;
        loop {
            self.sink.item();
            at = self.value(at, &path.index(index))?;
            at = self.skip_space(at);
            match self.byte(at) {
                b',' => at = self.skip_space(at + 1),
                b']' => {
                    self.sink.end_array();
                    return Ok(at + 1);
                }
                _ => return self.stop(at, "expected `,` or `]`", path),
            }
            index += 1;
        }
    }

    fn object(&mut self, at: usize, path: &Path<'_>) -> Step {
        if !self.sink.begin_object(path) {
            return self.pass_over(at, path);
        }
        let mut at = self.skip_space(at + 1);
        if self.byte(at) == b'}' {
            self.sink.end_object();
            return Ok(at + 1);
        }
        let mut run = self.keys.begin();
        loop {
            at = match self.byte(at) {
                b'"' => self.member(at, path, &mut run)?,
                0x01 if MARKED && self.marked && self.byte(at + 1) == b'K' => {
                    self.sink.non_string_key(path);
                    let at = self.colon(at + 2, path)?;
                    self.pass_over(at, path)?
                }
                _ => return self.stop(at, "expected a key in quotes", path),
            };
            at = self.skip_space(at);
            match self.byte(at) {
                b',' => at = self.skip_space(at + 1),
                b'}' => {
                    let sink = &mut *self.sink;
                    self.keys.end(&run, |key| sink.duplicate_key(&path.key(key)));
                    sink.end_object();
                    return Ok(at + 1);
                }
                _ => return self.stop(at, "expected `,` or `}`", path),
            }
        }
    }

    #[inline(always)]
    fn member(&mut self, at: usize, path: &Path<'_>, run: &mut super::keys::Run) -> Step {
        let string = self.string(at, path)?;
        let key: Cow<'t, str> = match string.plain {
            Some(plain) => Cow::Borrowed(plain),
            None => Cow::Owned(self.scratch.clone()),
        };
        let member = path.key(&key);
        let at = self.colon(string.end, &member)?;
        if !self.sink.key(&key, string.measure, &member) {
            return self.pass_over(at, &member);
        }
        if string.lone_surrogate {
            self.sink.lone_surrogate(&member);
        }
        let at = self.value(at, &member)?;
        self.sink.end_member(&member);
        self.keys.push(run, key);
        Ok(at)
    }

    #[inline(always)]
    fn colon(&self, at: usize, path: &Path<'_>) -> Step {
        let at = self.skip_space(at);
        if self.byte(at) != b':' {
            return self.stop(at, "expected `:`", path);
        }
        Ok(self.skip_space(at + 1))
    }
}

/// A string that was read: where it ends, and its text, which is a part of the input when it has
/// no escapes and in the scanner's scratch buffer when it has.
pub(super) struct Scanned<'t> {
    end: usize,
    plain: Option<&'t str>,
    measure: TextSize,
    lone_surrogate: bool,
}

impl<'t> Scanned<'t> {
    #[inline(always)]
    fn text<'a>(&self, scratch: &'a str) -> &'a str
    where
        't: 'a,
    {
        self.plain.unwrap_or(scratch)
    }
}
