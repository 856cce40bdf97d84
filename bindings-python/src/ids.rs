//! Session and user ids as arguments.

use std::borrow::Cow;

use cognigy_context::__bindings::{Path, ValueVisitor, measure_with};
use cognigy_context::api::platform::PreparedContextInjection;
use cognigy_context::{Issue, Report, ValidationError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::errors;
use crate::walk::read_text;

/// An id, and what is wrong with it before the core sees it: half a surrogate pair, which a Rust
/// string cannot hold.
pub(crate) struct Id<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) issue: Option<Issue>,
}

impl<'a> Id<'a> {
    /// `field` is the id's name on the wire, and its place in the report.
    pub(crate) fn read(field: &str, given: &'a Bound<'_, PyString>) -> PyResult<Self> {
        let read = read_text(given)?;
        let issue = if read.lone_surrogate { Self::issue(field) } else { None };
        Ok(Self { text: read.text, issue })
    }

    /// The id alone.
    ///
    /// # Errors
    /// `ValidationError` when something is wrong with it.
    pub(crate) fn into_text(self, py: Python<'_>) -> PyResult<String> {
        match self.issue {
            None => Ok(self.text.into_owned()),
            Some(issue) => {
                let mut report = Report::default();
                report.issues.push(issue);
                Err(errors::validation(py, report))
            }
        }
    }

    /// The issue as the core words it.
    #[cold]
    fn issue(field: &str) -> Option<Issue> {
        let found = measure_with(|checker| checker.lone_surrogate(&Path::ROOT.key(field)));
        found.err().and_then(|error| error.into_report().issues.into_iter().next())
    }
}

/// The two ids of a call that is about a session.
pub(crate) struct SessionIds<'a> {
    pub(crate) session: Id<'a>,
    pub(crate) user: Id<'a>,
}

impl<'a> SessionIds<'a> {
    pub(crate) fn read(
        session_id: &'a Bound<'_, PyString>,
        user_id: &'a Bound<'_, PyString>,
    ) -> PyResult<Self> {
        Ok(Self { session: Id::read("sessionId", session_id)?, user: Id::read("userId", user_id)? })
    }

    /// What the core prepared, unless an id was unusable: then everything found is one error, the
    /// ids first.
    pub(crate) fn judge(
        self,
        py: Python<'_>,
        prepared: Result<PreparedContextInjection, ValidationError>,
    ) -> PyResult<PreparedContextInjection> {
        let issues: Vec<Issue> =
            [self.session.issue, self.user.issue].into_iter().flatten().collect();
        if issues.is_empty() {
            return prepared.map_err(|error| errors::of_validation(py, error));
        }
        let mut report = match prepared {
            Ok(prepared) => prepared.report().clone(),
            Err(error) => error.into_report(),
        };
        report.issues.splice(0..0, issues);
        Err(errors::validation(py, report))
    }
}
