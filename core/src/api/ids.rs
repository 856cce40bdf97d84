//! The ids of a call, checked together, so that all that is wrong with them is told at once.

use super::check_id;
use crate::issue::Issue;
use crate::report::{Report, ValidationError};

/// What is wrong with the ids of a call.
#[derive(Debug, Default)]
pub(crate) struct Ids(Vec<Issue>);

impl Ids {
    /// Of a session, which may have to begin with a prefix.
    pub(crate) fn session(id: &str, prefix: Option<&str>) -> Self {
        Self(check_id("sessionId", id, prefix).into_iter().collect())
    }

    /// Of another kind.
    pub(crate) fn of(field: &'static str, id: &str) -> Self {
        Self(check_id(field, id, None).into_iter().collect())
    }

    /// And one more.
    pub(crate) fn and(mut self, field: &'static str, id: &str) -> Self {
        self.0.extend(check_id(field, id, None));
        self
    }

    /// Nothing, when nothing is wrong.
    pub(crate) fn check(self) -> Result<(), ValidationError> {
        if self.0.is_empty() { Ok(()) } else { Err(ValidationError::of(self.0)) }
    }

    /// What was written, when nothing is wrong with the ids either; else all issues of both, those
    /// of the ids first.
    pub(crate) fn join<W>(
        self,
        written: Result<W, ValidationError>,
        report: impl FnOnce(W) -> Report,
    ) -> Result<W, ValidationError> {
        if self.0.is_empty() {
            return written;
        }
        let mut report = written.map_or_else(ValidationError::into_report, report);
        report.issues.splice(0..0, self.0);
        Err(ValidationError::new(report))
    }
}
