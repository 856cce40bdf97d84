//! Typed values out of untyped text: what the API answers as strings.

pub(crate) mod coerce_text;
mod json;
mod lossless;
mod python_compat;
mod typed;

use std::str::FromStr;

use serde_json::Value;

use self::coerce_text::coerce_text_within;
pub(crate) use self::coerce_text::{Coerced, CoercionError, IntegerRange, coerce_text};
use crate::error::ConfigurationError;
use crate::report::ValidationError;

/// How eager coercion is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// A string becomes a value only where nothing is lost: `42` does, `007` and `1.50` stay.
    #[default]
    Lossless,
    /// What Python scripts do: `true`/`false`, then `int()`, then `float()`, then JSON. `007` is 7.
    Compat,
}

impl FromStr for Mode {
    type Err = ConfigurationError;

    fn from_str(name: &str) -> Result<Self, ConfigurationError> {
        match name {
            "lossless" => Ok(Self::Lossless),
            "compat" => Ok(Self::Compat),
            _ => Err(ConfigurationError::new("unknown mode: expected `lossless` or `compat`")),
        }
    }
}

/// What a variable says its value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeHint {
    /// Text, whatever it looks like.
    String,
    /// A number.
    Number,
    /// A number without fraction.
    Integer,
    /// `true` or `false`, in any case.
    Boolean,
    /// The JSON text of an object.
    Object,
    /// The JSON text of an array.
    Array,
    /// JSON text of any kind.
    Json,
}

impl TypeHint {
    /// The hint that a variable's `type` gives; none for a type that is not known.
    #[must_use]
    pub fn of(variable_type: &str) -> Option<Self> {
        Some(match variable_type {
            "string" => Self::String,
            "number" => Self::Number,
            "integer" => Self::Integer,
            "boolean" => Self::Boolean,
            "object" => Self::Object,
            "array" => Self::Array,
            "json" => Self::Json,
            _ => return None,
        })
    }

    const fn noun(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Number => "a number",
            Self::Integer => "an integer",
            Self::Boolean => "a boolean",
            Self::Object => "an object",
            Self::Array => "an array",
            Self::Json => "JSON",
        }
    }
}

/// The same for a value: a string is coerced, anything else passes untouched.
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
/// [`ValidationError`] with a `coercion_failed` issue when the text is not of the type that the hint
/// names.
pub fn coerce(value: &Value, mode: Mode, hint: Option<TypeHint>) -> Result<Value, ValidationError> {
    let Value::String(text) = value else { return Ok(value.clone()) };
    let coerced = coerce_text_within(text, mode, hint, IntegerRange::Bits64)
        .map_err(|failed| failed.into_error(String::new()))?;
    Ok(coerced.to_value().unwrap_or_else(|| value.clone()))
}

/// The widest integer in JSON text.
pub(crate) fn widest_integer(text: &str) -> IntegerRange {
    json::widest_integer(text)
}

/// `true` and `false`, in any case.
fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// JSON's own white space, and no other, taken off both ends.
fn trim_json(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}
