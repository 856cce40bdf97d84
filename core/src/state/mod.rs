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

/// An update of a dialog's state.
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
    /// Variables of the session.
    pub session: Map<String, Value>,
    /// Variables of the user.
    pub user: Map<String, Value>,
    /// The step that the dialog goes to.
    pub next_step: Option<String>,
}

/// Shows names and no values.
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
    /// With a variable of the session.
    #[must_use]
    pub fn session(mut self, name: impl Into<String>, value: Value) -> Self {
        self.session.insert(name.into(), value);
        self
    }

    /// With a variable of the user.
    #[must_use]
    pub fn user(mut self, name: impl Into<String>, value: Value) -> Self {
        self.user.insert(name.into(), value);
        self
    }

    /// With a step that the dialog goes to.
    #[must_use]
    pub fn next_step(mut self, step: impl Into<String>) -> Self {
        self.next_step = Some(step.into());
        self
    }

    /// The checked body as compact JSON, in one pass.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue; paths are of the body (`/session/turn`).
    pub fn to_json(&self) -> Result<CheckedBody, ValidationError> {
        self.to_json_with_policy(Policy::state())
    }

    /// The same under another policy than `state`.
    ///
    /// # Errors
    /// As [`to_json`](Self::to_json).
    pub fn to_json_with_policy(&self, policy: &Policy) -> Result<CheckedBody, ValidationError> {
        let mut writer = StateWriter::new(policy, Vec::new());
        writer.session(self.session.is_empty(), visit(&self.session));
        writer.user(self.user.is_empty(), visit(&self.user));
        writer.finish(self.next_step.as_deref())
    }

    /// The update as parts that each fit the payload limit, in order; the transition is in the
    /// last. An update that fits is its own only part.
    ///
    /// # Errors
    /// [`ValidationError`] when the update has an error other than its size, or a single variable
    /// fits no part.
    pub fn split(&self) -> Result<Vec<Self>, ValidationError> {
        self.split_with_policy(Policy::state())
    }

    /// The same under another policy than `state`.
    ///
    /// # Errors
    /// As [`split`](Self::split).
    pub fn split_with_policy(&self, policy: &Policy) -> Result<Vec<Self>, ValidationError> {
        let mut sizes = StateSplitter::new(policy);
        sizes.session(self.session.is_empty(), visit(&self.session));
        sizes.user(self.user.is_empty(), visit(&self.user));
        let parts = sizes.split(self.next_step.as_deref())?;
        let take = |from: &Map<String, Value>, range: &Range<usize>| -> Map<String, Value> {
            // Places count what the policy keeps.
            let kept = from.iter().filter(|(name, _)| !policy.is_internal(name));
            let members = kept.skip(range.start).take(range.len());
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
