//! Prunes a document to its limit: first the configured paths, in order, then the least recently updated leaves.

use serde_json::{Map, Value};

use super::options::ContextOptions;
use super::pointer::{self, Pointer};
use super::session::PendingUpdate;
use super::ttl::TtlTree;
use crate::check::{TextSize, measure};
use crate::display_text::grouped;
use crate::issue::{Code, Issue};
use crate::report::ValidationError;

/// Prunes the document until its size in JSON bytes is within the limit, and updates `size`. Returns the JSON
/// Pointers of the cleared and dropped values.
///
/// # Errors
/// [`ValidationError`] with the code `context_too_large` when the document is still too large.
pub(super) fn prune_to_limit(
    options: &ContextOptions,
    pending: &mut PendingUpdate,
    size: &mut u64,
) -> Result<Vec<String>, ValidationError> {
    let limit = options.max_size_bytes;
    let mut pruned = Vec::new();
    if *size <= limit {
        return Ok(pruned);
    }
    let largest = largest_paths(&pending.document);
    for path in &options.prune_paths {
        let Some(keys) = pointer::parse_pointer(path) else { continue };
        if clear(&mut pending.document, &keys) {
            pending.ttl.mark_cleared(&keys);
            pruned.push(path.clone());
            *size = size_of(&pending.document);
            if *size <= limit {
                return Ok(pruned);
            }
        }
    }
    if options.lru {
        let requires = |keys: &[String]| options.requires(keys);
        let candidates = least_recent(&pending.document, &pending.ttl, pending.updates, &requires);
        let mut candidates = candidates.into_iter();
        while *size > limit {
            // Drops leaves of the necessary size, then measures again, because emptied parents are dropped, too.
            let mut excess = *size - limit;
            let before = pruned.len();
            while excess > 0
                && let Some(candidate) = candidates.next()
            {
                excess = excess.saturating_sub(candidate.bytes);
                if let Some(keys) = pointer::parse_pointer(&candidate.pointer) {
                    pointer::remove(&mut pending.document, &keys, &requires);
                }
                pruned.push(candidate.pointer);
            }
            if pruned.len() == before {
                break;
            }
            *size = size_of(&pending.document);
        }
        if *size <= limit {
            return Ok(pruned);
        }
    }
    Err(too_large(limit, *size, &largest))
}

/// Clears the value at `keys`: a list to `[]`, an object to `{}`, a string to `""`. Returns whether the
/// value has changed: a number, a boolean, `null` and an empty value stay the same. In a list a key is an index.
fn clear(document: &mut Map<String, Value>, keys: &[String]) -> bool {
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

/// A leaf that pruning may drop.
struct Candidate {
    /// The JSON Pointer of the leaf.
    pointer: String,
    /// JSON bytes of the key, the colon and the value.
    bytes: u64,
    /// The number of the update that set the leaf last; 0 for a default.
    update: u64,
}

/// Returns the leaves that may be dropped, the least recently updated first; leaves of one update in the order of
/// the document. Leaves that are required are excluded, and those of the current update, which must not be lost
/// silently.
fn least_recent(
    document: &Map<String, Value>,
    ttl: &TtlTree,
    current: u64,
    is_required: &impl Fn(&[String]) -> bool,
) -> Vec<Candidate> {
    let mut found = Vec::new();
    walk(document, Some(ttl), &mut Pointer::default(), &mut found);
    found.retain(|candidate: &Candidate| {
        candidate.update < current
            && !pointer::parse_pointer(&candidate.pointer).is_some_and(|keys| is_required(&keys))
    });
    found.sort_by_key(|candidate| candidate.update);
    found
}

fn walk(
    object: &Map<String, Value>,
    ttl: Option<&TtlTree>,
    pointer: &mut Pointer,
    found: &mut Vec<Candidate>,
) {
    for (key, value) in object {
        let parent_length = pointer.push(key);
        let (leaf_ttl, below) = ttl.map_or((None, None), |ttl| ttl.member(key));
        match value {
            Value::Object(inner) if !inner.is_empty() => walk(inner, below, pointer, found),
            leaf => found.push(Candidate {
                pointer: pointer.to_string(),
                // 3: the quotes of the key and the colon.
                bytes: TextSize::of(key).json as u64
                    + 3
                    + measure(leaf).map_or(0, |sizes| sizes.json_bytes),
                // A leaf without a time to live is a default that no update has set.
                update: leaf_ttl.map_or(0, |leaf_ttl| leaf_ttl.update),
            }),
        }
        pointer.pop(parent_length);
    }
}

/// Returns the JSON bytes of a document; `u64::MAX` if it is nested too deeply, which does not occur here.
fn size_of(document: &Map<String, Value>) -> u64 {
    measure(document).map_or(u64::MAX, |sizes| sizes.json_bytes)
}

/// Returns the JSON Pointers of the three largest leaves, with the JSON bytes of their values.
fn largest_paths(document: &Map<String, Value>) -> Vec<(String, u64)> {
    let mut sizes = Vec::new();
    pointer::for_each_leaf(document, &mut |pointer, value| {
        sizes.push((pointer.to_owned(), measure(value).map_or(0, |sizes| sizes.json_bytes)));
    });
    sizes.sort_by(|(_, a), (_, b)| b.cmp(a));
    sizes.truncate(3);
    sizes
}

#[cold]
fn too_large(limit: u64, actual: u64, largest: &[(String, u64)]) -> ValidationError {
    let named: Vec<String> =
        largest.iter().map(|(path, bytes)| format!("{path} ({})", grouped(*bytes))).collect();
    let message = format!(
        "the context is {} bytes, the limit is {}; the largest values are {}",
        grouped(actual),
        grouped(limit),
        named.join(", "),
    );
    let issue = Issue::error(Code::ContextTooLarge, String::new(), message)
        .with_figures(limit, actual)
        .with_hint("Remove or shorten what the conversation does not need, or add prune paths.");
    ValidationError::of(vec![issue])
}
