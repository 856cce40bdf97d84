//! Checks all ids of an operation together, so that one error reports every problem.

use super::check_id;
use crate::issue::Issue;
use crate::report::{Report, ValidationError};

/// Collects the issues of an operation's ids.
#[derive(Debug, Default)]
pub(crate) struct IdValidator(Vec<Issue>);

impl IdValidator {
    /// Checks a session id, which must start with `prefix` when one is given.
    pub(crate) fn for_session(id: &str, prefix: Option<&str>) -> Self {
        Self(check_id("sessionId", id, prefix).into_iter().collect())
    }

    /// Checks the id of another field.
    pub(crate) fn for_field(field: &'static str, id: &str) -> Self {
        Self(check_id(field, id, None).into_iter().collect())
    }

    /// Checks one more id.
    pub(crate) fn and_field(mut self, field: &'static str, id: &str) -> Self {
        self.0.extend(check_id(field, id, None));
        self
    }

    /// Returns an error with every issue of the ids.
    pub(crate) fn finish(self) -> Result<(), ValidationError> {
        if self.0.is_empty() { Ok(()) } else { Err(ValidationError::of(self.0)) }
    }

    /// Returns `written` when the ids have no issue; otherwise an error with the issues of the ids and
    /// those of `written`. `report` takes the report from a body that was written.
    pub(crate) fn finish_with<W>(
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
