//! The pending faults and the requests that they match.

use super::effect::Effect;
use serde_json::{Value, json};

/// The maximum number of pending faults.
const MAX_FAULTS: usize = 1_000;

/// The prefix of the control routes.
const CONTROL_PREFIX: &str = "/_sandbox";

/// An effect and the requests to which it applies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fault {
    pub(crate) effect: Effect,
    /// The remaining number of requests; `None` is unlimited.
    pub(crate) times: Option<u64>,
    /// The remaining number of matching requests without the effect.
    pub(crate) skip: u64,
    /// The method; `None` matches any.
    pub(crate) method: Option<String>,
    /// The prefix of the path as sent (percent-encoded).
    pub(crate) path_prefix: String,
    /// The probability that the fault applies to a matching request; `None` means always.
    pub(crate) chance: Option<FaultProbability>,
}

/// A reproducible probability: the same seed selects the same requests.
#[derive(Clone, Debug)]
pub(crate) struct FaultProbability {
    probability: f64,
    random: fastrand::Rng,
}

impl FaultProbability {
    /// Creates a selection of requests. `probability` is from 0 to 1.
    pub(crate) fn new(probability: f64, seed: u64) -> Self {
        Self { probability, random: fastrand::Rng::with_seed(seed) }
    }

    /// Returns whether the next request is selected.
    fn selects_next(&mut self) -> bool {
        self.random.f64() < self.probability
    }
}

/// The pending faults, oldest first.
#[derive(Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a fault. Returns `false` if the maximum number is reached.
    pub(crate) fn add(&mut self, fault: Fault) -> bool {
        if self.0.len() >= MAX_FAULTS {
            return false;
        }
        self.0.push(fault);
        true
    }

    /// Returns the effect of the first fault that matches the request, has no requests left to skip and is
    /// selected by its probability; `None` without such a fault. Removes a fault without remaining requests.
    pub(crate) fn effect_for(&mut self, method: &str, path: &str) -> Option<Effect> {
        let index = self.0.iter_mut().position(|fault| fault.applies_to_next(method, path))?;
        let fault = self.0.get_mut(index)?;
        fault.times = fault.times.map(|times| times.saturating_sub(1));
        if fault.times == Some(0) {
            return Some(self.0.remove(index).effect);
        }
        Some(fault.effect.clone())
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn to_json(&self) -> Value {
        Value::Array(self.0.iter().map(Fault::to_json).collect())
    }
}

impl Fault {
    /// Returns whether the fault applies to the next request. Call this method once per request, because it
    /// counts skipped requests and draws a random number.
    fn applies_to_next(&mut self, method: &str, path: &str) -> bool {
        // A fault applies to a control route only if its own prefix is a control prefix.
        let can_apply =
            self.path_prefix.starts_with(CONTROL_PREFIX) || !path.starts_with(CONTROL_PREFIX);
        let matches = can_apply
            && path.starts_with(&self.path_prefix)
            && self
                .method
                .as_ref()
                .is_none_or(|configured| configured.eq_ignore_ascii_case(method));
        if !matches {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        self.chance.as_mut().is_none_or(FaultProbability::selects_next)
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut fault = self.effect.to_json();
        if let Some(fields) = fault.as_object_mut() {
            fields.insert("times".to_owned(), json!(self.times));
            fields.insert("skip".to_owned(), json!(self.skip));
            fields.insert("method".to_owned(), json!(self.method));
            fields.insert("pathPrefix".to_owned(), json!(self.path_prefix));
            fields.insert(
                "chance".to_owned(),
                json!(self.chance.as_ref().map(|chance| chance.probability)),
            );
        }
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(status: u16) -> Fault {
        Fault { effect: Effect { status: Some(status), ..Effect::default() }, ..Fault::default() }
    }

    fn status(faults: &mut Faults, method: &str, path: &str) -> Option<u16> {
        faults.effect_for(method, path).and_then(|effect| effect.status)
    }

    #[test]
    fn a_fault_skips_and_applies_and_then_the_next_one_applies() {
        let mut faults = Faults::default();
        faults.add(Fault { times: Some(2), skip: 1, ..fault(500) });
        faults.add(Fault { path_prefix: "/a".to_owned(), ..fault(503) });
        let statuses =
            ["/b", "/b", "/a", "/a", "/b", "/a"].map(|path| status(&mut faults, "GET", path));
        assert_eq!(statuses, [None, Some(500), Some(500), Some(503), None, Some(503)]);
    }

    #[test]
    fn a_fault_for_a_method_does_not_apply_to_other_methods() {
        let mut faults = Faults::default();
        faults.add(Fault { method: Some("put".to_owned()), times: Some(1), ..fault(500) });
        let statuses = ["GET", "PUT", "PUT"].map(|method| status(&mut faults, method, "/"));
        assert_eq!(statuses, [None, Some(500), None]);
    }

    #[test]
    fn control_routes_match_only_faults_with_a_control_prefix() {
        let mut faults = Faults::default();
        faults.add(fault(500));
        assert_eq!(status(&mut faults, "POST", "/_sandbox/webhook"), None);
        faults.add(Fault { path_prefix: "/_sandbox/webhook".to_owned(), ..fault(503) });
        assert_eq!(status(&mut faults, "POST", "/_sandbox/webhook"), Some(503));
        assert_eq!(status(&mut faults, "POST", "/api"), Some(500));
    }

    #[test]
    fn a_probability_selects_its_fraction_and_is_reproducible_per_seed() {
        let run = |seed| {
            let mut faults = Faults::default();
            faults.add(Fault { chance: Some(FaultProbability::new(0.25, seed)), ..fault(500) });
            (0..4_000).map(|_| faults.effect_for("GET", "/").is_some()).collect::<Vec<_>>()
        };
        let selected = run(1).iter().filter(|applied| **applied).count();
        assert!((900..1_100).contains(&selected), "{selected}");
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }

    #[test]
    fn a_probability_of_zero_never_matches_and_consumes_no_times() {
        let mut faults = Faults::default();
        faults.add(Fault {
            chance: Some(FaultProbability::new(0.0, 0)),
            times: Some(1),
            ..fault(500)
        });
        faults.add(fault(503));
        assert_eq!(status(&mut faults, "GET", "/"), Some(503));
        assert_eq!(faults.0.len(), 2);
    }
}
