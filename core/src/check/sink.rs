//! The events in which every driver tells of a value, whatever the value is made of.

use super::measure::TextSize;
use crate::path::Path;

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberKind {
    /// Digits only, perhaps behind a minus.
    Integer,
    /// With a fraction or an exponent; it may be beyond the range of a 64-bit float.
    Float,
    /// The same, written from a number that is finite.
    FiniteFloat,
}

/// Why a value has no JSON form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnsupportedValue {
    /// NaN, an infinity, or a float beyond the range of 64 bits.
    NonFinite,
    /// An integer beyond the range of a 64-bit float, which a JavaScript peer takes for infinite.
    HugeInteger,
    /// A kind of value that JSON does not know.
    Unserializable,
    /// A container that holds itself.
    Circular,
    /// Nested deeper than [`MAX_NESTING`](crate::policy::MAX_NESTING).
    TooDeep,
}

/// Hears of a value in the order in which its JSON text would be written. Drivers walk (JSON text,
/// a serde value, the objects of a host language) and know nothing of rules; the sink knows the
/// rules and nothing of where the value comes from.
///
/// A driver calls, for an object: [`begin_object`](Self::begin_object), then for each member
/// [`key`](Self::key) or [`fresh_key`](Self::fresh_key), the value's own event, [`end_member`](Self::end_member), and at last
/// [`end_object`](Self::end_object). Where a call answers `false`, the driver passes over what it
/// answered for, and makes no further call about it.
pub trait ValueVisitor {
    /// An object begins. `false`: it is not wanted; no [`end_object`](Self::end_object) follows.
    fn begin_object(&mut self, at: &Path<'_>) -> bool;

    /// A member begins: its key, how large that is, and the place of the member. `false`: the
    /// member is left out; no value and no [`end_member`](Self::end_member) follows.
    fn key(&mut self, key: &str, measure: TextSize, member: &Path<'_>) -> bool;

    /// The same for a key that nobody has measured yet.
    #[inline(always)]
    fn fresh_key(&mut self, key: &str, member: &Path<'_>) -> bool {
        self.key(key, TextSize::of(key), member)
    }

    /// The value of a member is complete.
    fn end_member(&mut self, member: &Path<'_>);

    /// The object is complete.
    fn end_object(&mut self);

    /// An array begins. `false`: it is not wanted; no [`end_array`](Self::end_array) follows.
    fn begin_array(&mut self, at: &Path<'_>) -> bool;

    /// The next item of an array begins.
    fn item(&mut self);

    /// The array is complete.
    fn end_array(&mut self);

    /// A `null`.
    fn null(&mut self, at: &Path<'_>);

    /// A boolean.
    fn boolean(&mut self, value: bool, at: &Path<'_>);

    /// A number, as JSON writes it.
    fn number(&mut self, text: &str, kind: NumberKind, at: &Path<'_>);

    /// A string, and how large it is.
    fn string(&mut self, text: &str, measure: TextSize, at: &Path<'_>);

    /// A string that nobody has measured yet.
    #[inline(always)]
    fn text(&mut self, text: &str, at: &Path<'_>) {
        self.string(text, TextSize::of(text), at);
    }

    /// A value that has no JSON form; it stands in the place of a value.
    fn unsupported(&mut self, what: UnsupportedValue, at: &Path<'_>);

    /// The string or key at this place held half of a surrogate pair, given as U+FFFD.
    fn lone_surrogate(&mut self, at: &Path<'_>);

    /// The object at this place has a key that is not a string; the member was passed over.
    fn non_string_key(&mut self, at: &Path<'_>);

    /// The object of this member has had the same key before.
    fn duplicate_key(&mut self, member: &Path<'_>);
}
