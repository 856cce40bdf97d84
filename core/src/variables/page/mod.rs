//! One page of an answer, taken apart without a copy.
//!
//! Pages as servers write them are read by a scanner of our own, which points into the page. What it
//! does not know (an unknown field, a field in an odd place, anything wrong) it leaves to serde, which
//! takes several times as long and decides alone what is no page.

#[cfg(not(feature = "small"))]
mod scan;
#[cfg(all(test, not(feature = "small")))]
mod tests;
mod wire;

use std::borrow::Cow;

/// The answer on the wire. Unknown fields are ignored, `null` is absent.
pub(super) struct Page<'p> {
    pub(super) entries: Vec<RawVariable<'p>>,
    pub(super) next_cursor: Option<String>,
}

/// One variable of the answer.
pub(super) struct RawVariable<'p> {
    pub(super) name: Cow<'p, str>,
    pub(super) value: PageValue<'p>,
    pub(super) scope: Cow<'p, str>,
    pub(super) stated_type: Option<Cow<'p, str>>,
}

/// A value as it was answered.
pub(super) enum PageValue<'p> {
    /// The text of a string, which most values are.
    Text(Cow<'p, str>),
    /// Another value, as JSON.
    Json(&'p str),
}

/// Reads a page. None: it is not of the shape, or holds a value that cannot be read without loss.
pub(super) fn read(bytes: &[u8]) -> Option<Page<'_>> {
    #[cfg(not(feature = "small"))]
    if let Some(page) = scan::page(bytes) {
        return Some(page);
    }
    wire::page(bytes)
}
