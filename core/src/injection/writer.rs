//! The body of a payload, one variable at a time, for values of any language.

use std::time::Duration;

use super::SCOPES;
use crate::check::{CheckedBody, Checker, JsonWriter, KeyScope, KeyScopeSet, Path, ValueVisitor};
use crate::clock::parse_rfc3339;
use crate::issue::{Code, Issue};
use crate::policy::Policy;
use crate::report::ValidationError;

/// The frame before a variable's key, up to its value, and up to its scope.
const KEY: &str = "{\"key\":";
const VALUE: &str = ",\"value\":";
const SCOPE: &str = ",\"scope\":";

/// Writes the body of a payload piece by piece, for values of any kind.
#[derive(Debug)]
pub struct InjectionWriter<'c, O> {
    checker: Checker<'c, O>,
    merge_strategy: &'c str,
    now: Duration,
    index: usize,
    array_at: u64,
    pairs: KeyScopeSet,
}

impl<'c, O: JsonWriter> InjectionWriter<'c, O> {
    /// A body that begins in `out`; `now` tells which times have passed.
    pub fn new(policy: &'c Policy, merge_strategy: &'c str, now: Duration, out: O) -> Self {
        let mut checker = Checker::new(policy, out);
        checker.variables_below(2);
        checker.write_raw("{\"variables\":");
        let array_at = checker.written();
        checker.write_raw("[");
        Self { checker, merge_strategy, now, index: 0, array_at, pairs: KeyScopeSet::new() }
    }

    /// One variable. `visit` tells the checker of its value, which stands at the place it is given.
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
        let place = self.index;
        if place > 0 {
            self.checker.write_raw(",");
        }
        self.index += 1;
        let start = self.at() + KEY.len();
        self.checker.begin_named_value(KEY, key, VALUE, &entry.key("key"));
        let key_at = start..self.at() - VALUE.len();
        let value = entry.key("value");
        visit(&mut self.checker, &value);
        self.checker.end_member(&value);
        let start = self.at() + SCOPE.len();
        let mut end = start + scope.len() + 2;
        // As bytes, which are compared in place: as text each would be a call.
        match (expires_at, scope.as_bytes()) {
            (None, b"session") => {
                self.checker.write_raw(",\"scope\":\"session\",\"expiresAt\":null}");
            }
            (None, b"user") => self.checker.write_raw(",\"scope\":\"user\",\"expiresAt\":null}"),
            (None, b"global") => {
                self.checker.write_raw(",\"scope\":\"global\",\"expiresAt\":null}");
            }
            _ => end = self.scope_and_end(scope, expires_at, &entry),
        }
        self.pairs.push(KeyScope::new(place, start..end, key_at, key));
    }

    /// Where the next byte of the body goes.
    #[inline(always)]
    fn at(&self) -> usize {
        self.checker.written() as usize
    }

    /// Gives where the scope ends in the body.
    fn scope_and_end(&mut self, scope: &str, expires_at: Option<&str>, entry: &Path<'_>) -> usize {
        self.checker.write_raw(SCOPE);
        self.checker.write_raw_string(scope);
        let scope_end = self.at();
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

    /// The next variable has no such field, which every variable needs: it is passed over.
    pub fn missing(&mut self, field: &str) {
        self.refuse(&[(field, FieldError::Missing)]);
    }

    /// The next variable's field is of a kind that it cannot be: the variable is passed over. An
    /// empty field is the variable itself.
    pub fn wrong_type(&mut self, field: &str) {
        self.refuse(&[(field, FieldError::WrongType)]);
    }

    /// The next variable's field holds half of a surrogate pair: the variable is passed over.
    pub fn lone_surrogate(&mut self, field: &str) {
        self.refuse(&[(field, FieldError::LoneSurrogate)]);
    }

    /// The next variable cannot be read, for these reasons, each with its field: it is passed over.
    #[cold]
    pub fn refuse(&mut self, fields: &[(&str, FieldError)]) {
        let list = Path::ROOT.key("variables");
        let entry = list.index(self.index);
        for &(field, refusal) in fields {
            let path =
                if field.is_empty() { entry.to_pointer() } else { entry.key(field).to_pointer() };
            self.checker.report(refusal.into_issue(path));
        }
        self.index += 1;
    }
}

/// Why a variable of a host language cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// A field that every variable needs is not there.
    Missing,
    /// A field is of a kind that it cannot be.
    WrongType,
    /// A field holds half of a surrogate pair.
    LoneSurrogate,
}

impl FieldError {
    fn into_issue(self, path: String) -> Issue {
        match self {
            Self::Missing => Issue::error(Code::MissingField, path, "a variable needs this field")
                .hint("Give the field."),
            Self::WrongType => Issue::error(
                Code::WrongType,
                path,
                "the value is of another kind than is asked for",
            )
            .hint(
                "A variable has a key and a scope as text, any value, and an end as RFC 3339 text.",
            ),
            Self::LoneSurrogate => Issue::error(
                Code::LoneSurrogate,
                path,
                "the text holds half of a surrogate pair, which UTF-8 cannot carry",
            )
            .hint(
                "The text was cut inside a character, or decoded wrongly: repair it at its source.",
            ),
        }
    }
}

impl InjectionWriter<'_, Vec<u8>> {
    /// Ends the body.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue that was found.
    pub fn finish(self) -> Result<CheckedBody, ValidationError> {
        let Self { mut checker, merge_strategy, array_at, pairs, .. } = self;
        checker.write_raw("]");
        let list = Path::ROOT.key("variables");
        for place in pairs.repeated(checker.body()) {
            checker.report(duplicate(&list.index(place)));
        }
        let array_bytes = checker.written() - array_at;
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
    Issue::error(
        Code::InvalidScope,
        entry.key("scope").to_pointer(),
        "the scope is none of `session`, `user`, `global`",
    )
    .hint("Name one of the three.")
}

#[cold]
fn duplicate(entry: &Path<'_>) -> Issue {
    Issue::error(
        Code::DuplicateVariable,
        entry.to_pointer(),
        "a variable of this key and scope has come before",
    )
    .hint("Keep one of them.")
}

/// A time that is none, or has passed.
fn check_expiry(time: &str, now: Duration, at: &Path<'_>) -> Option<Issue> {
    let Some(since_1970) = parse_rfc3339(time) else {
        return Some(
            Issue::error(Code::InvalidTimestamp, at.to_pointer(), "the time is not RFC 3339")
                .hint("Write it like 2030-01-31T12:00:00Z."),
        );
    };
    (since_1970 <= now.as_secs_f64()).then(|| {
        Issue::warning(
            Code::Expired,
            at.to_pointer(),
            "the time has passed: the variable is gone at once",
        )
        .hint("Give a time to come, or none.")
    })
}
