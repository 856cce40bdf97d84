//! Context documents: written as JSON, held to a schema and a size, each part with a time to live.

mod audit;
mod in_place;
#[cfg(test)]
mod in_place_tests;
mod leaves;
mod manager;
mod options;
mod outcome;
mod prune;
mod session;
mod stamps;

pub use audit::AuditEntry;
pub use manager::ContextManager;
pub use options::ContextOptions;
pub use outcome::{Inspection, SharedUpdate, Updated};

use serde::Serialize;

use crate::check::{Checker, Path, drive_marked_at, measure_under, serde_value, write_under};
use crate::policy::Policy;
use crate::report::ValidationError;

/// The policy `context` without its limit: internal keys are left out, no size is held. What
/// [`serialize_context`] writes and [`ContextManager`] reads its data under.
#[must_use]
pub fn document_policy() -> Policy {
    Policy { max_context_bytes: None, ..Policy::context().clone() }
}

/// Writes a value of any kind as compact JSON, without its internal keys (those that start with `__`, at every
/// depth).
///
/// ```
/// use cognigy_context::serialize_context;
/// use serde_json::json;
///
/// let text = serialize_context(&json!({"turn": 3, "__cache": [1], "user": {"__raw": 0, "name": "Ada"}}))?;
/// assert_eq!(text, r#"{"turn":3,"user":{"name":"Ada"}}"#);
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
///
/// # Errors
/// [`ValidationError`] when a part of the value has no JSON form.
pub fn serialize_context<T: Serialize + ?Sized>(value: &T) -> Result<String, ValidationError> {
    serialize_with(|checker| serde_value::drive(value, checker))
}

/// The same for the text that [`Check::marked_json`](crate::Check::marked_json) takes.
///
/// # Errors
/// As [`serialize_context`].
pub fn serialize_marked_json(text: impl AsRef<[u8]>) -> Result<String, ValidationError> {
    serialize_with(|checker| drive_marked_at(text, checker, &Path::ROOT))
}

/// The same for a caller who keeps the text, which has to be as for
/// [`Check::kept_json_to_json`](crate::Check::kept_json_to_json): none, when it is the document as it
/// is, without internal keys.
///
/// # Errors
/// As [`serialize_context`].
pub fn serialize_kept_json(text: impl AsRef<[u8]>) -> Result<Option<String>, ValidationError> {
    let text = text.as_ref();
    let sizes = measure_under(&document_policy(), |checker| {
        drive_marked_at(text, checker, &Path::ROOT);
    })?;
    if sizes.json_bytes == text.len() as u64 {
        return Ok(None);
    }
    serialize_marked_json(text).map(Some)
}

/// The same for a value that a driver of your own walks.
///
/// # Errors
/// As [`serialize_context`].
pub fn serialize_with(
    walk: impl FnOnce(&mut Checker<'_, Vec<u8>>),
) -> Result<String, ValidationError> {
    let text = write_under(&document_policy(), walk)?;
    Ok(String::from_utf8(text).unwrap_or_default())
}
