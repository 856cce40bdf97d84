//! The checker, and the walkers that call it.
//!
//! A walker visits a value and calls a [`ValueVisitor`] once per JSON event. There is one walker for JSON
//! text, one for values that serde can serialise, and one in each binding for the objects of its host
//! language. The [`Checker`] is a visitor. In one pass it checks names, types, depth, integers and limits,
//! measures JSON bytes and platform bytes, and writes the compact JSON to send.

pub(crate) mod checker;
pub(crate) mod entry_points;
mod existing_context;
mod json_text;
pub(crate) mod json_writer;
mod keys;
mod map_key_serializer;
pub(crate) mod options;
mod overflow;
pub(crate) mod serde_value;
pub(crate) mod text_size;
mod unchecked_writer;
pub(crate) mod visitor;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use checker::Checker;
pub use checker::VariableSize;
pub(crate) use entry_points::{
    measure_with, measure_with_policy, visit_with_sentinels_at, write_with_policy,
};
pub use existing_context::ExistingContext;
pub(crate) use json_text::visit_part;
pub(crate) use json_writer::{ByteCounter, JsonWriter};
pub(crate) use keys::{KeyScope, KeyScopeSet};
pub use options::{CheckOptions, CheckedBody};
pub(crate) use overflow::replacement_text;
pub(crate) use text_size::TextSize;
#[cfg(not(feature = "small"))]
pub(crate) use text_size::plain_prefix;
pub(crate) use visitor::{NumberKind, UnsupportedValue, ValueVisitor};

pub(crate) use crate::path::Path;

use crate::issue::{Code, Issue};
use crate::policy::Policy;
use crate::report::{Report, Sizes, ValidationError};

/// Checks a map of names to values against a policy.
///
/// `value` can be anything that serde serialises to an object. Any other value, or a failing `Serialize`
/// implementation, is an issue in the returned [`Report`].
///
/// ```
/// use cognigy_context::{check, Policy};
/// use serde_json::json;
///
/// let report = check(&json!({"order": {"id": 7, "open": true}}), Policy::platform());
/// assert!(report.ok());
/// assert_eq!(report.sizes.json_bytes, 30);
/// assert_eq!(report.sizes.platform_bytes, 34); // 2·5 + 2·2 + 8 + 2·4 + 4
/// assert_eq!(report.sizes.depth, 1);
/// assert_eq!(report.sizes.variables, 1);
/// ```
pub fn check<T: Serialize + ?Sized>(value: &T, policy: &Policy) -> Report {
    CheckOptions::new(policy).value(value)
}

/// Checks JSON text against a policy, as [`check`] does for a value. Text that is not JSON is an issue.
///
/// ```
/// use cognigy_context::{check_json, Code, Policy};
///
/// let report = check_json(r#"{"a": 1, "a": 2}"#, Policy::context());
/// assert_eq!(report.issues[0].code, Code::DuplicateKey);
/// assert_eq!(report.issues[0].path, "/a");
/// ```
pub fn check_json(text: impl AsRef<[u8]>, policy: &Policy) -> Report {
    CheckOptions::new(policy).json(text)
}

/// Measures a value of any type. The variables that it counts are the members of an object; any other value
/// has none.
///
/// ```
/// use cognigy_context::measure;
/// use serde_json::json;
///
/// let sizes = measure(&json!({"greeting": "Grüße 👋"}))?;
/// assert_eq!(sizes.json_bytes, 27);
/// assert_eq!(sizes.platform_bytes, 32);
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
///
/// # Errors
/// [`ValidationError`] when a part of the value has no JSON form, an object has a duplicate key, or the nesting
/// is deeper than [`MAX_NESTING`](crate::policy::MAX_NESTING) levels.
pub fn measure<T: Serialize + ?Sized>(value: &T) -> Result<Sizes, ValidationError> {
    measure_with(|checker| serde_value::visit(value, checker))
}

/// Measures JSON text, as [`measure`] does for a value.
///
/// ```
/// use cognigy_context::measure_json;
///
/// let sizes = measure_json(r#"{ "tags": [1, 2] }"#)?;
/// assert_eq!(sizes.json_bytes, 14); // as compact JSON: {"tags":[1,2]}
/// assert_eq!(sizes.platform_bytes, 24); // 2·4 + 8 + 8
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
///
/// # Errors
/// [`ValidationError`] when the text is not JSON, or contains what JSON readers disagree on: a duplicate key,
/// half of a surrogate pair, a number beyond the range of a 64-bit float, or more than
/// [`MAX_NESTING`](crate::policy::MAX_NESTING) levels of nesting.
pub fn measure_json(text: impl AsRef<[u8]>) -> Result<Sizes, ValidationError> {
    measure_with(|checker| json_text::visit(text.as_ref(), checker))
}

/// Reads JSON text into a value. Integers and text keep their exact value; a number with a fraction or an
/// exponent becomes the nearest 64-bit float.
///
/// ```
/// use cognigy_context::check::read_json;
///
/// assert_eq!(read_json("{\"a\": 1}")?["a"], 1);
/// assert!(read_json("[12345678901234567890123]").is_err());
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
///
/// # Errors
/// As [`measure_json`], and for integers beyond 64 bits, which a [`Value`] would round silently.
pub fn read_json(text: impl AsRef<[u8]>) -> Result<Value, ValidationError> {
    let text = text.as_ref();
    measure_with(|checker| {
        checker.reject_beyond_64_bits();
        json_text::visit(text, checker);
    })?;
    Ok(parse_measured(text).unwrap_or_default())
}

/// Parses JSON text whose nesting was checked before, so that the parser needs no limit itself. Returns `None`
/// when the text is not JSON or does not have the form of `T`.
pub(crate) fn parse_measured<'t, T: Deserialize<'t>>(text: &'t [u8]) -> Option<T> {
    let mut parser = serde_json::Deserializer::from_slice(text);
    parser.disable_recursion_limit();
    T::deserialize(&mut parser).ok()
}

/// The initial capacity of a body's buffer, in bytes: enough for most bodies.
pub(crate) const INITIAL_CAPACITY: usize = 4 << 10;

/// Returns the issue for a value whose `Serialize` implementation failed.
#[cold]
fn serialize_failed(at: &Path<'_>) -> Issue {
    Issue::error(
        Code::UnserializableType,
        at.to_pointer(),
        "the value's Serialize implementation returned an error",
    )
    .with_hint("Fix the Serialize implementation of the value's type.")
}
