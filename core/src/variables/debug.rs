//! The debug view of variables: the value, scope and type of each.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::Variable;

/// The debug view of variables. It serialises to `{name: {value, scope, type, is_system}}`.
#[derive(Clone, Debug, PartialEq)]
pub struct DebugView<'v>(Vec<(&'v str, DebugEntry<'v>)>);

/// One entry of the debug view.
#[derive(Clone, Copy, PartialEq, Serialize)]
pub struct DebugEntry<'v> {
    /// The value.
    pub value: &'v Value,
    /// The scope.
    pub scope: &'v str,
    /// The JSON Schema name of the value's type, for example `string`; a number without a fraction is an `integer`.
    #[serde(rename = "type")]
    pub value_type: &'static str,
    /// Whether the name starts with `_`.
    pub is_system: bool,
}

/// Shows no value.
impl fmt::Debug for DebugEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DebugEntry")
            .field("scope", &self.scope)
            .field("value_type", &self.value_type)
            .finish_non_exhaustive()
    }
}

impl<'v> DebugView<'v> {
    /// Returns the entries, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &(&'v str, DebugEntry<'v>)> {
        self.0.iter()
    }
}

impl Serialize for DebugView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, entry) in &self.0 {
            map.serialize_entry(name, entry)?;
        }
        map.end()
    }
}

/// Returns the debug view of variables.
///
/// ```
/// use cognigy_context::{Variable, debug_view};
/// use serde_json::json;
///
/// let variable = Variable {
///     name: "_turn".to_owned(), value: json!(3.0), scope: "session".to_owned(), stated_type: None,
/// };
/// assert_eq!(
///     serde_json::to_value(debug_view([&variable])).unwrap(),
///     json!({"_turn": {"value": 3.0, "scope": "session", "type": "integer", "is_system": true}}),
/// );
/// ```
pub fn debug_view<'v>(variables: impl IntoIterator<Item = &'v Variable>) -> DebugView<'v> {
    let named_entry = |variable: &'v Variable| {
        let entry = DebugEntry {
            value: &variable.value,
            scope: &variable.scope,
            value_type: type_name(&variable.value),
            is_system: is_system(&variable.name),
        };
        (variable.name.as_str(), entry)
    };
    DebugView(variables.into_iter().map(named_entry).collect())
}

/// Returns whether a name is that of a system variable, which starts with `_`.
#[must_use]
pub fn is_system(name: &str) -> bool {
    name.starts_with('_')
}

/// The JSON Schema type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// `null`.
    Null,
    /// A boolean.
    Boolean,
    /// A number without a fraction.
    Integer,
    /// A number with a fraction.
    Number,
    /// Text.
    String,
    /// A list.
    Array,
    /// An object.
    Object,
}

impl ValueType {
    /// The number of types.
    pub const COUNT: usize = Self::Object as usize + 1;

    /// Returns the type of a value.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
            Value::Number(number) => match number.as_f64() {
                Some(float) if number.is_f64() => Self::of_float(float),
                _ => Self::Integer,
            },
        }
    }

    /// Returns the type of a float: `Integer` without a fraction, `Number` with one or when it is not finite.
    #[must_use]
    pub fn of_float(value: f64) -> Self {
        // The fraction of a non-finite float is NaN, so it is not an integer.
        if value.fract() == 0.0 { Self::Integer } else { Self::Number }
    }

    /// Returns the JSON Schema name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

/// Returns the JSON Schema name of the type of a value.
#[must_use]
pub fn type_name(value: &Value) -> &'static str {
    ValueType::of(value).name()
}
