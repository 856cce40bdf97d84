//! Coerces a text to a form from which every language creates its own value.

use std::borrow::Cow;

use serde_json::{Number, Value};

use super::{Mode, TypeHint, json, lossless, python_compat, typed};
use crate::issue::{Code, Issue};
use crate::report::ValidationError;

/// A coerced text. Integers stay digits, so that a language with unbounded integers loses nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Coerced<'t> {
    /// The text itself.
    Text(Cow<'t, str>),
    /// `null`.
    Null,
    /// A boolean.
    Boolean(bool),
    /// An integer: digits without leading zeros, with an optional minus.
    Integer(Cow<'t, str>),
    /// A finite float.
    Float(f64),
    /// The JSON text of an object or array, and the range of its integers.
    Json {
        /// The text.
        text: &'t str,
        /// The range of its largest integer.
        integers: IntegerRange,
    },
}

/// The range of an integer, for languages with bounded integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IntegerRange {
    /// Within ±(2^53−1): exact in every language.
    Safe,
    /// Within 64 bits: not exact as a JavaScript number.
    Bits64,
    /// Beyond 64 bits: exact only in languages with unbounded integers.
    Beyond,
}

impl IntegerRange {
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
    /// Returns the range of the largest integer. A language that does not support it keeps the text.
    #[must_use]
    pub fn integer_range(&self) -> IntegerRange {
        match self {
            Self::Integer(digits) => IntegerRange::of(digits),
            Self::Json { integers, .. } => *integers,
            _ => IntegerRange::Safe,
        }
    }

    /// Returns the value as a `serde_json` value; `None` for integers beyond 64 bits, which stay text.
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
            Self::Json { text, .. } => json::parse(text)?,
        })
    }
}

/// Coerces `text` by the mode, or to the type of the hint.
///
/// ```
/// use cognigy_context::__bindings::{Coerced, coerce_text};
/// use cognigy_context::{coerce::TypeHint, coerce::Mode};
///
/// assert_eq!(coerce_text("42", Mode::Lossless, None)?, Coerced::Integer("42".into()));
/// assert_eq!(coerce_text("007", Mode::Lossless, None)?, Coerced::Text("007".into()));
/// assert_eq!(coerce_text("007", Mode::Compat, None)?, Coerced::Integer("7".into()));
/// assert!(coerce_text("gold", Mode::Lossless, Some(TypeHint::Number)).is_err());
/// # Ok::<(), cognigy_context::__bindings::CoercionError>(())
/// ```
///
/// # Errors
/// [`CoercionError`] when the text cannot be converted to the type of the hint.
pub fn coerce_text(
    text: &str,
    mode: Mode,
    hint: Option<TypeHint>,
) -> Result<Coerced<'_>, CoercionError> {
    match hint {
        Some(hint) => typed::coerce(text, mode, hint).ok_or(CoercionError { hint }),
        None => Ok(match mode {
            Mode::Lossless => lossless::coerce(text),
            Mode::Compat => python_compat::coerce(text),
        }),
    }
}

/// Does the same for a language that supports integers up to `widest`. A larger integer stays text, or is an error
/// with a hint.
///
/// # Errors
/// As [`coerce_text`], and for a value with a hint that the language does not support.
pub fn coerce_text_within(
    text: &str,
    mode: Mode,
    hint: Option<TypeHint>,
    widest: IntegerRange,
) -> Result<Coerced<'_>, CoercionError> {
    let coerced = coerce_text(text, mode, hint)?;
    if coerced.integer_range() <= widest {
        return Ok(coerced);
    }
    match hint {
        Some(hint) => Err(CoercionError { hint }),
        None => Ok(Coerced::Text(Cow::Borrowed(text))),
    }
}

/// The error for a text that cannot be converted to the type of its hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text cannot be converted to {}", .hint.noun())]
pub struct CoercionError {
    /// The expected type.
    pub hint: TypeHint,
}

impl CoercionError {
    /// Returns the issue for `path`.
    #[must_use]
    pub fn into_issue(self, path: String) -> Issue {
        Issue::error(Code::CoercionFailed, path, self.to_string())
            .hint("Correct the value or its declared type.")
    }

    /// Returns the error with the issue for `path`.
    #[must_use]
    pub fn into_error(self, path: String) -> ValidationError {
        ValidationError::of(vec![self.into_issue(path)])
    }
}
