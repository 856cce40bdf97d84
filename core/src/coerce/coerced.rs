//! The result of a coercion, from which each language creates its own value.

use std::borrow::Cow;

use serde_json::{Number, Value};

use crate::check::parse_measured;

/// The result of a coercion, from which each language creates its own value. Integers stay digits, so
/// that a language with integers of any size can represent them exactly.
#[derive(Clone, Debug, PartialEq)]
pub enum Coerced<'t> {
    /// The text itself.
    Text(Cow<'t, str>),
    /// `null`.
    Null,
    /// A boolean.
    Boolean(bool),
    /// An integer: digits without leading zeros, after a minus sign for negative ones.
    Integer(Cow<'t, str>),
    /// A finite float.
    Float(f64),
    /// The JSON text of an object or array.
    Json {
        /// The text, without outer white space.
        text: &'t str,
        /// The range of the largest integer in the text; `Safe` when there is none.
        integers: IntegerRange,
    },
}

/// The range of an integer. Languages differ in the ranges they can represent exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IntegerRange {
    /// Within ±(2^53−1), which every language represents exactly.
    Safe,
    /// Within 64 bits, which JavaScript numbers do not represent exactly.
    Bits64,
    /// Beyond 64 bits, which only languages with integers of any size represent exactly.
    Beyond,
}

impl IntegerRange {
    /// Returns the range of an integer's digits, which may follow a minus.
    pub(crate) fn of(digits: &str) -> Self {
        let unsigned = digits.strip_prefix('-').unwrap_or(digits);
        match unsigned.parse::<u64>() {
            Ok(value) if value <= crate::policy::MAX_SAFE_INTEGER => Self::Safe,
            Ok(_) if unsigned.len() == digits.len() || digits.parse::<i64>().is_ok() => {
                Self::Bits64
            }
            _ => Self::Beyond,
        }
    }
}

impl Coerced<'_> {
    /// Returns the range of the largest integer in the value; `Safe` when there is none.
    #[must_use]
    pub fn integer_range(&self) -> IntegerRange {
        match self {
            Self::Integer(digits) => IntegerRange::of(digits),
            Self::Json { integers, .. } => *integers,
            _ => IntegerRange::Safe,
        }
    }

    /// Returns the value as a [`Value`]; `None` when it contains an integer beyond 64 bits.
    #[must_use]
    pub fn to_value(&self) -> Option<Value> {
        if self.integer_range() == IntegerRange::Beyond {
            return None;
        }
        Some(match self {
            Self::Text(text) => Value::from(text.as_ref()),
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::from(*value),
            Self::Integer(digits) => match (digits.parse::<i64>(), digits.parse::<u64>()) {
                (Ok(value), _) => Value::from(value),
                (_, Ok(value)) => Value::from(value),
                _ => return None,
            },
            Self::Float(value) => Value::Number(Number::from_f64(*value)?),
            Self::Json { text, .. } => parse_measured(text.as_bytes())?,
        })
    }
}
