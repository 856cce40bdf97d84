//! Measures and writes over a walk of the caller's, or over text with sentinels.

use super::{ByteCounter, Checker, FIRST_CAPACITY, JsonWriter, json_text};
use crate::path::Path;
use crate::policy::Policy;
use crate::report::{Sizes, ValidationError};

/// The same as [`measure_json`] for the text that [`CheckOptions::json_with_sentinels`] takes.
///
/// # Errors
/// As [`measure_json`], and for every mark.
pub fn measure_json_with_sentinels(text: impl AsRef<[u8]>) -> Result<Sizes, ValidationError> {
    measure_with(|checker| json_text::visit_with_sentinels(text.as_ref(), checker))
}

/// Tells a checker of one value of a larger whole, given as the text that [`CheckOptions::json_with_sentinels`]
/// takes: for the writers of bodies ([`InjectionWriter`](crate::injection::InjectionWriter),
/// [`StateWriter`](crate::state::StateWriter)), which say at which place it stands.
pub fn visit_with_sentinels_at<O: JsonWriter>(
    text: impl AsRef<[u8]>,
    checker: &mut Checker<'_, O>,
    at: &Path<'_>,
) {
    json_text::visit_with_sentinels_at(text.as_ref(), checker, at);
}

/// The same for a value that begins at a byte of a larger text, such as a list of values. Answers
/// where it ends.
pub fn visit_with_sentinels_within<O: JsonWriter>(
    text: &str,
    from: usize,
    checker: &mut Checker<'_, O>,
    at: &Path<'_>,
) -> usize {
    json_text::visit_with_sentinels_within(text, from, checker, at)
}

/// The same as [`measure`] for a driver of your own.
///
/// # Errors
/// [`ValidationError`] when a part of the value has no JSON form.
pub fn measure_with(
    walk: impl FnOnce(&mut Checker<'_, ByteCounter>),
) -> Result<Sizes, ValidationError> {
    measure_with_policy(Policy::no_limits(), walk)
}

/// The same under a policy, which holds for a map of names to values; the whole may be of any kind.
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

/// Writes a value that a driver of your own walks as compact JSON, under no rule but those that
/// hold in every policy.
///
/// # Errors
/// [`ValidationError`] when a part of the value has no JSON form.
pub fn write_with(
    walk: impl FnOnce(&mut Checker<'_, Vec<u8>>),
) -> Result<Vec<u8>, ValidationError> {
    write_with_policy(Policy::no_limits(), walk)
}

/// The same under a policy, which holds for a map of names to values; the whole may be of any kind.
pub(crate) fn write_with_policy(
    policy: &Policy,
    walk: impl FnOnce(&mut Checker<'_, Vec<u8>>),
) -> Result<Vec<u8>, ValidationError> {
    let mut checker = Checker::new(policy, Vec::with_capacity(FIRST_CAPACITY));
    checker.allow_any_root();
    walk(&mut checker);
    let (report, text, _) = checker.finish();
    report.raise_if_failed().map(|_| text)
}
