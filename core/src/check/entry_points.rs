//! Measures and writes values that a caller's walker visits, and text with sentinels.

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
/// The writers of bodies use it: [`InjectionWriter`](crate::__bindings::InjectionWriter) and
/// [`StateWriter`](crate::__bindings::StateWriter).
pub fn visit_with_sentinels_at<O: JsonWriter>(
    text: impl AsRef<[u8]>,
    checker: &mut Checker<'_, O>,
    at: &Path<'_>,
) {
    json_text::visit_with_sentinels_at(text.as_ref(), checker, at);
}

/// Visits one value that begins at the byte `from` of a larger text with sentinels, for example a list of
/// values. Returns the byte offset of its end.
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
/// [`ValidationError`] when a part of the value has no JSON form.
pub fn measure_with(
    walk: impl FnOnce(&mut Checker<'_, ByteCounter>),
) -> Result<Sizes, ValidationError> {
    measure_with_policy(Policy::no_limits(), walk)
}

/// Measures a value that `walk` visits, under a policy. The policy applies to an object's members; the value
/// may be of any type.
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

/// Writes a value that `walk` visits as compact JSON. Only the rules that every policy shares apply.
///
/// # Errors
/// [`ValidationError`] when a part of the value has no JSON form.
pub fn write_with(
    walk: impl FnOnce(&mut Checker<'_, Vec<u8>>),
) -> Result<Vec<u8>, ValidationError> {
    write_with_policy(Policy::no_limits(), walk)
}

/// Writes a value that `walk` visits as compact JSON, under a policy. The policy applies to an object's
/// members; the value may be of any type.
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
