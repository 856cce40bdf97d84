//! Serialises a value as a context document.

use serde::Serialize;

use crate::check::{
    Checker, Path, measure_with_policy, serde_value, visit_with_sentinels_at, write_with_policy,
};
use crate::policy::Policy;
use crate::report::ValidationError;

/// Returns the policy of documents: `context` without its size limit. The policy removes internal keys (which start
/// with `__`).
#[must_use]
pub fn document_policy() -> Policy {
    Policy { max_context_bytes: None, ..Policy::context().clone() }
}

/// Serialises a value of any type as compact JSON. Internal keys (which start with `__`) are left out at every
/// depth.
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
    serialize_with(|checker| serde_value::visit(value, checker))
}

/// Serialises text with sentinels, as [`serialize_context`] does for a value.
///
/// # Errors
/// As [`serialize_context`].
pub fn serialize_json_with_sentinels(text: impl AsRef<[u8]>) -> Result<String, ValidationError> {
    serialize_with(|checker| visit_with_sentinels_at(text, checker, &Path::ROOT))
}

/// Serialises text with sentinels, as [`serialize_context`] does for a value. Returns `None` when the result is the
/// text itself.
///
/// # Errors
/// As [`serialize_context`].
pub fn serialize_json_reusing_text(
    text: impl AsRef<[u8]>,
) -> Result<Option<String>, ValidationError> {
    let text = text.as_ref();
    let sizes = measure_with_policy(&document_policy(), |checker| {
        visit_with_sentinels_at(text, checker, &Path::ROOT);
    })?;
    // The caller's text is compact, so it is unchanged if its length is unchanged.
    if sizes.json_bytes == text.len() as u64 {
        return Ok(None);
    }
    serialize_json_with_sentinels(text).map(Some)
}

/// Serialises a value that `walk` visits, as [`serialize_context`] does for a Rust value.
///
/// # Errors
/// As [`serialize_context`].
pub fn serialize_with(
    walk: impl FnOnce(&mut Checker<'_, Vec<u8>>),
) -> Result<String, ValidationError> {
    let text = write_with_policy(&document_policy(), walk)?;
    Ok(String::from_utf8(text).unwrap_or_default())
}
