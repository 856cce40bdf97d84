//! The settings of a coercion: the mode and the declared type.

use std::str::FromStr;

use crate::display_text::Suggestion;
use crate::error::ConfigurationError;

/// Decides what text without a declared type becomes, and which numbers are accepted with a declared type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// A number becomes a value only when the value can be written back as the same text: `42` becomes
    /// 42; `007` and `1.50` stay text. The JSON text of an object, array, string or `null` becomes a value when
    /// this is true of its numbers. `true` and `false` become booleans in any case.
    #[default]
    Lossless,
    /// Text is read as Python scripts usually do: `true`/`false`, then `int()`, then `float()`, then
    /// JSON. `007` becomes 7.
    Compat,
}

/// Parses `lossless` or `compat`; any other name is an error.
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
    /// Text, which stays unchanged.
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
    /// Returns the hint for a variable's `type`: `string`, `number`, `integer`, `boolean`, `object`, `array` or `json`.
    /// Returns `None` for any other type.
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

    /// Returns the type for messages, with its article if it has one: `an integer`, `JSON`.
    pub(super) const fn noun(self) -> &'static str {
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
