//! JSON text as a value, held to a rule for its number_policy.

use std::borrow::Cow;

use serde_json::Value;

use super::coerce_text::{Coerced, IntegerRange};
use super::{lossless, python_compat, typed};
use crate::check::{
    NumberKind, Path, TextSize, UnsupportedValue, ValueVisitor, parse_measured, visit_part,
};
use crate::policy::MAX_NESTING;

/// Which number_policy are taken inside JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberPolicy {
    /// Those whose canonical text is the one that stands there.
    Canonical,
    /// Those whose value a float, or an integer that every language holds, says exactly.
    SameValue,
    /// All that are finite, and integers as long as Python reads them.
    Finite,
}

/// The value that `text`, which has no outer white space, says; none where it is no JSON, or says
/// something that cannot be carried: a number against the rule, a key twice (but in `Finite`, where
/// the last counts), half a surrogate pair, nesting without end.
pub(super) fn read(text: &str, number_policy: NumberPolicy) -> Option<Coerced<'_>> {
    let mut rule = NumberValidator { number_policy, holds: true, integers: IntegerRange::Safe };
    if !visit_part(text, &mut rule, &Path::ROOT) || !rule.holds {
        return None;
    }
    match text.as_bytes().first()? {
        b'{' | b'[' => Some(Coerced::Json { text, integers: rule.integers }),
        _ => Some(match parse(text)? {
            Value::Null => Coerced::Null,
            Value::Bool(value) => Coerced::Boolean(value),
            Value::String(value) => Coerced::Text(Cow::Owned(value)),
            Value::Number(_) => return None,
            Value::Array(_) | Value::Object(_) => return None,
        }),
    }
}

/// The value of JSON text whose nesting is known to be sane.
pub(super) fn parse(text: &str) -> Option<Value> {
    parse_measured(text.as_bytes())
}

/// Whether the text is JSON at all.
pub(super) fn is_json(text: &str) -> bool {
    let mut any = NumberValidator {
        number_policy: NumberPolicy::Finite,
        holds: true,
        integers: IntegerRange::Safe,
    };
    visit_part(text, &mut any, &Path::ROOT)
}

/// The widest integer in JSON text.
pub(super) fn widest_integer(text: &str) -> IntegerRange {
    let mut any = NumberValidator {
        number_policy: NumberPolicy::Finite,
        holds: true,
        integers: IntegerRange::Safe,
    };
    // Text that is too short for a wide integer holds none.
    if text.len() > 15 {
        visit_part(text, &mut any, &Path::ROOT);
    }
    any.integers
}

/// Hears the text and says whether it can be carried.
struct NumberValidator {
    number_policy: NumberPolicy,
    holds: bool,
    integers: IntegerRange,
}

impl NumberValidator {
    fn enter(&mut self, at: &Path<'_>) -> bool {
        self.holds &= at.depth() < MAX_NESTING;
        at.depth() < MAX_NESTING
    }
}

impl ValueVisitor for NumberValidator {
    fn begin_object(&mut self, at: &Path<'_>) -> bool {
        self.enter(at)
    }

    fn key(&mut self, _: &str, _: TextSize, _: &Path<'_>) -> bool {
        true
    }

    fn end_member(&mut self, _: &Path<'_>) {}

    fn end_object(&mut self) {}

    fn begin_array(&mut self, at: &Path<'_>) -> bool {
        self.enter(at)
    }

    fn item(&mut self) {}

    fn end_array(&mut self) {}

    fn null(&mut self, _: &Path<'_>) {}

    fn boolean(&mut self, _: bool, _: &Path<'_>) {}

    fn number(&mut self, text: &str, kind: NumberKind, _: &Path<'_>) {
        if kind == NumberKind::Integer {
            self.integers = self.integers.max(IntegerRange::of(text));
        }
        self.holds &= match self.number_policy {
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
        self.holds = false;
    }

    fn lone_surrogate(&mut self, _: &Path<'_>) {
        self.holds = false;
    }

    fn non_string_key(&mut self, _: &Path<'_>) {
        self.holds = false;
    }

    fn duplicate_key(&mut self, _: &Path<'_>) {
        self.holds &= self.number_policy == NumberPolicy::Finite;
    }
}
