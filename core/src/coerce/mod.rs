//! Converts the untyped text that the API returns to typed values.

pub(crate) mod coerce_text;
mod json;
mod lossless;
mod python_compat;
mod typed;

use std::str::FromStr;

use serde_json::Value;

use self::coerce_text::coerce_text_within;
pub(crate) use self::coerce_text::{Coerced, CoercionError, IntegerRange, coerce_text};
use crate::display_text::Suggestion;
use crate::error::ConfigurationError;
use crate::report::ValidationError;

/// The mode of coercion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Converts a string only when nothing is lost: `42` becomes 42; `007` and `1.50` stay text.
    #[default]
    Lossless,
    /// Converts like common Python scripts: `true`/`false`, `int()`, `float()`, then JSON. `007` becomes 7.
    Compat,
}

impl FromStr for Mode {
    type Err = ConfigurationError;

    fn from_str(name: &str) -> Result<Self, ConfigurationError> {
        match name {
            "lossless" => Ok(Self::Lossless),
            "compat" => Ok(Self::Compat),
            _ => {
                let suggestion = Suggestion::new(name, &["lossless", "compat"]);
                Err(ConfigurationError::of_field("mode", format!("unknown mode{suggestion}")))
            }
        }
    }
}

/// The declared type of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeHint {
    /// Text; it stays unchanged.
    String,
    /// A number.
    Number,
    /// A number without a fraction.
    Integer,
    /// `true` or `false`, in any case.
    Boolean,
    /// The JSON text of an object.
    Object,
    /// The JSON text of an array.
    Array,
    /// Any JSON text.
    Json,
}

impl TypeHint {
    /// Returns the hint for the `type` of a variable; `None` for an unknown type.
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

/// Coerces a string by the mode, or to the type of the hint. Returns any other value unchanged.
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
/// [`ValidationError`] with a `coercion_failed` issue when the text cannot be converted to the type of the hint.
pub fn coerce(value: &Value, mode: Mode, hint: Option<TypeHint>) -> Result<Value, ValidationError> {
    let Value::String(text) = value else { return Ok(value.clone()) };
    let coerced = coerce_text_within(text, mode, hint, IntegerRange::Bits64)
        .map_err(|error| error.into_error(String::new()))?;
    Ok(coerced.to_value().unwrap_or_else(|| value.clone()))
}

/// Returns the range of the largest integer in JSON text.
pub(crate) fn widest_integer(text: &str) -> IntegerRange {
    json::widest_integer(text)
}

/// Parses `true` and `false`, in any case.
fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Removes JSON white space, and no other, from both ends.
fn trim_json(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}
