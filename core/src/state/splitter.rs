//! How an update that is too large is split into parts that fit.

use std::ops::Range;

use super::writer::StateWriter;
use crate::check::{ByteCounter, Checker, Path, TextSize, VariableSize};
use crate::display_text::grouped;
use crate::issue::{Code, Issue};
use crate::policy::Policy;
use crate::report::ValidationError;

/// One part of a split update: which of its variables, by place, and whether the transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatePart {
    /// The variables of the session.
    pub session: Range<usize>,
    /// The variables of the user.
    pub user: Range<usize>,
    /// Whether the transition is in this part: it is in the last.
    pub has_transition: bool,
}

/// Finds out how an update is to be split, for variables of any kind.
#[derive(Debug)]
pub struct StateSplitter<'c> {
    writer: StateWriter<'c, ByteCounter>,
    session: usize,
}

impl<'c> StateSplitter<'c> {
    /// A sizer under this policy.
    #[must_use]
    pub fn new(policy: &'c Policy) -> Self {
        let mut writer = StateWriter::new(policy, ByteCounter::default());
        writer.checker.record_variables();
        Self { writer, session: 0 }
    }

    /// The variables of the session, as for [`StateWriter::session`].
    pub fn session(
        &mut self,
        is_empty: bool,
        visit: impl FnOnce(&mut Checker<'c, ByteCounter>, &Path<'_>),
    ) {
        self.writer.session(is_empty, visit);
        self.session = self.writer.checker.variables() as usize;
    }

    /// The variables of the user.
    pub fn user(
        &mut self,
        is_empty: bool,
        visit: impl FnOnce(&mut Checker<'c, ByteCounter>, &Path<'_>),
    ) {
        self.writer.user(is_empty, visit);
    }

    /// The parts.
    ///
    /// # Errors
    /// [`ValidationError`] when the update has an error other than its size, or a single variable
    /// fits no part.
    pub fn split(mut self, next_step: Option<&str>) -> Result<Vec<StatePart>, ValidationError> {
        let policy = self.writer.checker.policy();
        self.writer.transition(next_step);
        let body_bytes = self.writer.checker.written();
        let (mut report, _, sizes) = self.writer.checker.finish();
        report.issues.retain(|issue| issue.code != Code::PayloadTooLarge);
        let transition = next_step.map_or(0, transition_bytes);
        let limit = policy.max_payload_bytes.unwrap_or(u64::MAX);
        if body_bytes <= limit {
            report.raise_if_failed()?;
            return Ok(vec![
                StatePart {
                    session: 0..self.session,
                    user: self.session..sizes.len(),
                    has_transition: next_step.is_some(),
                }
                .rebase(self.session),
            ]);
        }
        let mut packing =
            BinPacker { limit, session: self.session, parts: Vec::new(), open_part: None };
        for (place, size) in sizes.iter().enumerate() {
            if let Some(issue) = packing.add(place, size) {
                report.issues.push(issue);
            }
        }
        if transition + 2 > limit {
            report.issues.push(too_large_alone("/transition".to_owned(), limit, transition + 2));
        }
        report.raise_if_failed()?;
        Ok(packing.finish(next_step.is_some().then_some(transition)))
    }
}

impl StatePart {
    /// Places of the user's variables are counted from their own first.
    fn rebase(mut self, session: usize) -> Self {
        self.user = self.user.start.saturating_sub(session)..self.user.end.saturating_sub(session);
        self
    }
}

/// Fills part after part, in order.
struct BinPacker {
    limit: u64,
    session: usize,
    parts: Vec<StatePart>,
    open_part: Option<OpenPart>,
}

/// The part that is being filled: the places in it, and its bytes but for the braces.
#[derive(Clone, Copy)]
struct OpenPart {
    first: usize,
    end: usize,
    bytes: u64,
}

impl BinPacker {
    /// Adds a variable to the part that is being filled, or begins the next with it.
    fn add(&mut self, place: usize, size: &VariableSize) -> Option<Issue> {
        let member = TextSize::of(&size.name).json as u64 + 3 + size.json_bytes;
        let alone = self.frame(place) + member;
        if alone + 2 > self.limit {
            return Some(self.too_large_for_any_part(place, &size.name, alone + 2));
        }
        self.open_part = Some(match self.open_part.take() {
            Some(open_part) => {
                // In a map that is open_part it costs a comma, else the frame of the map and a comma.
                let same_map = (place < self.session) == (open_part.end <= self.session);
                let bytes = open_part.bytes + 1 + if same_map { member } else { alone };
                if bytes + 2 <= self.limit {
                    OpenPart { first: open_part.first, end: place + 1, bytes }
                } else {
                    self.close(open_part);
                    OpenPart { first: place, end: place + 1, bytes: alone }
                }
            }
            None => OpenPart { first: place, end: place + 1, bytes: alone },
        });
        None
    }

    /// `"session":{}` or `"user":{}`.
    fn frame(&self, place: usize) -> u64 {
        (if place < self.session { "\"session\":{}".len() } else { "\"user\":{}".len() }) as u64
    }

    fn close(&mut self, open_part: OpenPart) {
        let session = open_part.first.min(self.session)..open_part.end.min(self.session);
        let user = open_part.first.max(self.session)..open_part.end.max(self.session);
        self.parts.push(StatePart { session, user, has_transition: false }.rebase(self.session));
    }

    fn finish(mut self, transition: Option<u64>) -> Vec<StatePart> {
        let last_bytes = self.open_part.map(|open_part| open_part.bytes);
        if let Some(open_part) = self.open_part.take() {
            self.close(open_part);
        }
        if let Some(transition) = transition {
            let fits = last_bytes.is_some_and(|bytes| bytes + 1 + transition + 2 <= self.limit);
            match self.parts.last_mut() {
                Some(last) if fits => last.has_transition = true,
                _ => self.parts.push(StatePart { session: 0..0, user: 0..0, has_transition: true }),
            }
        }
        self.parts
    }

    #[cold]
    fn too_large_for_any_part(&self, place: usize, name: &str, actual: u64) -> Issue {
        let part = Path::ROOT.key(if place < self.session { "session" } else { "user" });
        too_large_alone(part.key(name).to_pointer(), self.limit, actual)
    }
}

#[cold]
fn too_large_alone(path: String, limit: u64, actual: u64) -> Issue {
    let (figure, maximum) = (grouped(actual), grouped(limit));
    let message = format!("an update with this alone is {figure} bytes, the limit is {maximum}");
    Issue::error(Code::PayloadTooLarge, path, message)
        .figures(limit, actual)
        .hint("Shorten the value, or split it into several variables.")
}

/// `"transition":{"nextStep":"…"}`.
fn transition_bytes(next_step: &str) -> u64 {
    ("\"transition\":{\"nextStep\":\"\"}".len() + TextSize::of(next_step).json) as u64
}
