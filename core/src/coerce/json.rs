//! Coerces JSON text, with a policy for the numbers in it.

use std::borrow::Cow;

use serde_json::Value;

use super::coerced::{Coerced, IntegerRange};
use super::numbers::{MAX_PYTHON_DIGITS, canonical_number, exact_number};
use crate::check::{
    NumberKind, Path, TextSize, UnsupportedValue, ValueVisitor, parse_measured, visit_part,
};
use crate::policy::MAX_NESTING;

/// Which numbers JSON text may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberPolicy {
    /// Numbers written in their canonical text.
    Canonical,
    /// Numbers whose decimal value stays the same when every language reads and writes them.
    Exact,
    /// Finite floats, and integers of up to [`MAX_PYTHON_DIGITS`] digits.
    Finite,
}

/// Reads JSON text without outer white space. Returns `None` for text that is not JSON, for a number alone, and for
/// JSON that contains a number that the policy rejects, a duplicate key (except with `Finite`, where the last one
/// counts), half of a surrogate pair, or more than [`MAX_NESTING`] levels of nesting.
pub(super) fn read(text: &str, policy: NumberPolicy) -> Option<Coerced<'_>> {
    let mut validator = NumberValidator::new(policy);
    if !visit_part(text, &mut validator, &Path::ROOT) || !validator.is_valid {
        return None;
    }
    match text.as_bytes().first()? {
        b'{' | b'[' => Some(Coerced::Json { text, integers: validator.widest_integer }),
        _ => Some(match parse_measured(text.as_bytes())? {
            Value::Null => Coerced::Null,
            Value::Bool(value) => Coerced::Boolean(value),
            Value::String(value) => Coerced::Text(Cow::Owned(value)),
            Value::Number(_) | Value::Array(_) | Value::Object(_) => return None,
        }),
    }
}

/// Returns the range of the largest integer in JSON text; `Safe` when there is none.
pub(crate) fn widest_integer(text: &str) -> IntegerRange {
    let mut validator = NumberValidator::new(NumberPolicy::Finite);
    // An integer of up to 15 digits is always safe.
    if text.len() > 15 {
        visit_part(text, &mut validator, &Path::ROOT);
    }
    validator.widest_integer
}

/// Visits JSON text, checks it against the policy and finds its largest integer.
struct NumberValidator {
    policy: NumberPolicy,
    is_valid: bool,
    widest_integer: IntegerRange,
}

impl NumberValidator {
    const fn new(policy: NumberPolicy) -> Self {
        Self { policy, is_valid: true, widest_integer: IntegerRange::Safe }
    }

    fn enter_container(&mut self, at: &Path<'_>) -> bool {
        self.is_valid &= at.depth() < MAX_NESTING;
        at.depth() < MAX_NESTING
    }
}

impl ValueVisitor for NumberValidator {
    fn begin_object(&mut self, at: &Path<'_>) -> bool {
        self.enter_container(at)
    }

    fn key(&mut self, _: &str, _: TextSize, _: &Path<'_>) -> bool {
        true
    }

    fn end_member(&mut self, _: &Path<'_>) {}

    fn end_object(&mut self) {}

    fn begin_array(&mut self, at: &Path<'_>) -> bool {
        self.enter_container(at)
    }

    fn item(&mut self) {}

    fn end_array(&mut self) {}

    fn null(&mut self, _: &Path<'_>) {}

    fn boolean(&mut self, _: bool, _: &Path<'_>) {}

    fn number(&mut self, text: &str, kind: NumberKind, _: &Path<'_>) {
        if kind == NumberKind::Integer {
            self.widest_integer = self.widest_integer.max(IntegerRange::of(text));
        }
        self.is_valid &= match self.policy {
            NumberPolicy::Canonical => canonical_number(text).is_some(),
            NumberPolicy::Exact => exact_number(text).is_some(),
            NumberPolicy::Finite if kind == NumberKind::Integer => {
                text.trim_start_matches('-').len() <= MAX_PYTHON_DIGITS
            }
            NumberPolicy::Finite => text.parse::<f64>().is_ok_and(f64::is_finite),
        };
    }

    fn string(&mut self, _: &str, _: TextSize, _: &Path<'_>) {}

    fn unsupported(&mut self, _: UnsupportedValue, _: &Path<'_>) {
        self.is_valid = false;
    }

    fn lone_surrogate(&mut self, _: &Path<'_>) {
        self.is_valid = false;
    }

    fn non_string_key(&mut self, _: &Path<'_>) {
        self.is_valid = false;
    }

    fn duplicate_key(&mut self, _: &Path<'_>) {
        self.is_valid &= self.policy == NumberPolicy::Finite;
    }
}
