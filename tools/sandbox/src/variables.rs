//! The variables of a session that were injected through `/api/v2`.

use crate::etag::Revision;
use crate::injection::{SCOPES, VariableToInject};
use crate::problem::Problem;
use crate::size;
use crate::store::checked_weight;
use indexmap::IndexMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use time::OffsetDateTime;

/// The variables of a session by name and scope.
#[derive(Debug)]
pub(crate) struct Variables {
    /// For each name one slot per scope, in the order of [`SCOPES`]: lowest precedence first.
    by_name: IndexMap<String, [Option<Stored>; SCOPES.len()]>,
    revision: Revision,
    /// No variable expires before this time; `None` if no variable expires.
    next_expiry: Option<OffsetDateTime>,
    /// The size of the values (as JSON text) and their names, in bytes.
    weight: usize,
}

#[derive(Debug)]
struct Stored {
    value: Value,
    /// The expiry, as a time and as the received text.
    expires_at: Option<(OffsetDateTime, String)>,
    weight: usize,
}

impl Variables {
    pub(crate) fn new(revision: Revision) -> Self {
        Self { by_name: IndexMap::new(), revision, next_expiry: None, weight: 0 }
    }

    /// Sets all variables in their scopes, then removes expired variables. Other variables stay unchanged.
    /// Fails with 413, without effect, if the old and new variables have more than 16 MiB.
    pub(crate) fn merge(
        &mut self,
        variables: Vec<VariableToInject>,
        now: OffsetDateTime,
        revision: Revision,
    ) -> Result<(), Problem> {
        let weights: Vec<usize> = variables
            .iter()
            .map(|variable| size::json_bytes(&variable.value).saturating_add(variable.key.len()))
            .collect();
        let total = weights.iter().fold(self.weight, |sum, weight| sum.saturating_add(*weight));
        checked_weight(total)?;
        for (variable, weight) in variables.into_iter().zip(weights) {
            let VariableToInject { key, scope, value, expires_at } = variable;
            if let Some((time, _)) = &expires_at {
                self.next_expiry = Some(self.next_expiry.map_or(*time, |next| next.min(*time)));
            }
            let slots = self.by_name.entry(key).or_default();
            if let Some(slot) = slots.get_mut(scope.rank()) {
                let old = slot.replace(Stored { value, expires_at, weight });
                self.weight = self.weight.saturating_add(weight);
                self.weight = self.weight.saturating_sub(old.map_or(0, |old| old.weight));
            }
        }
        self.revision = revision;
        self.expire(now, revision);
        Ok(())
    }

    /// Removes expired variables. A removal changes the revision.
    pub(crate) fn expire(&mut self, now: OffsetDateTime, revision: Revision) {
        if self.next_expiry.is_none_or(|time| time > now) {
            return;
        }
        let (mut next_expiry, mut weight) = (None::<OffsetDateTime>, 0_usize);
        self.by_name.retain(|_, slots| {
            for slot in slots.iter_mut() {
                if slot.as_ref().is_some_and(|stored| stored.is_expired(now)) {
                    *slot = None;
                }
                let Some(stored) = slot else { continue };
                weight = weight.saturating_add(stored.weight);
                if let Some((time, _)) = &stored.expires_at {
                    next_expiry = Some(next_expiry.map_or(*time, |next| next.min(*time)));
                }
            }
            slots.iter().any(Option::is_some)
        });
        (self.next_expiry, self.weight, self.revision) = (next_expiry, weight, revision);
    }

    /// Returns the value of each name: the value of the scope with the highest precedence.
    pub(crate) fn resolved(&self) -> ResolvedVariables<'_> {
        ResolvedVariables(self)
    }

    /// Returns the name, scope and value of all variables: names in insertion order, scopes with the lowest
    /// precedence first. Call [`Variables::expire`] first; expired variables are included.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'static str, &Value)> {
        self.stored().map(|(name, scope, stored)| (name, scope, &stored.value))
    }

    pub(crate) fn revision(&self) -> Revision {
        self.revision
    }

    pub(crate) fn weight(&self) -> usize {
        self.weight
    }

    /// Returns the variables that have not expired, for a test; `None` if there are none.
    pub(crate) fn describe(&self, now: OffsetDateTime) -> Option<Value> {
        let all: Vec<Value> = self
            .stored()
            .filter(|(_, _, stored)| !stored.is_expired(now))
            .map(|(name, scope, stored)| {
                let expires_at = stored.expires_at.as_ref().map(|(_, text)| text);
                json!({"key": name, "value": stored.value, "scope": scope, "expiresAt": expires_at})
            })
            .collect();
        (!all.is_empty()).then_some(Value::Array(all))
    }

    fn stored(&self) -> impl Iterator<Item = (&str, &'static str, &Stored)> {
        self.by_name.iter().flat_map(|(name, slots)| {
            let stored = slots
                .iter()
                .zip(SCOPES)
                .filter_map(|(slot, scope)| slot.as_ref().map(|stored| (scope.name(), stored)));
            stored.map(move |(scope, stored)| (name.as_str(), scope, stored))
        })
    }
}

impl Stored {
    fn is_expired(&self, now: OffsetDateTime) -> bool {
        self.expires_at.as_ref().is_some_and(|(time, _)| *time <= now)
    }
}

/// The value of each name after scope precedence, as a JSON object.
pub(crate) struct ResolvedVariables<'a>(&'a Variables);

impl Serialize for ResolvedVariables<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.by_name.iter().filter_map(|(name, slots)| {
            let stored = slots.iter().rev().flatten().next()?;
            Some((name, &stored.value))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use crate::etag::Revisions;
    use crate::injection::Scope;

    const NOW: &str = "2026-01-01T00:00:00Z";

    fn variable(
        key: &str,
        scope: Scope,
        value: Value,
        expires_at: Option<&str>,
    ) -> VariableToInject {
        let expires_at = expires_at.map(|text| (clock::parse(text).unwrap(), text.to_owned()));
        VariableToInject { key: key.to_owned(), scope, value, expires_at }
    }

    fn text(variables: &Variables) -> String {
        serde_json::to_string(&variables.resolved()).unwrap()
    }

    #[test]
    fn the_highest_scope_is_resolved_until_its_variable_expires() {
        let mut revisions = Revisions::default();
        let mut variables = Variables::new(revisions.next());
        let later = "2026-01-01T00:00:10Z";
        variables
            .merge(
                vec![
                    variable("a", Scope::User, json!("user"), Some(later)),
                    variable("a", Scope::Global, json!("global"), None),
                    variable("b", Scope::Session, json!(1), Some(later)),
                    variable("c", Scope::Session, json!(null), Some(NOW)),
                ],
                clock::parse(NOW).unwrap(),
                revisions.next(),
            )
            .unwrap();
        assert_eq!(text(&variables), r#"{"a":"user","b":1}"#);

        let before = variables.revision();
        variables.expire(clock::parse("2026-01-01T00:00:09Z").unwrap(), revisions.next());
        assert_eq!(variables.revision(), before);
        variables.expire(clock::parse(later).unwrap(), revisions.next());
        assert_ne!(variables.revision(), before);
        assert_eq!(text(&variables), r#"{"a":"global"}"#);
        assert_eq!(variables.weight(), r#"a"global""#.len());
    }

    #[test]
    fn setting_a_variable_again_keeps_other_scopes_and_counts_it_once() {
        let mut revisions = Revisions::default();
        let mut variables = Variables::new(revisions.next());
        for value in [json!("long enough"), json!("x")] {
            let both = vec![
                variable("k", Scope::Session, value, None),
                variable("k", Scope::Global, json!(0), None),
            ];
            variables.merge(both, clock::parse(NOW).unwrap(), revisions.next()).unwrap();
        }
        let all: Vec<_> = variables.iter().collect();
        assert_eq!(all, [("k", "global", &json!(0)), ("k", "session", &json!("x"))]);
        assert_eq!(variables.weight(), r#"k0"#.len() + r#"k"x""#.len());
    }
}
