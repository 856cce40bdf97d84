//! Reads JSON text as a value, under a policy for its numbers.

use std::borrow::Cow;

use serde_json::Value;

use super::coerce_text::{Coerced, IntegerRange};
use super::{lossless, python_compat, typed};
use crate::check::{
    NumberKind, Path, TextSize, UnsupportedValue, ValueVisitor, parse_measured, visit_part,
};
use crate::policy::MAX_NESTING;

/// The numbers that are accepted inside JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberPolicy {
    /// Numbers in canonical form.
    Canonical,
    /// Numbers that a float or a safe integer represents exactly.
    SameValue,
    /// Finite numbers, and integers up to the length that Python reads.
    Finite,
}

/// Returns the value of `text`, which has no outer white space. Returns `None` for invalid JSON, a number that the
/// policy rejects, a duplicate key (except with `Finite`, where the last one counts), half of a surrogate pair, or
/// nesting beyond the limit.
pub(super) fn read(text: &str, number_policy: NumberPolicy) -> Option<Coerced<'_>> {
    let mut validator =
        NumberValidator { number_policy, is_valid: true, integers: IntegerRange::Safe };
    if !visit_part(text, &mut validator, &Path::ROOT) || !validator.is_valid {
        return None;
    }
    match text.as_bytes().first()? {
        b'{' | b'[' => Some(Coerced::Json { text, integers: validator.integers }),
        _ => Some(match parse(text)? {
            Value::Null => Coerced::Null,
            Value::Bool(value) => Coerced::Boolean(value),
            Value::String(value) => Coerced::Text(Cow::Owned(value)),
            Value::Number(_) => return None,
            Value::Array(_) | Value::Object(_) => return None,
        }),
    }
}

/// Returns the value of JSON text whose nesting is within the limit.
pub(super) fn parse(text: &str) -> Option<Value> {
    parse_measured(text.as_bytes())
}

/// Returns whether the text is valid JSON.
pub(super) fn is_json(text: &str) -> bool {
    let mut any = NumberValidator {
        number_policy: NumberPolicy::Finite,
        is_valid: true,
        integers: IntegerRange::Safe,
    };
    visit_part(text, &mut any, &Path::ROOT)
}

/// Returns the range of the largest integer in JSON text.
pub(super) fn widest_integer(text: &str) -> IntegerRange {
    let mut any = NumberValidator {
        number_policy: NumberPolicy::Finite,
        is_valid: true,
        integers: IntegerRange::Safe,
    };
    // Shorter text contains safe integers only.
    if text.len() > 15 {
        visit_part(text, &mut any, &Path::ROOT);
    }
    any.integers
}

/// Validates the numbers, keys and nesting of a text.
struct NumberValidator {
    number_policy: NumberPolicy,
    is_valid: bool,
    integers: IntegerRange,
}

impl NumberValidator {
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
            self.integers = self.integers.max(IntegerRange::of(text));
        }
        self.is_valid &= match self.number_policy {
            NumberPolicy::Canonical => lossless::number(text).is_some(),
            NumberPolicy::SameValue => typed::exact_number(text).is_some(),
            NumberPolicy::Finite if kind == NumberKind::Integer => {
                text.trim_start_matches('-').len() <= python_compat::MAX_DIGITS
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
        self.is_valid &= self.number_policy == NumberPolicy::Finite;
    }
}
