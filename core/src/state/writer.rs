//! Writes the body of a state update, one map of variables at a time, for values of any language.

use crate::check::{CheckedBody, Checker, JsonWriter, Path};
use crate::issue::{Code, Issue};
use crate::policy::Policy;
use crate::report::ValidationError;

/// Writes the body of a state update: the variables of the session, then those of the user, then the
/// transition.
#[derive(Debug)]
pub struct StateWriter<'c, O> {
    pub(super) checker: Checker<'c, O>,
    is_empty: bool,
}

impl<'c, O: JsonWriter> StateWriter<'c, O> {
    /// Starts a body in `out`, checked with `policy`.
    pub fn new(policy: &'c Policy, out: O) -> Self {
        let mut checker = Checker::new(policy, out);
        checker.set_variable_depth(1);
        checker.write_raw("{");
        Self { checker, is_empty: true }
    }

    /// Writes the variables of the session. `visit` visits the map at the path that it receives. An empty
    /// map (`is_empty`) is omitted.
    pub fn session(&mut self, is_empty: bool, visit: impl FnOnce(&mut Checker<'c, O>, &Path<'_>)) {
        self.write_map("session", is_empty, visit);
    }

    /// Writes the variables of the user. Call it after [`session`](Self::session).
    pub fn user(&mut self, is_empty: bool, visit: impl FnOnce(&mut Checker<'c, O>, &Path<'_>)) {
        self.write_map("user", is_empty, visit);
    }

    fn write_map(
        &mut self,
        name: &'static str,
        is_empty: bool,
        visit: impl FnOnce(&mut Checker<'c, O>, &Path<'_>),
    ) {
        if is_empty {
            return;
        }
        self.begin_member(name);
        visit(&mut self.checker, &Path::ROOT.key(name));
    }

    /// Writes the key of the body's next member.
    fn begin_member(&mut self, name: &'static str) {
        if !self.is_empty {
            self.checker.write_raw(",");
        }
        self.is_empty = false;
        self.checker.write_raw_string(name);
        self.checker.write_raw(":");
    }

    /// Writes the transition, if there is one, and the end of the body. Reports an empty update.
    pub(super) fn write_transition_and_end(&mut self, next_step: Option<&str>) {
        if let Some(step) = next_step {
            self.begin_member("transition");
            self.checker.write_raw("{\"nextStep\":");
            self.checker.write_raw_string(step);
            self.checker.write_raw("}");
            if step.is_empty() {
                self.checker.report(
                    Issue::error(
                        Code::InvalidId,
                        "/transition/nextStep".to_owned(),
                        "the name of the next step is empty",
                    )
                    .with_hint("Set the name of a step, or omit the transition."),
                );
            }
        }
        self.checker.write_raw("}");
        if self.is_empty {
            self.checker.report(empty_update());
        }
    }
}

impl StateWriter<'_, Vec<u8>> {
    /// Finishes the body, with a transition to `next_step`; `None` for no transition.
    ///
    /// # Errors
    /// [`ValidationError`] when an issue is an error.
    pub fn finish(mut self, next_step: Option<&str>) -> Result<CheckedBody, ValidationError> {
        self.write_transition_and_end(next_step);
        let (report, body, variables) = self.checker.finish();
        let report = report.raise_if_failed()?;
        Ok(CheckedBody { body, report, variables })
    }
}

#[cold]
fn empty_update() -> Issue {
    Issue::error(Code::EmptyUpdate, String::new(), "the update is empty")
        .with_hint("Add a variable or a next step.")
}
