//! Handles the events of a walker.

use super::numbers::{is_infinite, may_overflow};
use super::{Checker, Root};
use crate::check::json_writer::JsonWriter;
use crate::check::text_size::TextSize;
use crate::check::visitor::{NumberKind, UnsupportedValue, ValueVisitor};
use crate::display_text::grouped;
use crate::issue::{Code, Issue, Severity};
use crate::path::Path;
use crate::policy::MAX_NESTING;

/// Counts platform bytes: 2 per UTF-16 code unit of a key or string, 8 per number, 4 per boolean, 0 for the rest.
impl<O: JsonWriter> ValueVisitor for Checker<'_, O> {
    #[inline(always)]
    fn begin_object(&mut self, at: &Path<'_>) -> bool {
        if at.depth() == self.variable_depth_offset {
            self.root = Root::Object;
        } else if !self.enter_container(at) {
            return false;
        }
        self.out.write_byte(b'{');
        self.needs_comma = false;
        true
    }

    #[inline(always)]
    fn key(&mut self, key: &str, size: TextSize, member: &Path<'_>) -> bool {
        self.begin_member(key, member, |out, comma| {
            out.write_key(comma, key, size);
            size
        })
    }

    #[inline(always)]
    fn unmeasured_key(&mut self, key: &str, member: &Path<'_>) -> bool {
        self.begin_member(key, member, |out, comma| out.write_unmeasured_key(comma, key))
    }

    #[inline(always)]
    fn end_member(&mut self, member: &Path<'_>) {
        if self.tracks_variable_sizes && self.is_variable(member) {
            self.end_variable(member);
        }
    }

    #[inline(always)]
    fn end_object(&mut self) {
        self.out.write_byte(b'}');
        self.needs_comma = true;
    }

    #[inline(always)]
    fn begin_array(&mut self, at: &Path<'_>) -> bool {
        self.note_root(at, "a list");
        if !self.enter_container(at) {
            return false;
        }
        self.out.write_byte(b'[');
        self.needs_comma = false;
        true
    }

    #[inline(always)]
    fn item(&mut self) {
        self.write_comma();
        self.needs_comma = false;
    }

    #[inline(always)]
    fn end_array(&mut self) {
        self.out.write_byte(b']');
        self.needs_comma = true;
    }

    #[inline(always)]
    fn null(&mut self, at: &Path<'_>) {
        self.note_root(at, "null");
        if !self.policy.allow_null && self.is_variable(at) {
            self.report(
                Issue::error(
                    Code::NullValue,
                    at.to_pointer(),
                    "the variable is null, and the policy does not allow null",
                )
                .with_hint("Leave the variable out, or give it a value."),
            );
        }
        self.out.write_raw("null");
        self.needs_comma = true;
    }

    #[inline(always)]
    fn boolean(&mut self, value: bool, at: &Path<'_>) {
        self.note_root(at, "a boolean");
        self.out.write_raw(if value { "true" } else { "false" });
        self.platform_bytes += 4;
        self.needs_comma = true;
    }

    #[inline(always)]
    fn number(&mut self, text: &str, kind: NumberKind, at: &Path<'_>) {
        self.note_root(at, "a number");
        match kind {
            // An integer of up to 15 characters is always within ±(2^53−1).
            NumberKind::Integer if text.len() > 15 => self.check_big_integer(text, at),
            NumberKind::Float if may_overflow(text) && is_infinite(text) => {
                self.report_non_finite(at)
            }
            _ => {}
        }
        self.out.write_raw(text);
        self.platform_bytes += 8;
        self.needs_comma = true;
    }

    #[inline(always)]
    fn string(&mut self, text: &str, size: TextSize, at: &Path<'_>) {
        self.note_root(at, "a string");
        self.out.write_string(text, size);
        self.platform_bytes += 2 * size.utf16 as u64;
        self.needs_comma = true;
    }

    #[inline(always)]
    fn text(&mut self, text: &str, at: &Path<'_>) {
        self.note_root(at, "a string");
        let size = self.out.write_string_between("", text, "");
        self.platform_bytes += 2 * size.utf16 as u64;
        self.needs_comma = true;
    }

    #[cold]
    fn unsupported(&mut self, what: UnsupportedValue, at: &Path<'_>) {
        self.note_root(at, "a value without JSON form");
        // Also when the issue below is only counted, so that the variable has no warning in addition.
        self.variable.is_too_deep |= what == UnsupportedValue::TooDeep;
        match what {
            UnsupportedValue::NonFinite => self.report_non_finite(at),
            UnsupportedValue::HugeInteger => self.report_huge_integer(at),
            _ if self.omit_if_budget_spent(Severity::Error) => {}
            UnsupportedValue::Unserializable => self.report(
                Issue::error(
                    Code::UnserializableType,
                    at.to_pointer(),
                    "the value cannot be written as JSON",
                )
                .with_hint("Convert it to a string, number, boolean, list, object or null."),
            ),
            UnsupportedValue::SparseList(holes) => self.report(
                Issue::error(
                    Code::UnserializableType,
                    at.to_pointer(),
                    format!(
                        "the list has {} {}",
                        grouped(holes),
                        if holes == 1 { "hole" } else { "holes" }
                    ),
                )
                .with_hint("Use an object with the indexes as keys, or fill the holes with null."),
            ),
            UnsupportedValue::ListWithProperties => self.report(
                Issue::error(
                    Code::UnserializableType,
                    at.to_pointer(),
                    "the list has properties but no items, and JSON lists have only items",
                )
                .with_hint("Use an object instead of the list."),
            ),
            UnsupportedValue::Circular => self.report(
                Issue::error(
                    Code::CircularReference,
                    at.to_pointer(),
                    "the list or object contains itself",
                )
                .with_hint("Replace the inner reference, for example with an id."),
            ),
            UnsupportedValue::TooDeep => self.report(
                Issue::error(
                    Code::NestingTooDeep,
                    at.to_pointer(),
                    format!("the value is nested more than {MAX_NESTING} levels deep"),
                )
                .with_figures(MAX_NESTING.into(), u64::from(MAX_NESTING) + 1)
                .with_hint("Flatten the value."),
            ),
        }
        self.out.write_raw("null");
        self.needs_comma = true;
    }

    #[cold]
    fn lone_surrogate(&mut self, at: &Path<'_>) {
        self.report_error(
            Code::LoneSurrogate,
            at,
            "the text contains half of a surrogate pair, which UTF-8 cannot encode",
            "Repair the text at its source: it was cut inside a character, or decoded wrongly.",
        );
    }

    #[cold]
    fn non_string_key(&mut self, at: &Path<'_>) {
        self.report_error(
            Code::NonStringKey,
            at,
            "a key of this object is not a string",
            "Convert the key to a string before the call.",
        );
    }

    #[cold]
    fn duplicate_key(&mut self, member: &Path<'_>) {
        self.report_error(
            Code::DuplicateKey,
            member,
            "the object has this key more than once, and JSON readers disagree on which member counts",
            "Keep one of the members.",
        );
    }
}
