//! The variables that were injected into a session through `/api/v2`.

use crate::etag::Revision;
use crate::injection::{SCOPES, VariableToInject};
use crate::problem::Problem;
use crate::size;
use crate::tenant::checked_weight;
use indexmap::IndexMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use time::OffsetDateTime;

/// A session's variables by name, and there by scope, the weakest first.
#[derive(Debug)]
pub(crate) struct Variables {
    by_name: IndexMap<String, [Option<Stored>; SCOPES.len()]>,
    revision: Revision,
    /// When the next of them ends.
    next_end: Option<OffsetDateTime>,
    weight: usize,
}

#[derive(Debug)]
struct Stored {
    value: Value,
    end: Option<(OffsetDateTime, String)>,
    weight: usize,
}

impl Variables {
    pub(crate) fn new(revision: Revision) -> Self {
        Self { by_name: IndexMap::new(), revision, next_end: None, weight: 0 }
    }

    /// Sets each variable in its scope, all or none of them. Other variables stay.
    pub(crate) fn merge(
        &mut self,
        variables: Vec<VariableToInject>,
        now: OffsetDateTime,
        revision: Revision,
    ) -> Result<(), Problem> {
        let weights: Vec<usize> = variables
            .iter()
            .map(|it| size::json_bytes(&it.value).saturating_add(it.key.len()))
            .collect();
        let all = weights.iter().fold(self.weight, |sum, weight| sum.saturating_add(*weight));
        checked_weight(all)?;
        for (variable, weight) in variables.into_iter().zip(weights) {
            let VariableToInject { key, scope, value, end } = variable;
            if let Some((end, _)) = &end {
                self.next_end = Some(self.next_end.map_or(*end, |next| next.min(*end)));
            }
            let scopes = self.by_name.entry(key).or_default();
            if let Some(position) = scopes.get_mut(scope.rank()) {
                let old = position.replace(Stored { value, end, weight });
                self.weight = self.weight.saturating_add(weight);
                self.weight = self.weight.saturating_sub(old.map_or(0, |old| old.weight));
            }
        }
        self.revision = revision;
        self.expire(now, revision);
        Ok(())
    }

    /// Lets go what has ended; that is a change as well.
    pub(crate) fn expire(&mut self, now: OffsetDateTime, revision: Revision) {
        if self.next_end.is_none_or(|end| end > now) {
            return;
        }
        let (mut next_end, mut weight) = (None::<OffsetDateTime>, 0_usize);
        self.by_name.retain(|_, scopes| {
            for position in scopes.iter_mut() {
                if position.as_ref().is_some_and(|it| it.has_ended(now)) {
                    *position = None;
                }
                let Some(stored) = position else { continue };
                weight = weight.saturating_add(stored.weight);
                if let Some((end, _)) = &stored.end {
                    next_end = Some(next_end.map_or(*end, |next| next.min(*end)));
                }
            }
            scopes.iter().any(Option::is_some)
        });
        (self.next_end, self.weight, self.revision) = (next_end, weight, revision);
    }

    /// The value that counts for each name: that of the strongest scope.
    pub(crate) fn resolved(&self) -> ResolvedVariables<'_> {
        ResolvedVariables(self)
    }

    /// All of them, in the order of their names' first appearance, the weakest scope first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'static str, &Value)> {
        self.stored().map(|(name, scope, stored)| (name, scope, &stored.value))
    }

    pub(crate) fn revision(&self) -> Revision {
        self.revision
    }

    pub(crate) fn weight(&self) -> usize {
        self.weight
    }

    /// Returns the variables for a test; `None` without variables.
    pub(crate) fn describe(&self, now: OffsetDateTime) -> Option<Value> {
        let all: Vec<Value> = self
            .stored()
            .filter(|(_, _, stored)| !stored.has_ended(now))
            .map(|(name, scope, stored)| {
                let end = stored.end.as_ref().map(|(_, text)| text);
                json!({"key": name, "value": stored.value, "scope": scope, "expiresAt": end})
            })
            .collect();
        (!all.is_empty()).then_some(Value::Array(all))
    }

    fn stored(&self) -> impl Iterator<Item = (&str, &'static str, &Stored)> {
        self.by_name.iter().flat_map(|(name, scopes)| {
            let stored = scopes.iter().zip(SCOPES).filter_map(|(position, scope)| {
                position.as_ref().map(|stored| (scope.name(), stored))
            });
            stored.map(move |(scope, stored)| (name.as_str(), scope, stored))
        })
    }
}

impl Stored {
    fn has_ended(&self, now: OffsetDateTime) -> bool {
        self.end.as_ref().is_some_and(|(end, _)| *end <= now)
    }
}

/// The value that counts for each name, as a JSON object.
pub(crate) struct ResolvedVariables<'a>(&'a Variables);

impl Serialize for ResolvedVariables<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.by_name.iter().filter_map(|(name, scopes)| {
            let winner = scopes.iter().rev().flatten().next()?;
            Some((name, &winner.value))
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

    fn variable(key: &str, scope: Scope, value: Value, end: Option<&str>) -> VariableToInject {
        let end = end.map(|text| (clock::parse(text).unwrap(), text.to_owned()));
        VariableToInject { key: key.to_owned(), scope, value, end }
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
