//! Updates of a dialog's state: `{"session"?, "user"?, "transition"?: {"nextStep"}}`.

use std::fmt;
use std::ops::Range;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::check::{
    ByteCounter, CheckedBody, Checker, JsonWriter, Path, TextSize, VariableSize, serde_value,
};
use crate::issue::{Code, Issue};
use crate::policy::Policy;
use crate::report::ValidationError;

/// An update of a dialog's state.
///
/// ```
/// use cognigy_context::StateUpdate;
/// use serde_json::json;
///
/// let update = StateUpdate::default().session("turn", json!(4)).next_step("confirm");
/// assert_eq!(
///     update.to_json()?.body,
///     br#"{"session":{"turn":4},"transition":{"nextStep":"confirm"}}"#,
/// );
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct StateUpdate {
    /// Variables of the session.
    pub session: Map<String, Value>,
    /// Variables of the user.
    pub user: Map<String, Value>,
    /// The step that the dialog goes to.
    pub next_step: Option<String>,
}

/// Shows names and no values.
impl fmt::Debug for StateUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateUpdate")
            .field("session", &self.session.keys().collect::<Vec<_>>())
            .field("user", &self.user.keys().collect::<Vec<_>>())
            .field("has_next_step", &self.next_step.is_some())
            .finish()
    }
}

impl StateUpdate {
    /// With a variable of the session.
    #[must_use]
    pub fn session(mut self, name: impl Into<String>, value: Value) -> Self {
        self.session.insert(name.into(), value);
        self
    }

    /// With a variable of the user.
    #[must_use]
    pub fn user(mut self, name: impl Into<String>, value: Value) -> Self {
        self.user.insert(name.into(), value);
        self
    }

    /// With a step that the dialog goes to.
    #[must_use]
    pub fn next_step(mut self, step: impl Into<String>) -> Self {
        self.next_step = Some(step.into());
        self
    }

    /// The checked body as compact JSON, in one pass.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue; paths are of the body (`/session/turn`).
    pub fn to_json(&self) -> Result<CheckedBody, ValidationError> {
        self.to_json_with_policy(Policy::state())
    }

    /// The same under another policy than `state`.
    ///
    /// # Errors
    /// As [`to_json`](Self::to_json).
    pub fn to_json_with_policy(&self, policy: &Policy) -> Result<CheckedBody, ValidationError> {
        let mut writer = StateWriter::new(policy, Vec::new());
        writer.session(self.session.is_empty(), visit(&self.session));
        writer.user(self.user.is_empty(), visit(&self.user));
        writer.finish(self.next_step.as_deref())
    }

    /// The update as parts that each fit the payload limit, in order; the transition is in the
    /// last. An update that fits is its own only part.
    ///
    /// # Errors
    /// [`ValidationError`] when the update has an error other than its size, or a single variable
    /// fits no part.
    pub fn split(&self) -> Result<Vec<Self>, ValidationError> {
        self.split_with_policy(Policy::state())
    }

    /// The same under another policy than `state`.
    ///
    /// # Errors
    /// As [`split`](Self::split).
    pub fn split_with_policy(&self, policy: &Policy) -> Result<Vec<Self>, ValidationError> {
        let mut sizes = StateSizer::new(policy);
        sizes.session(self.session.is_empty(), visit(&self.session));
        sizes.user(self.user.is_empty(), visit(&self.user));
        let parts = sizes.split(self.next_step.as_deref())?;
        let take = |from: &Map<String, Value>, range: &Range<usize>| -> Map<String, Value> {
            // Places count what the policy keeps.
            let kept = from.iter().filter(|(name, _)| !policy.strips(name));
            let members = kept.skip(range.start).take(range.len());
            members.map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        Ok(parts
            .iter()
            .map(|part| Self {
                session: take(&self.session, &part.session),
                user: take(&self.user, &part.user),
                next_step: self.next_step.clone().filter(|_| part.has_transition),
            })
            .collect())
    }
}

fn visit<'v, O: JsonWriter>(
    variables: &'v impl Serialize,
) -> impl FnOnce(&mut Checker<'_, O>, &Path<'_>) + 'v {
    |checker, at| serde_value::visit_at(variables, checker, at)
}

/// Writes the body of an update part by part, for variables of any kind.
#[derive(Debug)]
pub struct StateWriter<'c, O> {
    checker: Checker<'c, O>,
    is_empty: bool,
}

impl<'c, O: JsonWriter> StateWriter<'c, O> {
    /// A body that begins in `out`.
    pub fn new(policy: &'c Policy, out: O) -> Self {
        let mut checker = Checker::new(policy, out);
        checker.variables_below(1);
        checker.frame("{");
        Self { checker, is_empty: true }
    }

    /// The variables of the session; an empty map is left out. `visit` tells the checker of the
    /// map, which stands at the place it is given.
    pub fn session(&mut self, is_empty: bool, visit: impl FnOnce(&mut Checker<'c, O>, &Path<'_>)) {
        self.part("session", is_empty, visit);
    }

    /// The variables of the user, which come behind those of the session.
    pub fn user(&mut self, is_empty: bool, visit: impl FnOnce(&mut Checker<'c, O>, &Path<'_>)) {
        self.part("user", is_empty, visit);
    }

    fn part(
        &mut self,
        name: &'static str,
        is_empty: bool,
        visit: impl FnOnce(&mut Checker<'c, O>, &Path<'_>),
    ) {
        if is_empty {
            return;
        }
        self.begin(name);
        visit(&mut self.checker, &Path::ROOT.key(name));
    }

    fn begin(&mut self, name: &'static str) {
        if !self.is_empty {
            self.checker.frame(",");
        }
        self.is_empty = false;
        self.checker.frame_string(name);
        self.checker.frame(":");
    }

    fn transition(&mut self, next_step: Option<&str>) {
        if let Some(step) = next_step {
            self.begin("transition");
            self.checker.frame("{\"nextStep\":");
            self.checker.frame_string(step);
            self.checker.frame("}");
            if step.is_empty() {
                self.checker.report(
                    Issue::error(
                        Code::InvalidId,
                        "/transition/nextStep".to_owned(),
                        "the name of the next step is empty",
                    )
                    .hint("Name a step of the dialog, or leave the transition out."),
                );
            }
        }
        self.checker.frame("}");
        if self.is_empty {
            self.checker.report(empty_update());
        }
    }
}

impl StateWriter<'_, Vec<u8>> {
    /// Ends the body, with the transition where one is given.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue that was found.
    pub fn finish(mut self, next_step: Option<&str>) -> Result<CheckedBody, ValidationError> {
        self.transition(next_step);
        let (report, body, variables) = self.checker.finish();
        let report = report.raise_if_failed()?;
        Ok(CheckedBody { body, report, variables })
    }
}

#[cold]
fn empty_update() -> Issue {
    Issue::error(Code::EmptyUpdate, String::new(), "the update updates nothing")
        .hint("Give a variable or a next step.")
}

/// One part of a split update: which of its variables, by place, and whether the transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The variables of the session.
    pub session: Range<usize>,
    /// The variables of the user.
    pub user: Range<usize>,
    /// Whether the transition is in this part: it is in the last.
    pub has_transition: bool,
}

/// Finds out how an update is to be split, for variables of any kind.
#[derive(Debug)]
pub struct StateSizer<'c> {
    writer: StateWriter<'c, ByteCounter>,
    session: usize,
}

impl<'c> StateSizer<'c> {
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
    pub fn split(mut self, next_step: Option<&str>) -> Result<Vec<Part>, ValidationError> {
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
                Part {
                    session: 0..self.session,
                    user: self.session..sizes.len(),
                    has_transition: next_step.is_some(),
                }
                .counted_from(self.session),
            ]);
        }
        let mut packing = Packing { limit, session: self.session, parts: Vec::new(), begun: None };
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

impl Part {
    /// Places of the user's variables are counted from their own first.
    fn counted_from(mut self, session: usize) -> Self {
        self.user = self.user.start.saturating_sub(session)..self.user.end.saturating_sub(session);
        self
    }
}

/// Fills part after part, in order.
struct Packing {
    limit: u64,
    session: usize,
    parts: Vec<Part>,
    begun: Option<Begun>,
}

/// The part that is being filled: the places in it, and its bytes but for the braces.
#[derive(Clone, Copy)]
struct Begun {
    first: usize,
    end: usize,
    bytes: u64,
}

impl Packing {
    /// Adds a variable to the part that is being filled, or begins the next with it.
    fn add(&mut self, place: usize, size: &VariableSize) -> Option<Issue> {
        let member = TextSize::of(&size.name).json as u64 + 3 + size.json_bytes;
        let alone = self.frame(place) + member;
        if alone + 2 > self.limit {
            return Some(self.fits_nowhere(place, &size.name, alone + 2));
        }
        self.begun = Some(match self.begun.take() {
            Some(begun) => {
                // In a map that is begun it costs a comma, else the frame of the map and a comma.
                let same_map = (place < self.session) == (begun.end <= self.session);
                let bytes = begun.bytes + 1 + if same_map { member } else { alone };
                if bytes + 2 <= self.limit {
                    Begun { first: begun.first, end: place + 1, bytes }
                } else {
                    self.close(begun);
                    Begun { first: place, end: place + 1, bytes: alone }
                }
            }
            None => Begun { first: place, end: place + 1, bytes: alone },
        });
        None
    }

    /// `"session":{}` or `"user":{}`.
    fn frame(&self, place: usize) -> u64 {
        (if place < self.session { "\"session\":{}".len() } else { "\"user\":{}".len() }) as u64
    }

    fn close(&mut self, begun: Begun) {
        let session = begun.first.min(self.session)..begun.end.min(self.session);
        let user = begun.first.max(self.session)..begun.end.max(self.session);
        self.parts.push(Part { session, user, has_transition: false }.counted_from(self.session));
    }

    fn finish(mut self, transition: Option<u64>) -> Vec<Part> {
        let last_bytes = self.begun.map(|begun| begun.bytes);
        if let Some(begun) = self.begun.take() {
            self.close(begun);
        }
        if let Some(transition) = transition {
            let fits = last_bytes.is_some_and(|bytes| bytes + 1 + transition + 2 <= self.limit);
            match self.parts.last_mut() {
                Some(last) if fits => last.has_transition = true,
                _ => self.parts.push(Part { session: 0..0, user: 0..0, has_transition: true }),
            }
        }
        self.parts
    }

    #[cold]
    fn fits_nowhere(&self, place: usize, name: &str, actual: u64) -> Issue {
        let part = Path::ROOT.key(if place < self.session { "session" } else { "user" });
        too_large_alone(part.key(name).to_pointer(), self.limit, actual)
    }
}

#[cold]
fn too_large_alone(path: String, limit: u64, actual: u64) -> Issue {
    Issue::error(
        Code::PayloadTooLarge,
        path,
        "this alone is too large for an update, in JSON bytes",
    )
    .figures(limit, actual)
    .hint("Shorten it, or split the value over several variables.")
}

/// `"transition":{"nextStep":"…"}`.
fn transition_bytes(next_step: &str) -> u64 {
    ("\"transition\":{\"nextStep\":\"\"}".len() + TextSize::of(next_step).json) as u64
}
