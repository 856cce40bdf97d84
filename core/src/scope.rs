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

/// The variable with the highest precedence of one name so far.
struct Candidate<'v> {
    name: Cow<'v, str>,
    index: usize,
    precedence: u8,
    hash: u64,
}

/// Resolves a list of variables, given as name and scope. Of each name the variable with the highest
/// [`precedence`] is resolved; of equal ones the first.
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
    // Seeded, so that names cannot be chosen to collide, and faster than the standard library's.
    let hasher = RandomState::default();
    // Indexes into `candidates`, by name.
    let mut by_name: HashTable<usize> = HashTable::with_capacity(expected);
    let mut candidates: Vec<Candidate<'v>> = Vec::with_capacity(expected);
    // The index of each shadowed variable, and its candidate.
    let mut losers = Vec::new();
    for (index, (name, scope)) in variables.enumerate() {
        let name: Cow<'v, str> = name.into();
        let precedence = precedence(scope.as_ref());
        let hash = hasher.hash_one(name.as_ref());
        let has_name =
            |&at: &usize| candidates.get(at).is_some_and(|candidate| candidate.name == name);
        match by_name.find(hash, has_name) {
            Some(&at) => {
                let Some(candidate) = candidates.get_mut(at) else { continue };
                if precedence > candidate.precedence {
                    losers.push((candidate.index, at));
                    (candidate.index, candidate.precedence) = (index, precedence);
                } else {
                    losers.push((index, at));
                }
            }
            None => {
                let at = candidates.len();
                candidates.push(Candidate { name, index, precedence, hash });
                by_name.insert_unique(hash, at, |&at| {
                    candidates.get(at).map_or(0, |candidate| candidate.hash)
                });
            }
        }
    }
    let resolved: Vec<usize> = candidates.into_iter().map(|candidate| candidate.index).collect();
    let mut shadowed: Vec<(usize, usize)> = losers
        .into_iter()
        .filter_map(|(loser, at)| resolved.get(at).map(|winner| (loser, *winner)))
        .collect();
    shadowed.sort_unstable();
    Resolution { resolved, shadowed }
}
