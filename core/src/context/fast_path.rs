//! An update of the stored document itself, for those that change nothing but what they bring.

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

/// What came of an update in place.
pub(super) enum FastPathResult {
    Done(Result<SharedUpdateResult, ValidationError>),
    /// It is to be done on a copy; here is the data again. Nothing has changed.
    NotApplicable(Map<String, Value>),
}

/// Updates without a copy of the document, where that changes nothing but the members that the data
/// names: nothing has ended, nothing is pruned, no default is missing, and nobody else holds the
/// document. What is refused is taken back by the members that it touched, and what it costs depends
/// on them, but for the look that the schema takes at the whole.
pub(super) fn update(
    stored: &mut Session,
    data: Map<String, Value>,
    leaf_ttl: LeafTtl,
    ended: bool,
    options: &ContextOptions,
) -> FastPathResult {
    if ended {
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
    // Kept for the case that all has to be done the long way after all.
    let again = data.clone();
    stored.ttl.refresh(&data, leaf_ttl);
    deep_merge(document, Value::Object(data));
    let outcome = hold(document, &before, stored.size, options);
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
        refused => {
            rollback(stored, before);
            match refused {
                MergeOutcome::Breaks(error) => FastPathResult::Done(Err(error)),
                _ => FastPathResult::NotApplicable(again),
            }
        }
    }
}

/// How a document stands after the merge.
enum MergeOutcome {
    /// It keeps all rules, and is of this size.
    Fits(u64),
    /// It breaks a rule.
    Breaks(ValidationError),
    /// It has to be filled or pruned.
    NeedsMore,
}

fn hold(
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

/// A member of the document that is about to be touched: as it was, with its ttl.
struct MemberSnapshot {
    key: String,
    value: Option<Value>,
    node: Option<TtlNode>,
}

/// JSON bytes of the document, of which only the members that were touched are measured.
fn size_after(
    document: &Value,
    before: &[MemberSnapshot],
    size: u64,
) -> Result<u64, ValidationError> {
    let Value::Object(members) = document else { return Ok(size) };
    let was = measure(&Members(|| before.iter().map(|it| (&it.key, it.value.as_ref()))))?;
    let is = measure(&Members(|| before.iter().map(|it| (&it.key, members.get(&it.key)))))?;
    let there_before = before.iter().filter(|it| it.value.is_some()).count();
    let others = members.len() - before.len();
    // Without the braces and the commas, sizes of members can be added.
    let frame = |count: usize| EMPTY_SIZE + (count as u64).saturating_sub(1);
    let untouched = (size - frame(others + there_before)) - (was.json_bytes - frame(there_before));
    Ok(untouched + (is.json_bytes - frame(before.len())) + frame(members.len()))
}

/// Writes those members that there are as an object.
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

/// Puts the members back to what they were; those that were not there go.
fn rollback(stored: &mut Session, before: Vec<MemberSnapshot>) {
    let mut document = Arc::get_mut(&mut stored.document).and_then(Value::as_object_mut);
    for MemberSnapshot { key, value, node } in before {
        stored.ttl.restore(&key, node);
        let Some(members) = &mut document else { continue };
        match (value, members.get_mut(&key)) {
            (Some(value), Some(held)) => *held = value,
            // It was put at the end, so those before it keep their order.
            _ => {
                members.shift_remove(&key);
            }
        }
    }
}
