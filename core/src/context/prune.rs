//! Making a document fit: the paths that may be emptied, in order, then the leaves used least.

use serde_json::{Map, Value};

use super::leaves::{self, Pointer};
use super::options::ContextOptions;
use super::session::Draft;
use super::stamps::Stamps;
use crate::check::{TextSize, measure};
use crate::issue::{Code, Issue};
use crate::report::ValidationError;

/// Makes the document, which is so large, fit, and names what was emptied or dropped for it.
pub(super) fn fit(
    options: &ContextOptions,
    session: &mut Draft,
    size: &mut u64,
) -> Result<Vec<String>, ValidationError> {
    let limit = options.max_size_bytes;
    let mut pruned = Vec::new();
    if *size <= limit {
        return Ok(pruned);
    }
    let largest = largest_paths(&session.document);
    for path in &options.prune_paths {
        let Some(keys) = leaves::keys(path) else { continue };
        if empty(&mut session.document, &keys) {
            session.stamps.emptied(&keys);
            pruned.push(path.clone());
            *size = size_of(&session.document);
            if *size <= limit {
                return Ok(pruned);
            }
        }
    }
    if options.lru {
        let requires = |keys: &[String]| options.requires(keys);
        let candidates =
            least_recent(&session.document, &session.stamps, session.updates, &requires);
        let mut candidates = candidates.into_iter();
        while *size > limit {
            // Drop what should be enough, then measure: parents that are emptied go too.
            let mut excess = *size - limit;
            let before = pruned.len();
            while excess > 0
                && let Some(candidate) = candidates.next()
            {
                excess = excess.saturating_sub(candidate.bytes);
                if let Some(keys) = leaves::keys(&candidate.pointer) {
                    leaves::remove(&mut session.document, &keys, &requires);
                }
                pruned.push(candidate.pointer);
            }
            if pruned.len() == before {
                break;
            }
            *size = size_of(&session.document);
        }
        if *size <= limit {
            return Ok(pruned);
        }
    }
    Err(too_large(limit, *size, &largest))
}

/// Empties what stands at a place, given as keys: a list to `[]`, an object to `{}`, text to `""`.
/// Answers whether there was anything to empty. A key goes into a list by its index.
fn empty(document: &mut Map<String, Value>, keys: &[String]) -> bool {
    let mut keys = keys.iter();
    let Some(mut value) = keys.next().and_then(|key| document.get_mut(key)) else { return false };
    for key in keys {
        let below = match value {
            Value::Object(members) => members.get_mut(key),
            Value::Array(items) => key.parse().ok().and_then(|index: usize| items.get_mut(index)),
            _ => None,
        };
        match below {
            Some(below) => value = below,
            None => return false,
        }
    }
    match value {
        Value::Array(items) if !items.is_empty() => items.clear(),
        Value::Object(members) if !members.is_empty() => members.clear(),
        Value::String(text) if !text.is_empty() => text.clear(),
        _ => return false,
    }
    true
}

/// A leaf that may be dropped.
struct Candidate {
    /// Its place.
    pointer: String,
    /// JSON bytes that its key and value take.
    bytes: u64,
    updated: u64,
}

/// The leaves in the order in which they may be dropped: those that were updated least recently
/// first, and of those updated together, in the order of the document. What the present update
/// brings is not among them: dropping it would be losing it in silence.
fn least_recent(
    document: &Map<String, Value>,
    stamps: &Stamps,
    present: u64,
    is_required: &impl Fn(&[String]) -> bool,
) -> Vec<Candidate> {
    let mut found = Vec::new();
    walk(document, Some(stamps), &mut Pointer::default(), &mut found);
    found.retain(|candidate: &Candidate| {
        candidate.updated < present
            && !leaves::keys(&candidate.pointer).is_some_and(|keys| is_required(&keys))
    });
    found.sort_by_key(|candidate| candidate.updated);
    found
}

fn walk(
    object: &Map<String, Value>,
    stamps: Option<&Stamps>,
    pointer: &mut Pointer,
    found: &mut Vec<Candidate>,
) {
    for (key, value) in object {
        let at = pointer.enter(key);
        let (stamp, below) = stamps.map_or((None, None), |stamps| stamps.member(key));
        match value {
            Value::Object(inner) if !inner.is_empty() => walk(inner, below, pointer, found),
            leaf => found.push(Candidate {
                pointer: pointer.to_string(),
                bytes: TextSize::of(key).json as u64
                    + 3
                    + measure(leaf).map_or(0, |sizes| sizes.json_bytes),
                // A leaf without a stamp is a default, which nobody has updated.
                updated: stamp.map_or(0, |stamp| stamp.updated),
            }),
        }
        pointer.leave(at);
    }
}

/// JSON bytes of a document whose nesting is sane.
fn size_of(document: &Map<String, Value>) -> u64 {
    measure(document).map_or(u64::MAX, |sizes| sizes.json_bytes)
}

/// The paths below which most of the bytes are, at most three.
fn largest_paths(document: &Map<String, Value>) -> Vec<(String, u64)> {
    let mut sizes = Vec::new();
    leaves::each_leaf(document, &mut |pointer, value| {
        sizes.push((pointer.to_owned(), measure(value).map_or(0, |sizes| sizes.json_bytes)));
    });
    sizes.sort_by(|(_, a), (_, b)| b.cmp(a));
    sizes.truncate(3);
    sizes
}

#[cold]
fn too_large(limit: u64, actual: u64, largest: &[(String, u64)]) -> ValidationError {
    let named: Vec<String> =
        largest.iter().map(|(path, bytes)| format!("{path} ({bytes})")).collect();
    let issue = Issue::error(
        Code::ContextTooLarge,
        String::new(),
        format!("the context is too large, in JSON bytes; the largest paths: {}", named.join(", ")),
    );
    let issue = issue
        .figures(limit, actual)
        .hint("Remove or shorten what the conversation does not need, or name more prune_paths.");
    ValidationError::of(vec![issue])
}
