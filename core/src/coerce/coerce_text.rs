//! Coerces a text to its declared type, or by the mode when it has none.

use std::borrow::Cow;

use super::coerced::{Coerced, IntegerRange};
use super::types::{Mode, TypeHint};
use super::{lossless, python_compat, typed};
use crate::issue::{Code, Issue};
use crate::report::ValidationError;

/// Coerces `text` to its declared type `hint`, or by `mode` when `hint` is `None`. With a hint, `mode` decides which
/// numbers are accepted.
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

/// Coerces `text` for a language that represents integers of the range `widest` exactly. A value with
/// a larger integer stays text; with a `hint` it is an error.
///
/// # Errors
/// As [`coerce_text`], and when the language cannot represent the value that `hint` requires.
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

/// The error for a text that cannot be converted to its declared type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text cannot be converted to {}", .hint.noun())]
pub struct CoercionError {
    /// The declared type.
    pub hint: TypeHint,
}

impl CoercionError {
    /// Returns the issue for the value at `path`, a JSON Pointer.
    #[must_use]
    pub fn into_issue(self, path: String) -> Issue {
        Issue::error(Code::CoercionFailed, path, self.to_string())
            .with_hint("Correct the value or its declared type.")
    }

    /// Returns the error with the issue for the value at `path`, a JSON Pointer.
    #[must_use]
    pub fn into_error(self, path: String) -> ValidationError {
        ValidationError::of(vec![self.into_issue(path)])
    }
}
