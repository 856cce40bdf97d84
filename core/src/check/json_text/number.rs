//! Scans numbers.

use super::{ParseResult, Scanner};
use crate::check::visitor::{NumberKind, ValueVisitor};
use crate::path::Path;

impl<S: ValueVisitor + ?Sized, const SENTINELS: bool> Scanner<'_, '_, S, SENTINELS> {
    /// Scans the number at `start` and visits it.
    #[inline(always)]
    pub(super) fn scan_number(&mut self, start: usize, path: &Path<'_>) -> ParseResult {
        let (end, kind) = self.find_number_end(start, path)?;
        self.visitor.number(self.text.get(start..end).unwrap_or_default(), kind, path);
        Ok(end)
    }

    /// Returns the offset after the number at `start`, and its kind, by the grammar of RFC 8259.
    #[inline(always)]
    pub(super) fn find_number_end(
        &self,
        start: usize,
        path: &Path<'_>,
    ) -> Result<(usize, NumberKind), Box<super::SyntaxError>> {
        let mut kind = NumberKind::Integer;
        let mut at = start + usize::from(self.byte(start) == b'-');
        match self.byte(at) {
            b'0' => {
                at += 1;
                if self.byte(at).is_ascii_digit() {
                    return self.fail(at, "a number must not have a leading zero", path);
                }
            }
            b'1'..=b'9' => at = self.skip_digits(at),
            _ => return self.fail(at, "expected a digit", path),
        }
        if self.byte(at) == b'.' {
            kind = NumberKind::Float;
            at = self.skip_required_digits(at + 1, path)?;
        }
        if matches!(self.byte(at), b'e' | b'E') {
            kind = NumberKind::Float;
            at += 1;
            at += usize::from(matches!(self.byte(at), b'+' | b'-'));
            at = self.skip_required_digits(at, path)?;
        }
        Ok((at, kind))
    }

    #[inline(always)]
    pub(super) fn skip_digits(&self, mut at: usize) -> usize {
        while self.byte(at).is_ascii_digit() {
            at += 1;
        }
        at
    }

    /// Skips digits; at least one is required.
    #[inline(always)]
    fn skip_required_digits(&self, at: usize, path: &Path<'_>) -> ParseResult {
        if !self.byte(at).is_ascii_digit() {
            return self.fail(at, "expected a digit", path);
        }
        Ok(self.skip_digits(at))
    }
}
