//! Reads the text of a journal in pieces of any size. Its memory does not grow with the length of a line.

use std::fmt;

use serde::Serialize;

use super::{ItemKey, MAX_LINE_BYTES};

/// What a journal contains. [`FileJournal::check`](super::FileJournal::check) returns one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JournalReport {
    /// The number of lines after the first one, which names the format.
    pub lines: u64,
    /// The number of confirmed items. Several lines may confirm one item.
    pub confirmed: u64,
    /// The number of lines that are not items. A run ignores them.
    pub damaged: u64,
    /// Whether the last line has no line break, because its write was interrupted. It is not counted in
    /// the other fields.
    pub partial: bool,
}

impl JournalReport {
    /// Returns whether the journal has neither damaged lines nor a partial last line.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.damaged == 0 && !self.partial
    }
}

/// Reads the text of a journal.
#[derive(Default)]
pub struct JournalScanner {
    report: JournalReport,
    /// The bytes of the current line, at most one more than the longest line has.
    line: Vec<u8>,
    /// The length of the current line so far.
    line_bytes: u64,
    /// Whether the first line, which names the format, has ended.
    is_past_header: bool,
}

/// The end of a journal's text.
#[derive(Clone, Copy, Debug)]
pub struct JournalEnd {
    /// The lines. `confirmed` counts each line, also if an item has several.
    pub report: JournalReport,
    /// The length of the partial last line in bytes, which can be removed; 0 if there is none.
    pub partial_bytes: u64,
}

/// Shows no content.
impl fmt::Debug for JournalScanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JournalScanner").field("report", &self.report).finish_non_exhaustive()
    }
}

impl JournalScanner {
    /// Reads the next bytes, and calls `on_item` for the item of each complete line.
    pub fn push(&mut self, bytes: &[u8], mut on_item: impl FnMut(ItemKey)) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let content = part.strip_suffix(b"\n").unwrap_or(part);
            let space = (MAX_LINE_BYTES + 1).saturating_sub(self.line.len());
            self.line.extend(content.iter().take(space));
            self.line_bytes = self.line_bytes.saturating_add(content.len() as u64);
            if content.len() < part.len() {
                self.end_line(&mut on_item);
            }
        }
    }

    fn end_line(&mut self, on_item: impl FnOnce(ItemKey)) {
        if self.is_past_header {
            self.report.lines += 1;
            match std::str::from_utf8(&self.line).ok().and_then(ItemKey::of_line) {
                Some(key) => {
                    self.report.confirmed += 1;
                    on_item(key);
                }
                None => self.report.damaged += 1,
            }
        }
        self.is_past_header = true;
        self.line.clear();
        self.line_bytes = 0;
    }

    /// Ends the text. A last line without a line break that is too long for an item counts as damaged, so
    /// that it is not removed.
    #[must_use]
    pub fn finish(mut self) -> JournalEnd {
        if self.line_bytes > MAX_LINE_BYTES as u64 {
            self.end_line(|_| {});
        }
        self.report.partial = self.line_bytes > 0;
        JournalEnd { report: self.report, partial_bytes: self.line_bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::{ItemKey, JournalReport, JournalScanner};

    /// Scans a text in pieces of `size` bytes. Returns the items, the report and the partial bytes.
    fn scan(text: &[u8], size: usize) -> (Vec<u64>, JournalReport, u64) {
        let (mut scanner, mut items) = (JournalScanner::default(), Vec::new());
        for piece in text.chunks(size) {
            scanner.push(piece, |key| items.push(key.index));
        }
        let end = scanner.finish();
        (items, end.report, end.partial_bytes)
    }

    #[test]
    fn pieces_of_any_size_have_the_same_items_and_counts() {
        let line = |index| ItemKey { index, digest: [0xab; 16] }.to_line();
        let huge = "9".repeat(100_000);
        let text = format!("header\n{}\n{huge}\n\n+{}\n{}\n{}", line(0), line(1), line(2), "3 ab");
        for size in [1, 7, 64, text.len()] {
            let (items, report, partial) = scan(text.as_bytes(), size);
            assert_eq!((items, partial), (vec![0, 2], 4));
            let expected = JournalReport { lines: 5, confirmed: 2, damaged: 3, partial: true };
            assert_eq!(report, expected);
        }
        let text = format!("header\n{huge}");
        let (_, report, partial) = scan(text.as_bytes(), 4_096);
        assert_eq!((report.damaged, report.partial, partial), (1, false, 0));
    }

    #[test]
    fn only_lines_that_are_written_are_items() {
        let digest = "0123456789abcdef".repeat(2);
        let key = |line: String| ItemKey::of_line(&line);
        for index in ["0", "1", "18446744073709551615"] {
            let line = format!("{index} {digest}");
            assert_eq!(key(line.clone()).map(|key| key.to_line()), Some(line));
        }
        for index in ["", "+1", "-1", "01", "00", " 1", "18446744073709551616", "1e3", "١"] {
            assert_eq!(key(format!("{index} {digest}")), None, "{index:?}");
        }
        for digest in ["", "+123456789abcdef0123456789abcdef0", &digest.to_uppercase()] {
            assert_eq!(key(format!("1 {digest}")), None, "{digest:?}");
        }
        assert_eq!(key(format!("1 {digest}\r")), None);
        assert_eq!(key(format!("1 {digest} ")), None);
    }
}
