//! The fast path of an update: changes the stored document in place when only the members in the data change.

use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::options::ContextOptions;
use super::results::SharedUpdateResult;
use super::session::{EMPTY_SIZE, Session};
use super::ttl::{LeafTtl, TtlNode};
use crate::check::measure;
use crate::merge::deep_merge;
use crate::report::ValidationError;

/// The result of an attempt to update in place.
pub(super) enum FastPathResult {
    Done(Result<SharedUpdateResult, ValidationError>),
    /// Nothing has changed; the caller updates a copy. Contains the data.
    NotApplicable(Map<String, Value>),
}

/// Updates the document without a copy if only the members in the data change: nothing has expired, nothing needs
/// pruning, no default is missing, and the document has no second owner. On an error it restores the changed
/// members. The cost depends on these members only, except for the validation against the schema.
pub(super) fn update(
    stored: &mut Session,
    data: Map<String, Value>,
    leaf_ttl: LeafTtl,
    has_expired: bool,
    options: &ContextOptions,
) -> FastPathResult {
    if has_expired {
        return FastPathResult::NotApplicable(data);
    }
    let Some(document) = Arc::get_mut(&mut stored.document) else {
        return FastPathResult::NotApplicable(data);
    };
    let Value::Object(members) = &*document else { return FastPathResult::NotApplicable(data) };
    let before: Vec<MemberSnapshot> = data
        .keys()
        .map(|key| MemberSnapshot {
            key: key.clone(),
            value: members.get(key).cloned(),
            node: stored.ttl.node(key).cloned(),
        })
        .collect();
    // The slow path needs the data again.
    let again = data.clone();
    stored.ttl.refresh(&data, leaf_ttl);
    deep_merge(document, Value::Object(data));
    let outcome = check(document, &before, stored.size, options);
    match outcome {
        MergeOutcome::Fits(size) => {
            if let Value::Object(members) = &*document {
                for MemberSnapshot { key, .. } in &before {
                    stored.ttl.retain_present_of(key, members);
                }
            }
            stored.size = size;
            stored.updates = leaf_ttl.updated;
            let context = Arc::clone(&stored.document);
            FastPathResult::Done(Ok(SharedUpdateResult {
                context,
                expired: Vec::new(),
                pruned: Vec::new(),
            }))
        }
        rejected => {
            rollback(stored, before);
            match rejected {
                MergeOutcome::Breaks(error) => FastPathResult::Done(Err(error)),
                _ => FastPathResult::NotApplicable(again),
            }
        }
    }
}

/// The state of a document after the merge.
enum MergeOutcome {
    /// It follows all rules and has this size in JSON bytes.
    Fits(u64),
    /// It violates a rule.
    Breaks(ValidationError),
    /// It needs defaults or pruning.
    NeedsMore,
}

fn check(
    document: &Value,
    before: &[MemberSnapshot],
    size: u64,
    options: &ContextOptions,
) -> MergeOutcome {
    if options.lacks_defaults(document) {
        return MergeOutcome::NeedsMore;
    }
    let size = match size_after(document, before, size) {
        Ok(size) if size <= options.max_size_bytes => size,
        Ok(_) => return MergeOutcome::NeedsMore,
        Err(error) => return MergeOutcome::Breaks(error),
    };
    match options.validate(document) {
        Ok(()) => MergeOutcome::Fits(size),
        Err(error) => MergeOutcome::Breaks(error),
    }
}

/// A member of the document before the update, with its time to live.
struct MemberSnapshot {
    key: String,
    value: Option<Value>,
    node: Option<TtlNode>,
}

/// Returns the JSON bytes of the document. It measures only the changed members.
fn size_after(
    document: &Value,
    before: &[MemberSnapshot],
    size: u64,
) -> Result<u64, ValidationError> {
    let Value::Object(members) = document else { return Ok(size) };
    let was = measure(&Members(|| before.iter().map(|it| (&it.key, it.value.as_ref()))))?;
    let is = measure(&Members(|| before.iter().map(|it| (&it.key, members.get(&it.key)))))?;
    let count_before = before.iter().filter(|it| it.value.is_some()).count();
    let others = members.len() - before.len();
    // Without the braces and the commas, sizes of members can be added.
    let frame = |count: usize| EMPTY_SIZE + (count as u64).saturating_sub(1);
    let untouched = (size - frame(others + count_before)) - (was.json_bytes - frame(count_before));
    Ok(untouched + (is.json_bytes - frame(before.len())) + frame(members.len()))
}

/// Serializes the existing members as an object.
struct Members<F>(F);

impl<'v, I, F> Serialize for Members<F>
where
    F: Fn() -> I,
    I: Iterator<Item = (&'v String, Option<&'v Value>)>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in (self.0)() {
            if let Some(value) = value {
                map.serialize_entry(key, value)?;
            }
        }
        map.end()
    }
}

/// Restores the members and removes new ones.
fn rollback(stored: &mut Session, before: Vec<MemberSnapshot>) {
    let mut document = Arc::get_mut(&mut stored.document).and_then(Value::as_object_mut);
    for MemberSnapshot { key, value, node } in before {
        stored.ttl.restore(&key, node);
        let Some(members) = &mut document else { continue };
        match (value, members.get_mut(&key)) {
            (Some(value), Some(current)) => *current = value,
            // A new member is last, so removing it keeps the order of the others.
            _ => {
                members.shift_remove(&key);
            }
        }
    }
}
