//! The fast path of an update: it changes the stored document in place instead of a copy.

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
    /// The result of the update. On an error the session is unchanged.
    Done(Result<SharedUpdateResult, ValidationError>),
    /// The session is unchanged; the caller updates a copy with this data.
    NotApplicable(Map<String, Value>),
}

/// Updates the document in place if only the members in `data` change: no leaf has expired, the document needs no
/// pruning and no defaults, and the document has no second owner. On an error the changed members are restored. The
/// cost depends only on these members, except for the schema: its defaults and its validation.
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
    // The update of a copy needs the data again.
    let data_copy = data.clone();
    stored.ttl.refresh(&data, leaf_ttl);
    deep_merge(document, Value::Object(data));
    match check(document, &before, stored.size, options) {
        MergeOutcome::Valid { size } => {
            if let Value::Object(members) = &*document {
                for MemberSnapshot { key, .. } in &before {
                    stored.ttl.retain_present_of(key, members);
                }
            }
            stored.size = size;
            stored.updates = leaf_ttl.update;
            let context = Arc::clone(&stored.document);
            FastPathResult::Done(Ok(SharedUpdateResult {
                context,
                expired: Vec::new(),
                pruned: Vec::new(),
            }))
        }
        MergeOutcome::Invalid(error) => {
            rollback(stored, before);
            FastPathResult::Done(Err(error))
        }
        MergeOutcome::NeedsCopy => {
            rollback(stored, before);
            FastPathResult::NotApplicable(data_copy)
        }
    }
}

/// The state of a document after the merge.
enum MergeOutcome {
    /// The document is valid and has this size in JSON bytes.
    Valid { size: u64 },
    /// The document is nested too deeply or violates the schema.
    Invalid(ValidationError),
    /// The document needs defaults or pruning, which only the update of a copy does.
    NeedsCopy,
}

fn check(
    document: &Value,
    before: &[MemberSnapshot],
    size: u64,
    options: &ContextOptions,
) -> MergeOutcome {
    if options.may_need_defaults(document) {
        return MergeOutcome::NeedsCopy;
    }
    let size = match size_after(document, before, size) {
        Ok(size) if size <= options.max_size_bytes => size,
        Ok(_) => return MergeOutcome::NeedsCopy,
        Err(error) => return MergeOutcome::Invalid(error),
    };
    match options.validate(document) {
        Ok(()) => MergeOutcome::Valid { size },
        Err(error) => MergeOutcome::Invalid(error),
    }
}

/// A member of the document before the update, with its time to live.
struct MemberSnapshot {
    key: String,
    /// `None` if the member did not exist.
    value: Option<Value>,
    node: Option<TtlNode>,
}

/// Returns the JSON bytes of the document, which were `size` before the merge. Measures only the
/// changed members.
fn size_after(
    document: &Value,
    before: &[MemberSnapshot],
    size: u64,
) -> Result<u64, ValidationError> {
    let Value::Object(members) = document else { return Ok(size) };
    let old =
        measure(&Members(|| before.iter().map(|member| (&member.key, member.value.as_ref()))))?;
    let new =
        measure(&Members(|| before.iter().map(|member| (&member.key, members.get(&member.key)))))?;
    let old_count = before.iter().filter(|member| member.value.is_some()).count();
    let unchanged_count = members.len() - before.len();
    // The sizes of members without the braces and commas around them can be added.
    let punctuation = |count: usize| EMPTY_SIZE + (count as u64).saturating_sub(1);
    let unchanged_bytes = (size - punctuation(unchanged_count + old_count))
        - (old.json_bytes - punctuation(old_count));
    let new_bytes = new.json_bytes - punctuation(before.len());
    Ok(unchanged_bytes + new_bytes + punctuation(members.len()))
}

/// Serializes members as an object and skips those without a value.
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

/// Restores the members from before the update and removes new ones.
fn rollback(stored: &mut Session, before: Vec<MemberSnapshot>) {
    let mut document = Arc::get_mut(&mut stored.document).and_then(Value::as_object_mut);
    for MemberSnapshot { key, value, node } in before {
        stored.ttl.restore(&key, node);
        let Some(members) = &mut document else { continue };
        match (value, members.get_mut(&key)) {
            (Some(value), Some(current)) => *current = value,
            // `shift_remove` keeps the order of the other members.
            _ => {
                members.shift_remove(&key);
            }
        }
    }
}
