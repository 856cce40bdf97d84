//! Skips a value that the visitor rejects: checks its grammar without visiting its content.
//!
//! The code does not recurse, because the usual reason for a rejection is that the value is nested too deep. A level
//! of nesting takes one bit of memory.

use super::{ParseResult, Scanner};
use crate::check::visitor::ValueVisitor;
use crate::path::Path;

/// The types of the open containers, innermost last, one bit each: 1 for an object, 0 for an array.
#[derive(Default)]
struct ContainerStack {
    words: Vec<u64>,
    depth: usize,
}

impl ContainerStack {
    fn push(&mut self, is_object: bool) {
        let bit = self.depth % 64;
        if bit == 0 {
            self.words.push(0);
        }
        if let Some(word) = self.words.last_mut() {
            *word = (*word & !(1 << bit)) | (u64::from(is_object) << bit);
        }
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.depth.is_multiple_of(64) {
            self.words.pop();
        }
    }

    fn is_in_object(&self) -> bool {
        let bit = self.depth.wrapping_sub(1) % 64;
        self.words.last().is_some_and(|word| word >> bit & 1 == 1)
    }
}

impl<S: ValueVisitor + ?Sized, const SENTINELS: bool> Scanner<'_, '_, S, SENTINELS> {
    /// Returns the offset after the value at `at`. The path of every syntax error is that of the skipped value.
    #[cold]
    pub(super) fn skip_value(&mut self, mut at: usize, path: &Path<'_>) -> ParseResult {
        let mut stack = ContainerStack::default();
        loop {
            // A value begins here.
            match self.byte(at) {
                b'{' => {
                    at = self.skip_space(at + 1);
                    if self.byte(at) != b'}' {
                        stack.push(true);
                        at = self.skip_key(at, path)?;
                        continue;
                    }
                    at += 1;
                }
                b'[' => {
                    at = self.skip_space(at + 1);
                    if self.byte(at) != b']' {
                        stack.push(false);
                        continue;
                    }
                    at += 1;
                }
                b'"' => at = self.scan_string(at, path)?.end,
                b'-' | b'0'..=b'9' => at = self.find_number_end(at, path)?.0,
                b't' => at = self.expect_literal(at, "true", path)?,
                b'f' => at = self.expect_literal(at, "false", path)?,
                b'n' => at = self.expect_literal(at, "null", path)?,
                0x01 if SENTINELS
                    && self.accepts_sentinels
                    && matches!(self.byte(at + 1), b'N' | b'U' | b'C' | b'D' | b'H' | b'P') =>
                {
                    at = self.skip_digits(at + 2);
                }
                _ => return self.fail(at, "expected a value", path),
            }
            // A value has ended here.
            loop {
                if stack.depth == 0 {
                    return Ok(at);
                }
                at = self.skip_space(at);
                match (self.byte(at), stack.is_in_object()) {
                    (b',', true) => {
                        let key = self.skip_space(at + 1);
                        at = self.skip_key(key, path)?;
                        break;
                    }
                    (b',', false) => {
                        at = self.skip_space(at + 1);
                        break;
                    }
                    (b'}', true) | (b']', false) => {
                        stack.pop();
                        at += 1;
                    }
                    (_, true) => return self.fail(at, "expected `,` or `}`", path),
                    (_, false) => return self.fail(at, "expected `,` or `]`", path),
                }
            }
        }
    }

    fn skip_key(&mut self, at: usize, path: &Path<'_>) -> ParseResult {
        let end = match self.byte(at) {
            b'"' => self.scan_string(at, path)?.end,
            0x01 if SENTINELS && self.accepts_sentinels && self.byte(at + 1) == b'K' => at + 2,
            _ => return self.fail(at, "expected a key in quotes", path),
        };
        self.expect_colon(end, path)
    }
}
