//! Text arguments and the ids of a call, with the issues of their text.

use std::borrow::Cow;

use cognigy_context::__bindings::Path;
use cognigy_context::api::platform::PreparedContextInjection;
use cognigy_context::{Issue, Report, ValidationError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::argument_types::str_arg;
use crate::errors;
use crate::walk::read_text;

/// The text of an argument, with U+FFFD in place of each unpaired surrogate. Rust's strings cannot
/// contain one, so the issue is found here and not by the core.
pub(crate) struct TextArg<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) issue: Option<Issue>,
}

impl<'a> TextArg<'a> {
    /// Reads an argument that must be a `str`. The path of its issue is the name as the API spells it:
    /// `/sessionId` for `session_id`.
    ///
    /// # Errors
    /// `TypeError` when it is not a `str`.
    pub(crate) fn read(name: &str, given: &'a Bound<'_, PyAny>) -> PyResult<Self> {
        let name_in_api = camel_case(name);
        Self::of_text(str_arg(name, given)?, &Path::ROOT.key(&name_in_api))
    }

    /// Reads a text, whose issue has the path `at`.
    ///
    /// # Errors
    /// What Python raised.
    pub(crate) fn of_text(given: &'a Bound<'_, PyString>, at: &Path<'_>) -> PyResult<Self> {
        let read = read_text(given)?;
        let issue = if read.has_lone_surrogate { lone_surrogate_issue(at) } else { None };
        Ok(Self { text: read.text, issue })
    }

    /// Returns the text.
    ///
    /// # Errors
    /// `ValidationError` when it contains an unpaired surrogate.
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
}

/// Returns the core's issue about an unpaired surrogate in a text.
#[cold]
fn lone_surrogate_issue(at: &Path<'_>) -> Option<Issue> {
    errors::lone_surrogate_report(at).issues.into_iter().next()
}

/// Converts `session_id` to `sessionId`.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

/// The ids of a call for one session.
pub(crate) struct SessionIds<'a> {
    pub(crate) session: TextArg<'a>,
    pub(crate) user: TextArg<'a>,
}

impl<'a> SessionIds<'a> {
    /// Reads the arguments `session_id` and `user_id`.
    ///
    /// # Errors
    /// `TypeError` when one of them is not a `str`.
    pub(crate) fn read(
        session_id: &'a Bound<'_, PyAny>,
        user_id: &'a Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        Ok(Self {
            session: TextArg::read("session_id", session_id)?,
            user: TextArg::read("user_id", user_id)?,
        })
    }

    /// Returns the prepared call if no id has an issue.
    ///
    /// # Errors
    /// `ValidationError` with the issues of the ids, then those of `prepared`.
    pub(crate) fn merge_issues(
        self,
        py: Python<'_>,
        prepared: Result<PreparedContextInjection, ValidationError>,
    ) -> PyResult<PreparedContextInjection> {
        let issues = [self.session.issue, self.user.issue].into_iter().flatten().collect();
        merge_issues(issues, prepared, |prepared| prepared.report().clone())
            .map_err(|error| errors::of_validation(py, error))
    }
}

/// Returns what was prepared if no argument has an issue. `report_of` returns the report of what was prepared,
/// which may contain warnings.
///
/// # Errors
/// [`ValidationError`] with the issues of the arguments, then those of `prepared`.
pub(crate) fn merge_issues<P>(
    issues: Vec<Issue>,
    prepared: Result<P, ValidationError>,
    report_of: impl FnOnce(&P) -> Report,
) -> Result<P, ValidationError> {
    if issues.is_empty() {
        return prepared;
    }
    let mut report = match &prepared {
        Ok(prepared) => report_of(prepared),
        Err(error) => error.report().clone(),
    };
    report.issues.splice(0..0, issues);
    report.raise_if_failed()?;
    prepared
}
