//! The value of a text, in a form from which every language makes its own.

use std::borrow::Cow;

use serde_json::{Number, Value};

use super::{Mode, TypeHint, json, lossless, python_compat, typed};
use crate::issue::{Code, Issue};
use crate::report::ValidationError;

/// What a text turned out to be, in a form from which every language makes its own value: number_policy
/// are still digits, so that a language whose integers have no end loses nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Coerced<'t> {
    /// The text itself.
    Text(Cow<'t, str>),
    /// `null`.
    Null,
    /// A boolean.
    Boolean(bool),
    /// An integer: digits without leading zeros, perhaps behind a minus.
    Integer(Cow<'t, str>),
    /// A finite float.
    Float(f64),
    /// The JSON text of an object or array that can be carried, and how wide its integers are.
    Json {
        /// The text.
        text: &'t str,
        /// The widest integer in it.
        integers: IntegerRange,
    },
}

/// How wide an integer is, for languages that hold only some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IntegerRange {
    /// Within ±(2^53−1): every language holds it.
    Safe,
    /// Within 64 bits: JavaScript's number_policy do not.
    Bits64,
    /// Beyond 64 bits: only languages whose integers have no end do.
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
    /// The widest integer in it. A language that cannot hold it leaves the text as it is.
    #[must_use]
    pub fn integer_range(&self) -> IntegerRange {
        match self {
            Self::Integer(digits) => IntegerRange::of(digits),
            Self::Json { integers, .. } => *integers,
            _ => IntegerRange::Safe,
        }
    }

    /// The value as `serde_json` holds it. None where that cannot hold it: an integer beyond 64
    /// bits, which then stays text.
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

/// What `text` is, by the mode, and by what its variable says of it.
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
/// [`CoercionError`] when the text is not of the type that the hint names.
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

/// The same for a language that holds integers up to this width: a wider one stays text, or fails
/// where a hint asks for it.
///
/// # Errors
/// As [`coerce_text`], and when what the hint asks for cannot be held.
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

/// A text is not of the type that its hint names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text cannot be read as {}", .hint.noun())]
pub struct CoercionError {
    /// The type that was asked for.
    pub hint: TypeHint,
}

impl CoercionError {
    /// The issue, at its place.
    #[must_use]
    pub fn into_issue(self, path: String) -> Issue {
        Issue::error(Code::CoercionFailed, path, self.to_string())
            .hint("Correct the value or the type that is stated for it.")
    }

    /// The error that carries the issue.
    #[must_use]
    pub fn into_error(self, path: String) -> ValidationError {
        ValidationError::of(vec![self.into_issue(path)])
    }
}
