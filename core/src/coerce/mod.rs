//! Converts untyped text, as the API returns it, into typed values.
//!
//! [`coerce()`] takes a [`Mode`], which decides what text without a declared type becomes, and an
//! optional [`TypeHint`], the declared type. With a hint, the mode decides which numbers are accepted.
//!
//! Without a hint:
//!
//! | text | `Mode::Lossless` | `Mode::Compat` |
//! |---|---|---|
//! | `42` | `42` | `42` |
//! | `007`, `1.50` | the text | `7`, `1.5` |
//! | `TRUE` | `true` | `true` |
//! | `{"a": 1}` | the object | the object |
//! | `gold` | the text | the text |

pub(crate) mod coerce_text;
pub(crate) mod coerced;
mod json;
mod lexical;
mod lossless;
mod numbers;
mod python_compat;
mod typed;
mod types;

use serde_json::Value;

use self::coerce_text::coerce_text_within;
pub(crate) use self::coerce_text::{CoercionError, coerce_text};
pub(crate) use self::coerced::{Coerced, IntegerRange};
pub(crate) use self::json::widest_integer;
pub use self::types::{Mode, TypeHint};
use crate::report::ValidationError;

/// Converts a string into a typed value; returns any other value unchanged.
///
/// `hint` is the declared type; `None` when there is none. `mode` decides what a string without a hint becomes,
/// and which numbers are accepted with a hint. Without a hint, an integer beyond 64 bits, which [`Value`] cannot
/// represent, stays a string.
///
/// ```
/// use cognigy_context::coerce::{Mode, coerce};
/// use serde_json::json;
///
/// assert_eq!(coerce(&json!("{\"a\": 1}"), Mode::Lossless, None)?, json!({"a": 1}));
/// assert_eq!(coerce(&json!(7), Mode::Compat, None)?, json!(7));
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
///
/// # Errors
/// [`ValidationError`] with a `coercion_failed` issue when the text cannot be converted to the type of
/// the hint, or [`Value`] cannot represent the result. Without a hint it never fails.
pub fn coerce(value: &Value, mode: Mode, hint: Option<TypeHint>) -> Result<Value, ValidationError> {
    let Value::String(text) = value else { return Ok(value.clone()) };
    let coerced = coerce_text_within(text, mode, hint, IntegerRange::Bits64)
        .map_err(|error| error.into_error(String::new()))?;
    Ok(coerced.to_value().unwrap_or_else(|| value.clone()))
}
