//! One checker, many drivers.
//!
//! The [`Checker`] hears of a value as a sequence of events and decides everything: names, kinds,
//! depth, integers, both measures, limits, and the compact JSON that will be sent, all in one
//! pass. Drivers walk some form of value and feed it: JSON text, any Rust value
//! that serde can serialise, the objects of a host language.

pub(crate) mod checker;
mod existing;
mod json_text;
mod keys;
pub(crate) mod measure;
pub(crate) mod options;
pub(crate) mod output;
mod overflow;
mod room;
pub(crate) mod serde_value;
pub(crate) mod sink;
mod text_only;
pub(crate) mod visited;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use checker::Checker;
pub use checker::VariableSize;
pub use existing::ExistingContext;
pub(crate) use json_text::visit_part;
pub(crate) use keys::{Pair, Pairs};
pub(crate) use measure::TextSize;
#[cfg(not(feature = "small"))]
pub(crate) use measure::plain_prefix;
pub use options::{CheckOptions, CheckedBody};
pub(crate) use output::{ByteCounter, JsonWriter};
pub(crate) use overflow::replacement_text;
pub(crate) use sink::{NumberKind, UnsupportedValue, ValueVisitor};
pub(crate) use visited::{
    measure_with, measure_with_policy, visit_with_sentinels_at, write_with_policy,
};

pub(crate) use crate::path::Path;

use crate::issue::{Code, Issue};
use crate::policy::Policy;
use crate::report::{Report, Sizes, ValidationError};

/// Checks a map of names to values against a policy.
///
/// Takes anything serde can serialise to an object; gives the [`Report`] of all that was found.
/// It does not fail: what is wrong with the value is in the report.
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

/// The same as [`check`] for JSON text.
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

/// How large a value is. A map of names to values is measured variable by variable; any other
/// value is taken as one.
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
/// [`ValidationError`] when a part of the value has no JSON form.
pub fn measure<T: Serialize + ?Sized>(value: &T) -> Result<Sizes, ValidationError> {
    measure_with(|checker| serde_value::visit(value, checker))
}

/// The same as [`measure`] for JSON text.
///
/// # Errors
/// [`ValidationError`] when the text is not JSON, or says something that JSON cannot carry safely:
/// a key twice, half a surrogate pair, a number out of range, nesting without end.
pub fn measure_json(text: impl AsRef<[u8]>) -> Result<Sizes, ValidationError> {
    measure_with(|checker| json_text::visit(text.as_ref(), checker))
}

/// Reads JSON text into a value, refusing what the value could not hold.
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
/// As [`measure_json`], and for integers beyond 64 bits, which would be rounded in silence.
pub fn read_json(text: impl AsRef<[u8]>) -> Result<Value, ValidationError> {
    let text = text.as_ref();
    measure_with(|checker| {
        checker.refuse_beyond_64_bits();
        json_text::visit(text, checker);
    })?;
    Ok(parse_measured(text).unwrap_or_default())
}

/// Reads JSON text whose nesting a pass before has capped, so that the parser needs no limit.
pub(crate) fn parse_measured<'t, T: Deserialize<'t>>(text: &'t [u8]) -> Option<T> {
    let mut parser = serde_json::Deserializer::from_slice(text);
    parser.disable_recursion_limit();
    T::deserialize(&mut parser).ok()
}

/// Room for a body of usual size, so that few bodies have to grow from nothing.
pub(crate) const FIRST_CAPACITY: usize = 4 << 10;

/// A value whose own serialisation failed.
#[cold]
fn gave_up(at: &Path<'_>) -> Issue {
    Issue::error(Code::UnserializableType, at.to_pointer(), "the value's own serialisation gave up")
        .hint("Its Serialize implementation returned an error.")
}
