//! Which of several variables of one name counts.

use std::borrow::Cow;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use hashbrown::HashTable;

/// How strong a scope is: `global` < `bot` < `session` < `user`; one that is not known is below all.
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

/// Which variable of each name counts, and which it hides; all as places in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolution {
    /// The places of the variables that count, in the order in which their names first appear.
    pub resolved: Vec<usize>,
    /// For each shadowed variable: its place, and the place of the one that hides it.
    pub shadowed: Vec<(usize, usize)>,
}

/// The strongest variable of a name so far.
struct Leading<'v> {
    name: Cow<'v, str>,
    place: usize,
    strength: u8,
    hash: u64,
}

/// Resolves a list of variables, given as name and scope: of each name the strongest scope counts,
/// and of equal ones the first.
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
    // Seeded, so that names cannot be made to collide, and quicker than the standard library's.
    let hasher = RandomState::default();
    let mut places: HashTable<usize> = HashTable::with_capacity(expected);
    let mut leading: Vec<Leading<'v>> = Vec::with_capacity(expected);
    let mut losers = Vec::new();
    for (place, (name, scope)) in variables.enumerate() {
        let name: Cow<'v, str> = name.into();
        let strength = precedence(scope.as_ref());
        let hash = hasher.hash_one(name.as_ref());
        let is_same = |&index: &usize| leading.get(index).is_some_and(|held| held.name == name);
        match places.find(hash, is_same) {
            Some(&index) => {
                let Some(held) = leading.get_mut(index) else { continue };
                if strength > held.strength {
                    losers.push((held.place, index));
                    (held.place, held.strength) = (place, strength);
                } else {
                    losers.push((place, index));
                }
            }
            None => {
                let index = leading.len();
                leading.push(Leading { name, place, strength, hash });
                places.insert_unique(hash, index, |&index| {
                    leading.get(index).map_or(0, |held| held.hash)
                });
            }
        }
    }
    let resolved: Vec<usize> = leading.into_iter().map(|held| held.place).collect();
    let mut shadowed: Vec<(usize, usize)> = losers
        .into_iter()
        .filter_map(|(loser, index)| resolved.get(index).map(|winner| (loser, *winner)))
        .collect();
    shadowed.sort_unstable();
    Resolution { resolved, shadowed }
}
