//! Functions that measure and write a value that the caller's walker visits, or text with sentinels.

use super::{ByteCounter, Checker, INITIAL_CAPACITY, JsonWriter, json_text};
use crate::path::Path;
use crate::policy::Policy;
use crate::report::{Sizes, ValidationError};

/// Measures text with sentinels, as [`measure_json`](super::measure_json) does for plain JSON text.
///
/// # Errors
/// As [`measure_json`](super::measure_json), and for every sentinel.
pub fn measure_json_with_sentinels(text: impl AsRef<[u8]>) -> Result<Sizes, ValidationError> {
    measure_with(|checker| json_text::visit_with_sentinels(text.as_ref(), checker))
}

/// Visits text with sentinels as one value of a larger body, at the path `at`.
///
/// Use it for the values of an [`InjectionWriter`](crate::__bindings::InjectionWriter) or a
/// [`StateWriter`](crate::__bindings::StateWriter).
pub fn visit_with_sentinels_at<O: JsonWriter>(
    text: impl AsRef<[u8]>,
    checker: &mut Checker<'_, O>,
    at: &Path<'_>,
) {
    json_text::visit_with_sentinels_at(text.as_ref(), checker, at);
}

/// Visits one value in a larger text with sentinels, for example an item of a list. The value begins at the byte
/// offset `from`. Returns the byte offset of its end, or the length of `text` after a syntax error.
pub fn visit_with_sentinels_within<O: JsonWriter>(
    text: &str,
    from: usize,
    checker: &mut Checker<'_, O>,
    at: &Path<'_>,
) -> usize {
    json_text::visit_with_sentinels_within(text, from, checker, at)
}

/// Measures a value that `walk` visits.
///
/// # Errors
/// As [`measure`](super::measure).
pub fn measure_with(
    walk: impl FnOnce(&mut Checker<'_, ByteCounter>),
) -> Result<Sizes, ValidationError> {
    measure_with_policy(Policy::no_limits(), walk)
}

/// Measures a value of any type that `walk` visits. The size limits of `policy` apply to the value, its other
/// rules to the members of an object.
pub(crate) fn measure_with_policy(
    policy: &Policy,
    walk: impl FnOnce(&mut Checker<'_, ByteCounter>),
) -> Result<Sizes, ValidationError> {
    let mut checker = Checker::new(policy, ByteCounter::default());
    checker.allow_any_root();
    walk(&mut checker);
    let (report, ..) = checker.finish();
    report.raise_if_failed().map(|report| report.sizes)
}

/// Writes a value that `walk` visits as compact JSON. Only the rules that all policies have in common apply.
///
/// # Errors
/// As [`measure`](super::measure).
pub fn write_with(
    walk: impl FnOnce(&mut Checker<'_, Vec<u8>>),
) -> Result<Vec<u8>, ValidationError> {
    write_with_policy(Policy::no_limits(), walk)
}

/// Writes a value of any type that `walk` visits as compact JSON. The size limits of `policy` apply to the value,
/// its other rules to the members of an object.
pub(crate) fn write_with_policy(
    policy: &Policy,
    walk: impl FnOnce(&mut Checker<'_, Vec<u8>>),
) -> Result<Vec<u8>, ValidationError> {
    let mut checker = Checker::new(policy, Vec::with_capacity(INITIAL_CAPACITY));
    checker.allow_any_root();
    walk(&mut checker);
    let (report, text, _) = checker.finish();
    report.raise_if_failed().map(|_| text)
}
