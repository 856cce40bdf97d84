//! The events that a walker reports while it visits a value.

use super::text_size::TextSize;
use crate::path::Path;

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberKind {
    /// Only digits, with an optional minus.
    Integer,
    /// With a fraction or an exponent. It may be beyond the range of a 64-bit float.
    Float,
    /// As [`Float`](Self::Float), but formatted from a finite number, so it needs no check of its range.
    FiniteFloat,
}

/// The reason why a walker cannot pass a value: it has no JSON form, JavaScript loses it, or it is too deep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnsupportedValue {
    /// NaN, an infinity, or a float beyond the range of 64 bits.
    NonFinite,
    /// An integer beyond the range of a 64-bit float, which JavaScript reads as infinite.
    HugeInteger,
    /// A type that JSON does not have.
    Unserializable,
    /// A list with this number of holes: it is longer than the number of its items.
    SparseList(u64),
    /// A list without items that has properties, which JSON does not write.
    ListWithProperties,
    /// A container that contains itself.
    Circular,
    /// Nested deeper than [`MAX_NESTING`](crate::policy::MAX_NESTING).
    TooDeep,
}

/// Receives the events of a value in the order in which its JSON text would be written.
///
/// A walker (for JSON text, a serde value, or the objects of a host language) handles the form of the value and
/// contains no rules. The visitor contains the rules and is independent of the form.
///
/// For an object a walker calls [`begin_object`](Self::begin_object); for each member it calls
/// [`key`](Self::key) or [`unmeasured_key`](Self::unmeasured_key), the event of the value and
/// [`end_member`](Self::end_member); at the end it calls [`end_object`](Self::end_object). For an array it calls
/// [`begin_array`](Self::begin_array); for each item [`item`](Self::item) and the event of the value; at the end
/// [`end_array`](Self::end_array). When a call returns `false`, the walker skips that object, array or member and
/// makes no further call about it.
pub trait ValueVisitor {
    /// Begins an object. Returns `false` to skip it; then no [`end_object`](Self::end_object) follows.
    fn begin_object(&mut self, at: &Path<'_>) -> bool;

    /// Begins a member: its key, the size of the key, and the path of the member. Returns `false` to skip the
    /// member; then no value and no [`end_member`](Self::end_member) follow.
    fn key(&mut self, key: &str, size: TextSize, member: &Path<'_>) -> bool;

    /// Begins a member, as [`key`](Self::key) does, when the walker has not measured the key.
    #[inline(always)]
    fn unmeasured_key(&mut self, key: &str, member: &Path<'_>) -> bool {
        self.key(key, TextSize::of(key), member)
    }

    /// Ends a member, after its value.
    fn end_member(&mut self, member: &Path<'_>);

    /// Ends an object.
    fn end_object(&mut self);

    /// Begins an array. Returns `false` to skip it; then no [`end_array`](Self::end_array) follows.
    fn begin_array(&mut self, at: &Path<'_>) -> bool;

    /// Begins the next item of an array.
    fn item(&mut self);

    /// Ends an array.
    fn end_array(&mut self);

    /// Visits a `null`.
    fn null(&mut self, at: &Path<'_>);

    /// Visits a boolean.
    fn boolean(&mut self, value: bool, at: &Path<'_>);

    /// Visits a number, as JSON text.
    fn number(&mut self, text: &str, kind: NumberKind, at: &Path<'_>);

    /// Visits a string with its size.
    fn string(&mut self, text: &str, size: TextSize, at: &Path<'_>);

    /// Visits a string, as [`string`](Self::string) does, when the walker has not measured it.
    #[inline(always)]
    fn text(&mut self, text: &str, at: &Path<'_>) {
        self.string(text, TextSize::of(text), at);
    }

    /// Visits a value that the walker cannot pass, for the reason `what`.
    fn unsupported(&mut self, what: UnsupportedValue, at: &Path<'_>);

    /// Reports that the string or key at this path contained half of a surrogate pair. The walker passes the half
    /// as U+FFFD.
    fn lone_surrogate(&mut self, at: &Path<'_>);

    /// Reports that the object at this path has a key that is not a string. The walker skips the member.
    fn non_string_key(&mut self, at: &Path<'_>);

    /// Reports that the key of the member at this path equals the key of an earlier member of the same object.
    fn duplicate_key(&mut self, member: &Path<'_>);
}
