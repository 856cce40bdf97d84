//! All findings of one check together, and the error that carries them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::issue::{Code, Issue, Severity};

/// How large a value is, in the units that the limits are stated in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Bytes of the compact UTF-8 JSON text that goes over the wire.
    pub json_bytes: u64,
    /// The platform's own count: a string is 2 × its UTF-16 length, a number 8, a boolean 4, a key
    /// 2 × its UTF-16 length; `null` and the frame of an array or object count nothing.
    pub platform_bytes: u64,
    /// Levels of nesting of the deepest variable: 0 for a scalar, 1 for a flat list or object.
    pub depth: u32,
    /// Number of variables, which are the members of the outermost object.
    pub variables: u64,
}

/// The outcome of a check: every issue that was found, and the sizes.
///
/// ```
/// use cognigy_context::{check, Code, Policy};
/// use serde_json::json;
///
/// let report = check(&json!({"customer.tier": "gold"}), Policy::platform());
/// assert!(report.ok()); // a warning does not stop the data
/// assert_eq!(report.issues[0].code, Code::UnreadableKey);
/// assert_eq!(report.issues[0].path, "/customer.tier");
/// assert_eq!(report.sizes.json_bytes, 24);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Every issue, errors and warnings, in the order of the value.
    pub issues: Vec<Issue>,
    /// The sizes of what was checked. What has no JSON form is counted as `null`, and of text that
    /// is not JSON all sizes are 0.
    pub sizes: Sizes,
    /// Issues that were found and not kept, because those kept already take
    /// [`Report::ISSUE_BUDGET`] bytes. 0 for anything but hostile input.
    pub omitted: u64,
    /// Whether an omitted issue was an error.
    pub(crate) omitted_error: bool,
}

impl Report {
    /// How many bytes of issues one report keeps before it only counts them (16 MiB).
    pub const ISSUE_BUDGET: usize = 16 << 20;

    /// Whether no error was found. Warnings do not count.
    #[must_use]
    pub fn ok(&self) -> bool {
        !self.omitted_error && self.errors().next().is_none()
    }

    /// The errors among the issues.
    pub fn errors(&self) -> impl Iterator<Item = &Issue> {
        self.issues.iter().filter(|issue| issue.severity == Severity::Error)
    }

    /// The warnings among the issues.
    pub fn warnings(&self) -> impl Iterator<Item = &Issue> {
        self.issues.iter().filter(|issue| issue.severity == Severity::Warning)
    }

    /// Gives the report back when it is [`ok`](Self::ok).
    ///
    /// # Errors
    /// [`ValidationError`] carrying the report when it holds an error.
    pub fn raise_if_failed(self) -> Result<Self, ValidationError> {
        if self.ok() { Ok(self) } else { Err(ValidationError::new(self)) }
    }
}

/// The JSON form that the bindings hand on: `{ok, issues, sizes, omitted}`.
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

/// Reads the form that a report serialises to.
impl<'de> Deserialize<'de> for Report {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Parts {
            ok: bool,
            issues: Vec<Issue>,
            sizes: Sizes,
            omitted: u64,
        }
        let Parts { ok, issues, sizes, omitted } = Parts::deserialize(deserializer)?;
        let mut report = Self { issues, sizes, omitted, omitted_error: false };
        report.omitted_error = !ok && report.ok();
        Ok(report)
    }
}

/// A list a person can read: a line of sums, then a line an issue with its hint below.
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
            if let Some(hint) = &issue.hint {
                write!(f, "\n    {hint}")?;
            }
        }
        if self.omitted > 0 {
            write!(f, "\n  and {} more", self.omitted)?;
        }
        Ok(())
    }
}

/// Data was not fit to be sent; [`report`](Self::report) says why, with every issue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{report}")]
pub struct ValidationError {
    report: Box<Report>,
}

impl ValidationError {
    pub(crate) fn new(report: Report) -> Self {
        Self { report: Box::new(report) }
    }

    /// Issues about something that has no sizes of its own, such as an id.
    pub(crate) fn of(issues: Vec<Issue>) -> Self {
        Self::new(Report { issues, ..Report::default() })
    }

    /// Everything that was found.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Everything that was found, by value.
    #[must_use]
    pub fn into_report(self) -> Report {
        *self.report
    }

    /// Whether an issue of this code is among the findings.
    #[must_use]
    pub fn has(&self, code: Code) -> bool {
        self.report.issues.iter().any(|issue| issue.code == code)
    }
}
