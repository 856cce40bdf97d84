//! Writes the body of an injection payload, one variable at a time, for values of any language.

use std::time::Duration;

use super::SCOPES;
use crate::check::{CheckedBody, Checker, JsonWriter, KeyScope, KeyScopeSet, Path, ValueVisitor};
use crate::clock::parse_rfc3339;
use crate::issue::{Code, Issue};
use crate::policy::Policy;
use crate::report::ValidationError;

// The JSON text before a variable's key, value and scope.
const KEY: &str = "{\"key\":";
const VALUE: &str = ",\"value\":";
const SCOPE: &str = ",\"scope\":";

/// Writes the body of an injection payload, one variable at a time, for values of any language.
#[derive(Debug)]
pub struct InjectionWriter<'c, O> {
    checker: Checker<'c, O>,
    merge_strategy: &'c str,
    now: Duration,
    /// The index of the next variable.
    index: usize,
    /// The offset of the array of variables in the body.
    array_start: u64,
    key_scopes: KeyScopeSet,
}

impl<'c, O: JsonWriter> InjectionWriter<'c, O> {
    /// Starts a body in `out`, checked with `policy`. `now`, the duration since 1970-01-01T00:00:00Z, decides which
    /// expiry times have passed.
    pub fn new(policy: &'c Policy, merge_strategy: &'c str, now: Duration, out: O) -> Self {
        let mut checker = Checker::new(policy, out);
        checker.set_variable_depth(2);
        checker.write_raw("{\"variables\":");
        let array_start = checker.written_bytes();
        checker.write_raw("[");
        Self { checker, merge_strategy, now, index: 0, array_start, key_scopes: KeyScopeSet::new() }
    }

    /// Writes one variable. `expires_at` is RFC 3339 text, or `None` for never. `visit` visits the variable's value at
    /// the path that it receives.
    #[inline(always)]
    pub fn variable(
        &mut self,
        key: &str,
        scope: &str,
        expires_at: Option<&str>,
        visit: impl FnOnce(&mut Checker<'c, O>, &Path<'_>),
    ) {
        let list = Path::ROOT.key("variables");
        let entry = list.index(self.index);
        let index = self.index;
        if index > 0 {
            self.checker.write_raw(",");
        }
        self.index += 1;
        let key_start = self.position() + KEY.len();
        self.checker.begin_named_value(KEY, key, VALUE, &entry.key("key"));
        let key_range = key_start..self.position() - VALUE.len();
        let value = entry.key("value");
        visit(&mut self.checker, &value);
        self.checker.end_member(&value);
        let scope_start = self.position() + SCOPE.len();
        // With both quotes; a scope of the first three cases needs no escape.
        let mut scope_end = scope_start + scope.len() + 2;
        // Byte patterns compare inline; string patterns would call a function each.
        match (expires_at, scope.as_bytes()) {
            (None, b"session") => {
                self.checker.write_raw(",\"scope\":\"session\",\"expiresAt\":null}");
            }
            (None, b"user") => self.checker.write_raw(",\"scope\":\"user\",\"expiresAt\":null}"),
            (None, b"global") => {
                self.checker.write_raw(",\"scope\":\"global\",\"expiresAt\":null}");
            }
            _ => scope_end = self.write_scope_and_expiry(scope, expires_at, &entry),
        }
        self.key_scopes.push(KeyScope::new(index, scope_start..scope_end, key_range, key));
    }

    /// Returns the position of the next byte of the body.
    #[inline(always)]
    fn position(&self) -> usize {
        self.checker.written_bytes() as usize
    }

    /// Checks and writes the scope and the expiry time, and ends the variable. Returns the end of the scope.
    fn write_scope_and_expiry(
        &mut self,
        scope: &str,
        expires_at: Option<&str>,
        entry: &Path<'_>,
    ) -> usize {
        self.checker.write_raw(SCOPE);
        self.checker.write_raw_string(scope);
        let scope_end = self.position();
        if !SCOPES.contains(&scope) {
            self.checker.report(unknown_scope(entry));
        }
        self.checker.write_raw(",\"expiresAt\":");
        match expires_at {
            None => self.checker.write_raw("null}"),
            Some(time) => {
                self.checker.write_raw_string(time);
                self.checker.write_raw("}");
                if let Some(issue) = check_expiry(time, self.now, &entry.key("expiresAt")) {
                    self.checker.report(issue);
                }
            }
        }
        scope_end
    }

    /// Rejects the next variable because a required field is missing.
    pub fn reject_missing(&mut self, field: &str) {
        self.reject(&[(field, FieldError::Missing)]);
    }

    /// Rejects the next variable because a field has the wrong type. An empty `field` means the
    /// variable itself.
    pub fn reject_wrong_type(&mut self, field: &str) {
        self.reject(&[(field, FieldError::WrongType)]);
    }

    /// Rejects the next variable because a field contains half of a surrogate pair.
    pub fn reject_lone_surrogate(&mut self, field: &str) {
        self.reject(&[(field, FieldError::LoneSurrogate)]);
    }

    /// Rejects the next variable for the given errors, each with the name of its field. An empty name means the
    /// variable itself.
    #[cold]
    pub fn reject(&mut self, fields: &[(&str, FieldError)]) {
        let list = Path::ROOT.key("variables");
        let entry = list.index(self.index);
        for &(field, error) in fields {
            let path =
                if field.is_empty() { entry.to_pointer() } else { entry.key(field).to_pointer() };
            self.checker.report(error.into_issue(path));
        }
        self.index += 1;
    }
}

/// The reason why a field of a host object cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// A required field is missing.
    Missing,
    /// A field has the wrong type.
    WrongType,
    /// A field contains half of a surrogate pair.
    LoneSurrogate,
}

impl FieldError {
    /// Returns the issue for the field at `path`, a JSON Pointer.
    fn into_issue(self, path: String) -> Issue {
        match self {
            Self::Missing => Issue::error(Code::MissingField, path, "a required field is missing")
                .with_hint("Add the field."),
            Self::WrongType => Issue::error(
                Code::WrongType,
                path,
                "the field has the wrong type",
            )
            .with_hint(
                "A variable has a string key, any value, a string scope, and an optional RFC 3339 expiry time.",
            ),
            Self::LoneSurrogate => Issue::error(
                Code::LoneSurrogate,
                path,
                "the text contains half of a surrogate pair, which UTF-8 cannot encode",
            )
            .with_hint(
                "Repair the text at its source: it was cut inside a character, or decoded wrongly.",
            ),
        }
    }
}

impl InjectionWriter<'_, Vec<u8>> {
    /// Finishes the body and returns it with the report of the check.
    ///
    /// # Errors
    /// [`ValidationError`] when an issue is an error.
    pub fn finish(self) -> Result<CheckedBody, ValidationError> {
        let Self { mut checker, merge_strategy, array_start, key_scopes, .. } = self;
        checker.write_raw("]");
        let list = Path::ROOT.key("variables");
        for index in key_scopes.duplicates(checker.body()) {
            checker.report(duplicate_variable(&list.index(index)));
        }
        // The API limits the array of variables, not the body.
        let array_bytes = checker.written_bytes() - array_start;
        checker.check_payload_limit(array_bytes, &list);
        checker.write_raw(",\"mergeStrategy\":");
        checker.write_raw_string(merge_strategy);
        checker.write_raw("}");
        let (report, body, variables) = checker.finish();
        let report = report.raise_if_failed()?;
        Ok(CheckedBody { body, report, variables })
    }
}

#[cold]
fn unknown_scope(entry: &Path<'_>) -> Issue {
    Issue::error(Code::InvalidScope, entry.key("scope").to_pointer(), "unknown scope")
        .with_hint("Use `session`, `user` or `global`.")
}

#[cold]
fn duplicate_variable(entry: &Path<'_>) -> Issue {
    Issue::error(
        Code::DuplicateVariable,
        entry.to_pointer(),
        "the payload has this key and scope more than once",
    )
    .with_hint("Keep one of the variables.")
}

/// Returns the issue of an expiry time that is invalid or has passed; `None` for a time after `now`.
fn check_expiry(time: &str, now: Duration, at: &Path<'_>) -> Option<Issue> {
    let Some(since_1970) = parse_rfc3339(time) else {
        return Some(
            Issue::error(
                Code::InvalidTimestamp,
                at.to_pointer(),
                "the expiry time is not an RFC 3339 time",
            )
            .with_hint("Use a form such as 2030-01-31T12:00:00Z."),
        );
    };
    (since_1970 <= now.as_secs_f64()).then(|| {
        Issue::warning(
            Code::Expired,
            at.to_pointer(),
            "the expiry time has passed, so the variable expires immediately",
        )
        .with_hint("Set a time in the future, or none.")
    })
}
