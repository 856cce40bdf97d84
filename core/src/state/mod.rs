//! Updates of a dialog's state: `{"session"?, "user"?, "transition"?: {"nextStep"}}`.

pub(crate) mod splitter;
pub(crate) mod writer;

use std::fmt;
use std::ops::Range;

use serde::Serialize;
use serde_json::{Map, Value};

use self::splitter::StateSplitter;
use self::writer::StateWriter;
use crate::check::{CheckedBody, Checker, JsonWriter, Path, serde_value};
use crate::policy::Policy;
use crate::report::ValidationError;

/// An update of a dialog's state. The default is empty; writing an empty update is an error.
///
/// ```
/// use cognigy_context::StateUpdate;
/// use serde_json::json;
///
/// let update = StateUpdate::default().session("turn", json!(4)).next_step("confirm");
/// assert_eq!(
///     update.to_json()?.body,
///     br#"{"session":{"turn":4},"transition":{"nextStep":"confirm"}}"#,
/// );
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct StateUpdate {
    /// The variables of the session, by name.
    pub session: Map<String, Value>,
    /// The variables of the user, by name.
    pub user: Map<String, Value>,
    /// The step that the dialog moves to; `None` for no transition.
    pub next_step: Option<String>,
}

/// Shows the names of the variables, but no values.
impl fmt::Debug for StateUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateUpdate")
            .field("session", &self.session.keys().collect::<Vec<_>>())
            .field("user", &self.user.keys().collect::<Vec<_>>())
            .field("has_next_step", &self.next_step.is_some())
            .finish()
    }
}

impl StateUpdate {
    /// Adds a variable of the session, or replaces the one with this name.
    #[must_use]
    pub fn session(mut self, name: impl Into<String>, value: Value) -> Self {
        self.session.insert(name.into(), value);
        self
    }

    /// Adds a variable of the user, or replaces the one with this name.
    #[must_use]
    pub fn user(mut self, name: impl Into<String>, value: Value) -> Self {
        self.user.insert(name.into(), value);
        self
    }

    /// Sets the step that the dialog moves to.
    #[must_use]
    pub fn next_step(mut self, step: impl Into<String>) -> Self {
        self.next_step = Some(step.into());
        self
    }

    /// Checks the update with the policy `state` and writes the request body as compact JSON, in one
    /// pass.
    ///
    /// # Errors
    /// [`ValidationError`] when an issue is an error; the paths refer to the body (`/session/turn`).
    pub fn to_json(&self) -> Result<CheckedBody, ValidationError> {
        self.to_json_with_policy(Policy::state())
    }

    /// Checks the update with `policy` and writes the request body as compact JSON, in one pass.
    ///
    /// # Errors
    /// As [`to_json`](Self::to_json).
    pub fn to_json_with_policy(&self, policy: &Policy) -> Result<CheckedBody, ValidationError> {
        let mut writer = StateWriter::new(policy, Vec::new());
        writer.session(self.session.is_empty(), visit(&self.session));
        writer.user(self.user.is_empty(), visit(&self.user));
        writer.finish(self.next_step.as_deref())
    }

    /// Splits the update into parts that each fit the payload limit of the policy `state`.
    ///
    /// The parts keep the order of the variables, and the last part contains the transition. An update
    /// that fits is returned as the only part.
    ///
    /// ```
    /// use cognigy_context::StateUpdate;
    /// use serde_json::json;
    ///
    /// let update = StateUpdate::default()
    ///     .session("first", json!("x".repeat(300_000)))
    ///     .session("second", json!("y".repeat(300_000)))
    ///     .next_step("confirm");
    /// let parts = update.split()?;
    /// assert_eq!(parts.len(), 2);
    /// assert_eq!(parts[0].next_step, None);
    /// assert_eq!(parts[1].next_step.as_deref(), Some("confirm"));
    /// # Ok::<(), cognigy_context::ValidationError>(())
    /// ```
    ///
    /// # Errors
    /// [`ValidationError`] when the update has an error other than its size, or a single variable is
    /// too large for a part.
    pub fn split(&self) -> Result<Vec<Self>, ValidationError> {
        self.split_with_policy(Policy::state())
    }

    /// Splits the update into parts that each fit the payload limit of `policy`.
    ///
    /// # Errors
    /// As [`split`](Self::split).
    pub fn split_with_policy(&self, policy: &Policy) -> Result<Vec<Self>, ValidationError> {
        let mut splitter = StateSplitter::new(policy);
        splitter.session(self.session.is_empty(), visit(&self.session));
        splitter.user(self.user.is_empty(), visit(&self.user));
        let parts = splitter.split(self.next_step.as_deref())?;
        let take = |from: &Map<String, Value>, range: &Range<usize>| -> Map<String, Value> {
            // The ranges do not count the internal keys that the policy removes.
            let sent = from.iter().filter(|(name, _)| !policy.is_internal(name));
            let members = sent.skip(range.start).take(range.len());
            members.map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        Ok(parts
            .iter()
            .map(|part| Self {
                session: take(&self.session, &part.session),
                user: take(&self.user, &part.user),
                next_step: self.next_step.clone().filter(|_| part.has_transition),
            })
            .collect())
    }
}

fn visit<'v, O: JsonWriter>(
    variables: &'v impl Serialize,
) -> impl FnOnce(&mut Checker<'_, O>, &Path<'_>) + 'v {
    |checker, at| serde_value::visit_at(variables, checker, at)
}
