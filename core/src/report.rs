//! The report of a check, and the error that contains it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::issue::{Code, Issue, Severity};

/// The size of a value in the units of the limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Bytes of the compact UTF-8 JSON text that is sent.
    pub json_bytes: u64,
    /// The platform's own count: a string or key is 2 × its UTF-16 length, a number 8, a boolean 4; `null`,
    /// arrays and objects themselves count nothing.
    pub platform_bytes: u64,
    /// Nesting levels of the deepest variable: 0 for a scalar, 1 for a flat list or object.
    pub depth: u32,
    /// The number of variables: the members of the outermost object.
    pub variables: u64,
}

/// The result of a check: the issues and the sizes.
///
/// ```
/// use cognigy_context::{check, Code, Policy};
/// use serde_json::json;
///
/// let report = check(&json!({"customer.tier": "gold"}), Policy::platform());
/// assert!(report.ok()); // warnings do not fail a check
/// assert_eq!(report.issues[0].code, Code::UnreadableKey);
/// assert_eq!(report.issues[0].path, "/customer.tier");
/// assert_eq!(report.sizes.json_bytes, 24);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The errors and warnings, in the order of the value, up to [`Report::ISSUE_BUDGET`].
    pub issues: Vec<Issue>,
    /// The sizes of the checked value. A value without a JSON form counts as `null`; all sizes of invalid JSON
    /// text are 0.
    pub sizes: Sizes,
    /// The number of issues beyond [`Report::ISSUE_BUDGET`], which are counted but not stored. 0 except for
    /// very many issues.
    pub omitted: u64,
    /// Whether an omitted issue was an error.
    pub(crate) omitted_error: bool,
}

impl Report {
    /// The maximum bytes of stored issues (16 MiB). Further issues are only counted.
    pub const ISSUE_BUDGET: usize = 16 << 20;

    /// Returns whether there is no error. Warnings are allowed.
    #[must_use]
    pub fn ok(&self) -> bool {
        !self.omitted_error && self.errors().next().is_none()
    }

    /// Returns the errors.
    pub fn errors(&self) -> impl Iterator<Item = &Issue> {
        self.issues.iter().filter(|issue| issue.severity == Severity::Error)
    }

    /// Returns the warnings.
    pub fn warnings(&self) -> impl Iterator<Item = &Issue> {
        self.issues.iter().filter(|issue| issue.severity == Severity::Warning)
    }

    /// Returns the report if it is [`ok`](Self::ok).
    ///
    /// # Errors
    /// [`ValidationError`] with the report if it contains an error.
    pub fn raise_if_failed(self) -> Result<Self, ValidationError> {
        if self.ok() { Ok(self) } else { Err(ValidationError::new(self)) }
    }
}

/// Serializes to `{ok, issues, sizes, omitted}`, the form that the bindings return.
impl Serialize for Report {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut report = serializer.serialize_struct("Report", 4)?;
        report.serialize_field("ok", &self.ok())?;
        report.serialize_field("issues", &self.issues)?;
        report.serialize_field("sizes", &self.sizes)?;
        report.serialize_field("omitted", &self.omitted)?;
        report.end()
    }
}

/// Deserializes the serialized form of a report.
impl<'de> Deserialize<'de> for Report {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct SerializedReport {
            ok: bool,
            issues: Vec<Issue>,
            sizes: Sizes,
            omitted: u64,
        }
        let SerializedReport { ok, issues, sizes, omitted } =
            SerializedReport::deserialize(deserializer)?;
        let mut report = Self { issues, sizes, omitted, omitted_error: false };
        report.omitted_error = !ok && report.ok();
        Ok(report)
    }
}

/// Formats the number of errors and warnings, one line per issue, and the number of omitted issues.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (errors, warnings) = (self.errors().count(), self.warnings().count());
        write!(
            f,
            "{errors} {}, {warnings} {}",
            if errors == 1 { "error" } else { "errors" },
            if warnings == 1 { "warning" } else { "warnings" },
        )?;
        for issue in &self.issues {
            write!(f, "\n  {issue}")?;
        }
        if self.omitted > 0 {
            write!(f, "\n  and {} more", self.omitted)?;
        }
        Ok(())
    }
}

/// The error for invalid data. Its [`report`](Self::report) contains every issue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{report}")]
pub struct ValidationError {
    report: Box<Report>,
}

impl ValidationError {
    pub(crate) fn new(report: Report) -> Self {
        Self { report: Box::new(report) }
    }

    /// Creates an error for data without sizes, for example an id.
    pub(crate) fn of(issues: Vec<Issue>) -> Self {
        Self::new(Report { issues, ..Report::default() })
    }

    /// Returns the report.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Returns the report by value.
    #[must_use]
    pub fn into_report(self) -> Report {
        *self.report
    }

    /// Returns whether the report contains an issue with this code.
    #[must_use]
    pub fn has(&self, code: Code) -> bool {
        self.report.issues.iter().any(|issue| issue.code == code)
    }
}
