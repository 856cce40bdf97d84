//! The limits of a schema: how much time and memory it may take.

use crate::display_text::grouped;
use crate::issue::{Code, Issue};

/// The maximum number of steps for validating one document, about one second. A step applies one subschema
/// to one value.
pub(super) const MAX_VALIDATION_STEPS: u64 = 200_000_000;

/// The maximum number of steps for listing the violations of one document. Listing continues after the
/// first violation of each branch, and keeps the errors of all branches.
pub(super) const MAX_LISTING_STEPS: u64 = 50_000_000;

/// The maximum number of errors, also within the branches of `anyOf` and `oneOf`, that are kept for listing
/// the violations of one document. The issues of more errors would exceed
/// [`Report::ISSUE_BUDGET`](crate::Report::ISSUE_BUDGET).
pub(super) const MAX_LISTED_ERRORS: u64 = 150_000;

/// The maximum number of subschemas that apply to each other along one path through a document. It bounds
/// the stack of the recursive validator.
pub(super) const MAX_RECURSION: u64 = 2_000;

/// The maximum number of steps for filling the defaults of one document. A step reads one subschema or one
/// of its properties.
pub(super) const MAX_DEFAULT_STEPS: u64 = 10_000_000;

/// The maximum number of properties that defaults add to one document. A small schema can describe very
/// many nested objects.
pub(super) const MAX_DEFAULT_PROPERTIES: u64 = 100_000;

/// The maximum size of the values that defaults add to one document, in bytes of their JSON text.
pub(super) const MAX_DEFAULT_BYTES: u64 = 16 << 20;

/// The maximum size of all compiled regular expressions of a schema, in bytes.
const MAX_REGEXES_BYTES: usize = 256 << 20;

/// The maximum size of one compiled regular expression, in bytes: the default of the `regex` crate.
const MAX_REGEX_BYTES: usize = 10 << 20;

/// Returns the maximum size of each compiled regular expression of a schema that has `count` of them.
pub(super) fn max_regex_bytes(count: usize) -> usize {
    (MAX_REGEXES_BYTES / count.max(1)).min(MAX_REGEX_BYTES)
}

/// The maximum number of attempts of a regular expression with look-around or back-references at one text.
pub(super) const MAX_BACKTRACKS: usize = 10_000;

/// The maximum size of the texts of all errors of a document itself, in bytes.
pub(super) const MAX_ERROR_TEXT_BYTES: u64 = 64 << 20;

/// What a schema exceeds with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SchemaLimit {
    ValidationSteps,
    Listing,
    Recursion { actual: u64 },
    Backtracking,
    DefaultSteps,
    DefaultProperties,
    DefaultBytes,
}

impl SchemaLimit {
    /// Returns the issue of the whole document.
    pub(super) fn issue(self) -> Issue {
        self.issue_at(String::new())
    }

    /// Returns the issue of the value at a path.
    pub(super) fn issue_at(self, path: String) -> Issue {
        const SIMPLIFY: &str = "Simplify the schema: combine fewer subschemas with `anyOf`, `oneOf`, `allOf` \
                                and `$ref`.";
        const FEWER_DEFAULTS: &str = "Give fewer or smaller defaults in the schema.";
        let (limit, message, hint) = match self {
            Self::ValidationSteps => (
                MAX_VALIDATION_STEPS,
                format!(
                    "validating the document takes more than {} steps",
                    grouped(MAX_VALIDATION_STEPS)
                ),
                SIMPLIFY,
            ),
            Self::Listing => (
                MAX_LISTED_ERRORS,
                format!(
                    "the document violates the schema in more ways than can be listed: at most {} errors, \
                     found in at most {} steps",
                    grouped(MAX_LISTED_ERRORS),
                    grouped(MAX_LISTING_STEPS)
                ),
                "Correct the listed violations first, or simplify the schema.",
            ),
            Self::Recursion { .. } => (
                MAX_RECURSION,
                format!(
                    "the document and the schema together are nested more than {} levels deep",
                    grouped(MAX_RECURSION)
                ),
                "Nest the document or the subschemas less deeply.",
            ),
            Self::Backtracking => (
                MAX_BACKTRACKS as u64,
                format!(
                    "matching the text with `pattern` takes more than {} attempts",
                    grouped(MAX_BACKTRACKS as u64)
                ),
                "Simplify the regular expression, for example without look-around.",
            ),
            Self::DefaultSteps => (
                MAX_DEFAULT_STEPS,
                format!(
                    "filling the defaults takes more than {} steps",
                    grouped(MAX_DEFAULT_STEPS)
                ),
                SIMPLIFY,
            ),
            Self::DefaultProperties => (
                MAX_DEFAULT_PROPERTIES,
                format!(
                    "the defaults add more than {} properties",
                    grouped(MAX_DEFAULT_PROPERTIES)
                ),
                FEWER_DEFAULTS,
            ),
            Self::DefaultBytes => (
                MAX_DEFAULT_BYTES,
                format!("the defaults add more than {} bytes", grouped(MAX_DEFAULT_BYTES)),
                FEWER_DEFAULTS,
            ),
        };
        let mut issue = Issue::error(Code::SchemaLimit, path, message).with_hint(hint);
        issue.limit = Some(limit);
        if let Self::Recursion { actual } = self {
            issue.actual = Some(actual);
        }
        issue
    }
}
