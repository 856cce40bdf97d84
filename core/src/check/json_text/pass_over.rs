//! Passing over a value that the sink does not want: its grammar is held, its content is not told.
//!
//! Without recursion, because the usual reason is that the value is nested too deep. One bit a
//! level of nesting, so that even a text of nothing but brackets takes an eighth of its size.

use super::{Scanner, Step};
use crate::check::sink::ValueVisitor;
use crate::path::Path;

/// The kinds of the containers that are open, innermost last: true for an object.
#[derive(Default)]
struct Open {
    words: Vec<u64>,
    depth: usize,
}

impl Open {
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

impl<S: ValueVisitor + ?Sized, const MARKED: bool> Scanner<'_, '_, S, MARKED> {
    /// The position after the value at `at`. Every complaint is about `path`, the value's place.
    #[cold]
    pub(super) fn pass_over(&mut self, mut at: usize, path: &Path<'_>) -> Step {
        let mut open = Open::default();
        loop {
            // A value begins here.
            match self.byte(at) {
                b'{' => {
                    at = self.skip_space(at + 1);
                    if self.byte(at) != b'}' {
                        open.push(true);
                        at = self.passed_key(at, path)?;
                        continue;
                    }
                    at += 1;
                }
                b'[' => {
                    at = self.skip_space(at + 1);
                    if self.byte(at) != b']' {
                        open.push(false);
                        continue;
                    }
                    at += 1;
                }
                b'"' => at = self.string(at, path)?.end,
                b'-' | b'0'..=b'9' => at = self.number_end(at, path)?.0,
                b't' => at = self.word(at, "true", path)?,
                b'f' => at = self.word(at, "false", path)?,
                b'n' => at = self.word(at, "null", path)?,
                0x01 if MARKED
                    && self.marked
                    && matches!(self.byte(at + 1), b'N' | b'U' | b'C' | b'D') =>
                {
                    at += 2
                }
                _ => return self.stop(at, "expected a value", path),
            }
            // A value has ended here.
            loop {
                if open.depth == 0 {
                    return Ok(at);
                }
                at = self.skip_space(at);
                match (self.byte(at), open.is_in_object()) {
                    (b',', true) => {
                        let key = self.skip_space(at + 1);
                        at = self.passed_key(key, path)?;
                        break;
                    }
                    (b',', false) => {
                        at = self.skip_space(at + 1);
                        break;
                    }
                    (b'}', true) | (b']', false) => {
                        open.pop();
                        at += 1;
                    }
                    (_, true) => return self.stop(at, "expected `,` or `}`", path),
                    (_, false) => return self.stop(at, "expected `,` or `]`", path),
                }
            }
        }
    }

    fn passed_key(&mut self, at: usize, path: &Path<'_>) -> Step {
        let end = match self.byte(at) {
            b'"' => self.string(at, path)?.end,
            0x01 if MARKED && self.marked && self.byte(at + 1) == b'K' => at + 2,
            _ => return self.stop(at, "expected a key in quotes", path),
        };
        self.colon(end, path)
    }
}
