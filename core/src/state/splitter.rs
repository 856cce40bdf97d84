//! Splits a state update that is too large into parts that fit.

use std::ops::Range;

use super::writer::StateWriter;
use crate::check::{ByteCounter, Checker, Path, TextSize, VariableSize};
use crate::display_text::grouped;
use crate::issue::{Code, Issue};
use crate::policy::Policy;
use crate::report::ValidationError;

/// The bytes of the braces around a body.
const OUTER_BRACES: u64 = 2;

/// One part of a split update: which of the update's variables it contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatePart {
    /// The variables of the session in this part: their indexes among the session's variables of the update.
    pub session: Range<usize>,
    /// The variables of the user in this part: their indexes among the user's variables of the update.
    pub user: Range<usize>,
    /// Whether the part contains the transition. Only the last part does.
    pub has_transition: bool,
}

/// Measures the variables of an update, with values of any language, and splits the update.
#[derive(Debug)]
pub struct StateSplitter<'c> {
    writer: StateWriter<'c, ByteCounter>,
    session_count: usize,
}

impl<'c> StateSplitter<'c> {
    /// Creates a splitter for `policy`.
    #[must_use]
    pub fn new(policy: &'c Policy) -> Self {
        let mut writer = StateWriter::new(policy, ByteCounter::default());
        writer.checker.record_variables();
        Self { writer, session_count: 0 }
    }

    /// Measures the variables of the session. The arguments are those of [`StateWriter::session`].
    pub fn session(
        &mut self,
        is_empty: bool,
        visit: impl FnOnce(&mut Checker<'c, ByteCounter>, &Path<'_>),
    ) {
        self.writer.session(is_empty, visit);
        self.session_count = self.writer.checker.variable_count() as usize;
    }

    /// Measures the variables of the user, after those of the session. The arguments are those of
    /// [`StateWriter::user`].
    pub fn user(
        &mut self,
        is_empty: bool,
        visit: impl FnOnce(&mut Checker<'c, ByteCounter>, &Path<'_>),
    ) {
        self.writer.user(is_empty, visit);
    }

    /// Returns the parts. `next_step` is the step of the transition; `None` for no transition.
    ///
    /// # Errors
    /// [`ValidationError`] when the update has an error other than its size, or a single variable is
    /// too large for a part.
    pub fn split(mut self, next_step: Option<&str>) -> Result<Vec<StatePart>, ValidationError> {
        let policy = self.writer.checker.policy();
        self.writer.write_transition_and_end(next_step);
        let body_bytes = self.writer.checker.written_bytes();
        let (mut report, _, sizes) = self.writer.checker.finish();
        report.issues.retain(|issue| issue.code != Code::PayloadTooLarge);
        let transition = next_step.map_or(0, transition_bytes);
        let limit = policy.max_payload_bytes.unwrap_or(u64::MAX);
        if body_bytes <= limit {
            report.raise_if_failed()?;
            return Ok(vec![
                StatePart {
                    session: 0..self.session_count,
                    user: self.session_count..sizes.len(),
                    has_transition: next_step.is_some(),
                }
                .rebase(self.session_count),
            ]);
        }
        let mut packer = BinPacker {
            limit,
            session_count: self.session_count,
            parts: Vec::new(),
            open_part: None,
        };
        for (index, size) in sizes.iter().enumerate() {
            if let Some(issue) = packer.add(index, size) {
                report.issues.push(issue);
            }
        }
        if transition + OUTER_BRACES > limit {
            let actual = transition + OUTER_BRACES;
            report.issues.push(too_large_alone("/transition".to_owned(), limit, actual));
        }
        report.raise_if_failed()?;
        Ok(packer.finish(next_step.is_some().then_some(transition)))
    }
}

impl StatePart {
    /// Counts the user's variables from 0 instead of from the end of the session's variables.
    fn rebase(mut self, session_count: usize) -> Self {
        let Range { start, end } = self.user;
        self.user = start.saturating_sub(session_count)..end.saturating_sub(session_count);
        self
    }
}

/// Fills one part after another, in the order of the variables. The session's variables have the
/// indexes below `session_count`, the user's follow.
struct BinPacker {
    /// Maximum bytes of the body of a part.
    limit: u64,
    session_count: usize,
    parts: Vec<StatePart>,
    open_part: Option<OpenPart>,
}

/// The part that is being filled: the range of its variables, and its bytes without the outer braces.
#[derive(Clone, Copy)]
struct OpenPart {
    first: usize,
    end: usize,
    bytes: u64,
}

impl BinPacker {
    /// Adds a variable to the open part, or starts the next part with it. Returns an issue when the
    /// variable is too large for any part.
    fn add(&mut self, index: usize, size: &VariableSize) -> Option<Issue> {
        // The name has two quotes and a colon.
        let member_bytes = TextSize::of(&size.name).json as u64 + 3 + size.json_bytes;
        let map_and_member_bytes = self.map_bytes(index) + member_bytes;
        if map_and_member_bytes + OUTER_BRACES > self.limit {
            let actual = map_and_member_bytes + OUTER_BRACES;
            return Some(self.too_large_for_any_part(index, &size.name, actual));
        }
        self.open_part = Some(match self.open_part.take() {
            Some(open_part) => {
                // A variable adds a comma; the first one of a map also adds the map's own text.
                let is_same_map =
                    (index < self.session_count) == (open_part.end <= self.session_count);
                let added = if is_same_map { member_bytes } else { map_and_member_bytes };
                let bytes = open_part.bytes + 1 + added;
                if bytes + OUTER_BRACES <= self.limit {
                    OpenPart { first: open_part.first, end: index + 1, bytes }
                } else {
                    self.close(open_part);
                    OpenPart { first: index, end: index + 1, bytes: map_and_member_bytes }
                }
            }
            None => OpenPart { first: index, end: index + 1, bytes: map_and_member_bytes },
        });
        None
    }

    /// Returns the bytes of the empty map of the variable at `index`: `"session":{}` or `"user":{}`.
    fn map_bytes(&self, index: usize) -> u64 {
        (if index < self.session_count { "\"session\":{}".len() } else { "\"user\":{}".len() })
            as u64
    }

    /// Adds the finished part to the list of parts.
    fn close(&mut self, open_part: OpenPart) {
        let session =
            open_part.first.min(self.session_count)..open_part.end.min(self.session_count);
        let user = open_part.first.max(self.session_count)..open_part.end.max(self.session_count);
        self.parts
            .push(StatePart { session, user, has_transition: false }.rebase(self.session_count));
    }

    /// Returns all parts. `transition` is the number of bytes of the transition, which is added to the last part if it
    /// fits, or else to a new part.
    fn finish(mut self, transition: Option<u64>) -> Vec<StatePart> {
        let last_bytes = self.open_part.map(|open_part| open_part.bytes);
        if let Some(open_part) = self.open_part.take() {
            self.close(open_part);
        }
        if let Some(transition) = transition {
            // The transition adds a comma.
            let is_fitting =
                last_bytes.is_some_and(|bytes| bytes + 1 + transition + OUTER_BRACES <= self.limit);
            match self.parts.last_mut() {
                Some(last) if is_fitting => last.has_transition = true,
                _ => self.parts.push(StatePart { session: 0..0, user: 0..0, has_transition: true }),
            }
        }
        self.parts
    }

    #[cold]
    fn too_large_for_any_part(&self, index: usize, name: &str, actual: u64) -> Issue {
        let part = Path::ROOT.key(if index < self.session_count { "session" } else { "user" });
        too_large_alone(part.key(name).to_pointer(), self.limit, actual)
    }
}

#[cold]
fn too_large_alone(path: String, limit: u64, actual: u64) -> Issue {
    let (figure, maximum) = (grouped(actual), grouped(limit));
    let message =
        format!("an update with this value alone is {figure} bytes, the limit is {maximum}");
    Issue::error(Code::PayloadTooLarge, path, message)
        .with_figures(limit, actual)
        .with_hint("Shorten the value, or split it into several variables.")
}

/// Returns the bytes of `"transition":{"nextStep":"…"}`.
fn transition_bytes(next_step: &str) -> u64 {
    ("\"transition\":{\"nextStep\":\"\"}".len() + TextSize::of(next_step).json) as u64
}
