//! The dialogs of `/runtime/v2`.

use crate::etag::Revision;
use crate::fields::Fields;
use crate::problem::Problem;
use crate::size;
use crate::store::{Weighted, checked_weight};
use crate::variable_names;
use serde_json::{Map, Value, json};

/// The state of a dialog.
#[derive(Debug)]
pub(crate) struct Dialog {
    session: Map<String, Value>,
    user: Map<String, Value>,
    next_step: Option<String>,
    /// The number of updates with a transition, without the seed.
    transitions: u64,
    /// The version, from 1. Each update adds 1.
    version: u64,
    revision: Revision,
    /// The size of the variables' names and values, in bytes of JSON text.
    weight: usize,
}

/// The changes of an update.
#[derive(Debug)]
pub(crate) struct Update {
    session: Map<String, Value>,
    user: Map<String, Value>,
    next_step: Option<String>,
}

impl Update {
    /// Reads the body of an update. Reports all errors at once; an update without a change is an error.
    pub(crate) fn read(body: Map<String, Value>) -> Result<Self, Problem> {
        let (update, fields) = Self::read_parts(body);
        let details = fields.into_details();
        if !details.is_empty() {
            return Err(Problem::invalid("The state update is invalid.", details));
        }
        if update.session.is_empty() && update.user.is_empty() && update.next_step.is_none() {
            return Err(Problem::invalid(
                "The state update is empty. Set session, user or transition.",
                Vec::new(),
            ));
        }
        Ok(update)
    }

    /// Reads the seed of a dialog: an update that can be empty.
    pub(crate) fn read_seed(body: Map<String, Value>) -> Result<Self, Problem> {
        let (update, mut fields) = Self::read_parts(body);
        fields.reject_unknown(&[]);
        fields.finish()?;
        Ok(update)
    }

    fn read_parts(body: Map<String, Value>) -> (Self, Fields) {
        let mut fields = Fields::of(body);
        let session = read_variables(&mut fields, "session");
        let user = read_variables(&mut fields, "user");
        let next_step = fields.optional_object("transition").and_then(|transition| {
            let mut inner = Fields::within("transition", transition);
            let next_step = inner.required_nonempty_string("nextStep");
            fields.add(inner.into_details());
            next_step
        });
        (Self { session, user, next_step }, fields)
    }
}

/// Reads one part of a state and validates its names and values.
fn read_variables(fields: &mut Fields, part: &'static str) -> Map<String, Value> {
    let variables = fields.optional_object(part).unwrap_or_default();
    for (name, value) in &variables {
        let path = format!("{part}.{name}");
        if let Some(message) = variable_names::check_state_name(name) {
            fields.reject(&path, message);
        }
        if value.is_null() {
            fields.reject(&path, "must not be null");
        }
    }
    variables
}

impl Dialog {
    /// Creates a dialog with the state of an update.
    pub(crate) fn new(update: Update, revision: Revision) -> Self {
        let Update { session, user, next_step } = update;
        let (mut session_part, mut user_part) = (Map::new(), Map::new());
        let weight = set_all(&mut session_part, session, 0);
        let weight = set_all(&mut user_part, user, weight);
        Self {
            session: session_part,
            user: user_part,
            next_step,
            transitions: 0,
            version: 1,
            revision,
            weight,
        }
    }

    /// Creates an empty dialog.
    pub(crate) fn empty(revision: Revision) -> Self {
        let update = Update { session: Map::new(), user: Map::new(), next_step: None };
        Self::new(update, revision)
    }

    /// Sets the variables and the next step of the update. Other variables stay unchanged. Fails with 413,
    /// without effect, if the state and the update together have more than 16 MiB.
    pub(crate) fn update(&mut self, update: Update, revision: Revision) -> Result<(), Problem> {
        let Update { session, user, next_step } = update;
        let added = size::json_bytes(&session).saturating_add(size::json_bytes(&user));
        checked_weight(self.weight.saturating_add(added))?;
        self.weight = set_all(&mut self.session, session, self.weight);
        self.weight = set_all(&mut self.user, user, self.weight);
        if next_step.is_some() {
            self.next_step = next_step;
            self.transitions += 1;
        }
        self.version += 1;
        self.revision = revision;
        Ok(())
    }

    /// Returns the state in the form of a response.
    pub(crate) fn state(&self) -> Value {
        let mut state = json!({"session": self.session, "user": self.user});
        if let (Some(next_step), Some(state)) = (&self.next_step, state.as_object_mut()) {
            state.insert("transition".to_owned(), json!({"nextStep": next_step}));
        }
        state
    }

    /// Returns the dialog for a test.
    pub(crate) fn describe(&self, id: &str) -> Value {
        json!({
            "dialogId": id,
            "session": self.session,
            "user": self.user,
            "nextStep": self.next_step,
            "transitions": self.transitions,
            "version": self.version,
        })
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn revision(&self) -> Revision {
        self.revision
    }
}

/// Sets the variables of one part. Takes the size of both parts in bytes and returns the new size.
fn set_all(part: &mut Map<String, Value>, change: Map<String, Value>, mut weight: usize) -> usize {
    for (name, value) in change {
        weight = weight.saturating_add(name.len() + size::json_bytes(&value));
        let replaced = part.insert(name.clone(), value);
        let removed = replaced.map_or(0, |old| name.len() + size::json_bytes(&old));
        weight = weight.saturating_sub(removed);
    }
    weight
}

impl Weighted for Dialog {
    fn weight(&self) -> usize {
        self.weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overwritten_values_do_not_count_towards_the_weight() {
        let update = |value: Value| {
            let body = json!({"session": {"a": value}, "user": {"b": 1}});
            Update::read(body.as_object().unwrap().clone()).unwrap()
        };
        let mut dialog = Dialog::new(update(json!("long text")), Revision::default());
        let before = dialog.weight();
        for _ in 0..3 {
            dialog.update(update(json!("longer text, and more")), Revision::default()).unwrap();
        }
        dialog.update(update(json!("long text")), Revision::default()).unwrap();
        assert_eq!(dialog.weight(), before);
        assert_eq!(dialog.version(), 5);
    }
}
