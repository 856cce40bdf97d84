//! Checks all ids of an operation together, so that one error reports every problem.

use super::check_id;
use super::entity_tag::check_if_match;
use crate::issue::Issue;
use crate::path_encoding::{check_query_length, encoded_len};
use crate::report::{Report, ValidationError};

/// Collects the issues of an operation's ids.
#[derive(Debug, Default)]
pub(crate) struct IdValidator(Vec<Issue>);

impl IdValidator {
    /// Creates a validator and checks a session id. The id must start with `prefix`, if there is one.
    pub(crate) fn for_session(id: &str, prefix: Option<&str>) -> Self {
        Self(check_id("sessionId", id, prefix).into_iter().collect())
    }

    /// Creates a validator and checks `id`, the value of the field `field`.
    pub(crate) fn for_field(field: &'static str, id: &str) -> Self {
        Self(check_id(field, id, None).into_iter().collect())
    }

    /// Also checks `id`, the value of the field `field`.
    pub(crate) fn and_field(mut self, field: &'static str, id: &str) -> Self {
        self.0.extend(check_id(field, id, None));
        self
    }

    /// Also checks a tag that the caller passes as `if_match`.
    pub(crate) fn and_if_match(mut self, tag: Option<&str>) -> Self {
        if let Some(Err(error)) = tag.map(check_if_match) {
            self.0.extend(error.into_report().issues);
        }
        self
    }

    /// Also checks the length of `text`, the value of the field `field` in the query of the URL.
    pub(crate) fn and_query_text(mut self, field: &str, text: Option<&str>) -> Self {
        self.0.extend(text.and_then(|text| check_query_length(field, encoded_len(text))));
        self
    }

    /// Also checks the length of a whole query, which is already encoded. `field` is its name in the issue.
    pub(crate) fn and_encoded_query(mut self, field: &str, length: usize) -> Self {
        self.0.extend(check_query_length(field, length as u64));
        self
    }

    /// Returns `Ok` if the ids have no issue, otherwise one error with all of their issues.
    pub(crate) fn finish(self) -> Result<(), ValidationError> {
        if self.0.is_empty() { Ok(()) } else { Err(ValidationError::of(self.0)) }
    }

    /// Adds the issues of the ids to `checked_body`, the result of the check of the request body. Returns
    /// `checked_body` itself if the ids have no issue, otherwise one error with all issues: those of the
    /// ids come first. `report_of` returns the report of a body that passed its check.
    pub(crate) fn finish_with<B>(
        self,
        checked_body: Result<B, ValidationError>,
        report_of: impl FnOnce(B) -> Report,
    ) -> Result<B, ValidationError> {
        if self.0.is_empty() {
            return checked_body;
        }
        let mut report = checked_body.map_or_else(ValidationError::into_report, report_of);
        // Inserts at the start: the issues of the ids come first.
        report.issues.splice(0..0, self.0);
        Err(ValidationError::new(report))
    }
}
