//! Resolves variables that share a name by the precedence of their scopes.

use std::borrow::Cow;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use hashbrown::HashTable;

/// Returns the precedence of a scope: `global` 1, `bot` 2, `session` 3, `user` 4, any other scope 0.
///
/// ```
/// use cognigy_context::scope::precedence;
///
/// assert!(precedence("user") > precedence("session"));
/// assert!(precedence("global") > precedence("Tenant"));
/// ```
#[must_use]
pub fn precedence(scope: &str) -> u8 {
    match scope {
        "global" => 1,
        "bot" => 2,
        "session" => 3,
        "user" => 4,
        _ => 0,
    }
}

/// The resolved and the shadowed variables of a list, as indexes into the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolution {
    /// The index of the resolved variable of each name, in the order in which the names first appear.
    pub resolved: Vec<usize>,
    /// For each shadowed variable, its index and the index of the variable that shadows it.
    pub shadowed: Vec<(usize, usize)>,
}

/// The variable with the highest precedence so far, among the variables with one name.
struct Candidate<'v> {
    name: Cow<'v, str>,
    index: usize,
    precedence: u8,
    hash: u64,
}

/// Resolves a list of variables, given as pairs of name and scope.
///
/// Among the variables with one name, the one with the highest [`precedence`] is resolved, and it
/// shadows the others. Among several with the highest precedence the first is resolved.
///
/// ```
/// use cognigy_context::scope::resolve;
///
/// let resolution = resolve([("tier", "bot"), ("lang", "user"), ("tier", "session")]);
/// assert_eq!(resolution.resolved, [2, 1]);
/// assert_eq!(resolution.shadowed, [(0, 2)]);
/// ```
pub fn resolve<'v>(
    variables: impl IntoIterator<Item = (impl Into<Cow<'v, str>>, impl AsRef<str>)>,
) -> Resolution {
    let variables = variables.into_iter();
    let expected = variables.size_hint().0;
    // A seeded hasher prevents chosen names from colliding; this one is faster than the standard
    // library's.
    let hasher = RandomState::default();
    // Positions in `candidates`, by name.
    let mut by_name: HashTable<usize> = HashTable::with_capacity(expected);
    let mut candidates: Vec<Candidate<'v>> = Vec::with_capacity(expected);
    // The index of each shadowed variable, and the position of its candidate.
    let mut shadowed_by_candidate = Vec::new();
    for (index, (name, scope)) in variables.enumerate() {
        let name: Cow<'v, str> = name.into();
        let precedence = precedence(scope.as_ref());
        let hash = hasher.hash_one(name.as_ref());
        let has_name =
            |&position: &usize| candidates.get(position).is_some_and(|found| found.name == name);
        match by_name.find(hash, has_name) {
            Some(&position) => {
                let Some(candidate) = candidates.get_mut(position) else { continue };
                if precedence > candidate.precedence {
                    shadowed_by_candidate.push((candidate.index, position));
                    (candidate.index, candidate.precedence) = (index, precedence);
                } else {
                    shadowed_by_candidate.push((index, position));
                }
            }
            None => {
                let position = candidates.len();
                candidates.push(Candidate { name, index, precedence, hash });
                by_name.insert_unique(hash, position, |&position| {
                    candidates.get(position).map_or(0, |candidate| candidate.hash)
                });
            }
        }
    }
    let resolved: Vec<usize> = candidates.into_iter().map(|candidate| candidate.index).collect();
    let mut shadowed: Vec<(usize, usize)> = shadowed_by_candidate
        .into_iter()
        .filter_map(|(index, position)| resolved.get(position).map(|by| (index, *by)))
        .collect();
    shadowed.sort_unstable();
    Resolution { resolved, shadowed }
}
