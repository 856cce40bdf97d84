//! Payloads of injected variables: `{"variables": [{key, value, scope, expiresAt}], "mergeStrategy"}`.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::check::{
    CheckedBody, Checker, JsonWriter, Pair, Pairs, Path, ValueVisitor, serde_value,
};
use crate::clock::{Clock, parse_rfc3339};
use crate::issue::{Code, Issue};
use crate::policy::Policy;
use crate::report::ValidationError;

/// The scopes that a variable can be injected into.
pub const SCOPES: [&str; 3] = ["session", "user", "global"];

/// The merge strategy of a payload that names none.
pub const DEFAULT_MERGE_STRATEGY: &str = "atomic_put";

/// One variable to inject.
#[derive(Clone, PartialEq)]
pub struct InjectionVariable<V = Value> {
    /// Its name.
    pub key: String,
    /// Its value: anything with a JSON form.
    pub value: V,
    /// Its scope: `session`, `user` or `global`.
    pub scope: String,
    /// When it ends, as RFC 3339 text.
    pub expires_at: Option<String>,
}

/// Shows no value.
impl<V> fmt::Debug for InjectionVariable<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InjectionVariable")
            .field("key", &self.key)
            .field("scope", &self.scope)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl<V> InjectionVariable<V> {
    /// A variable of the session, without end.
    pub fn new(key: impl Into<String>, value: V) -> Self {
        Self { key: key.into(), value, scope: "session".to_owned(), expires_at: None }
    }

    /// In another scope.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Until then, as RFC 3339 text.
    #[must_use]
    pub fn expires_at(mut self, time: impl Into<String>) -> Self {
        self.expires_at = Some(time.into());
        self
    }
}

/// Variables for one session.
///
/// ```
/// use cognigy_context::{InjectionPayload, InjectionVariable, SystemClock};
/// use serde_json::json;
///
/// let payload = InjectionPayload::new("s-1", [InjectionVariable::new("tier", json!("gold"))]);
/// assert_eq!(
///     payload.to_json(&SystemClock)?.body,
///     br#"{"variables":[{"key":"tier","value":"gold","scope":"session","expiresAt":null}],"mergeStrategy":"atomic_put"}"#,
/// );
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct InjectionPayload<V = Value> {
    /// The session.
    pub session_id: String,
    /// What to inject, in order.
    pub variables: Vec<InjectionVariable<V>>,
    /// How the server merges.
    pub merge_strategy: String,
}

/// Shows neither the session id nor values.
impl<V> fmt::Debug for InjectionPayload<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InjectionPayload")
            .field("variables", &self.variables)
            .field("merge_strategy", &self.merge_strategy)
            .finish_non_exhaustive()
    }
}

impl<V: Serialize> InjectionPayload<V> {
    /// Variables for a session, merged as `atomic_put`.
    pub fn new(
        session_id: impl Into<String>,
        variables: impl IntoIterator<Item = InjectionVariable<V>>,
    ) -> Self {
        Self {
            session_id: session_id.into(),
            variables: variables.into_iter().collect(),
            merge_strategy: DEFAULT_MERGE_STRATEGY.to_owned(),
        }
    }

    /// The checked body as compact JSON, in one pass.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue; paths are of the body (`/variables/0/key`).
    pub fn to_json(&self, clock: &dyn Clock) -> Result<CheckedBody, ValidationError> {
        let mut writer = InjectionWriter::new(
            Policy::injection(),
            &self.merge_strategy,
            clock.now(),
            Vec::new(),
        );
        for variable in &self.variables {
            let expires_at = variable.expires_at.as_deref();
            writer.variable(&variable.key, &variable.scope, expires_at, |checker, at| {
                serde_value::visit_at(&variable.value, checker, at);
            });
        }
        writer.finish()
    }
}

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
    pairs: Pairs,
}

impl<'c, O: JsonWriter> InjectionWriter<'c, O> {
    /// A body that begins in `out`; `now` tells which times have passed.
    pub fn new(policy: &'c Policy, merge_strategy: &'c str, now: Duration, out: O) -> Self {
        let mut checker = Checker::new(policy, out);
        checker.variables_below(2);
        checker.frame("{\"variables\":");
        let array_at = checker.written();
        checker.frame("[");
        Self { checker, merge_strategy, now, index: 0, array_at, pairs: Pairs::new() }
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
            self.checker.frame(",");
        }
        self.index += 1;
        let start = self.at() + KEY.len();
        self.checker.named_apart(KEY, key, VALUE, &entry.key("key"));
        let key_at = start..self.at() - VALUE.len();
        let value = entry.key("value");
        visit(&mut self.checker, &value);
        self.checker.end_member(&value);
        let start = self.at() + SCOPE.len();
        let mut end = start + scope.len() + 2;
        // As bytes, which are compared in place: as text each would be a call.
        match (expires_at, scope.as_bytes()) {
            (None, b"session") => {
                self.checker.frame(",\"scope\":\"session\",\"expiresAt\":null}");
            }
            (None, b"user") => self.checker.frame(",\"scope\":\"user\",\"expiresAt\":null}"),
            (None, b"global") => {
                self.checker.frame(",\"scope\":\"global\",\"expiresAt\":null}");
            }
            _ => end = self.scope_and_end(scope, expires_at, &entry),
        }
        self.pairs.push(Pair::new(place, start..end, key_at, key));
    }

    /// Where the next byte of the body goes.
    #[inline(always)]
    fn at(&self) -> usize {
        self.checker.written() as usize
    }

    /// Gives where the scope ends in the body.
    fn scope_and_end(&mut self, scope: &str, expires_at: Option<&str>, entry: &Path<'_>) -> usize {
        self.checker.frame(SCOPE);
        self.checker.frame_string(scope);
        let scope_end = self.at();
        if !SCOPES.contains(&scope) {
            self.checker.report(unknown_scope(entry));
        }
        self.checker.frame(",\"expiresAt\":");
        match expires_at {
            None => self.checker.frame("null}"),
            Some(time) => {
                self.checker.frame_string(time);
                self.checker.frame("}");
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
        checker.frame("]");
        let list = Path::ROOT.key("variables");
        for place in pairs.repeated(checker.body()) {
            checker.report(duplicate(&list.index(place)));
        }
        let array_bytes = checker.written() - array_at;
        checker.hold_payload(array_bytes, &list);
        checker.frame(",\"mergeStrategy\":");
        checker.frame_string(merge_strategy);
        checker.frame("}");
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
