//! Reads one page of a response without copying its text.
//!
//! `scan.rs` reads pages in the form that servers write. `wire.rs` reads all other pages (an unknown field, a field in
//! another position, a syntax error) with serde, which takes several times as long. With the feature `small`, `wire.rs`
//! reads all pages.

#[cfg(not(feature = "small"))]
mod scan;
#[cfg(all(test, not(feature = "small")))]
mod tests;
mod wire;

use std::borrow::Cow;

/// A page of a response. Unknown fields are ignored, and `null` in an optional field counts as absent.
pub(super) struct Page<'p> {
    pub(super) entries: Vec<RawVariable<'p>>,
    /// The cursor of the next page; `None` when it is absent or not a string.
    pub(super) next_cursor: Option<String>,
}

/// One variable of a page.
pub(super) struct RawVariable<'p> {
    pub(super) name: Cow<'p, str>,
    pub(super) value: PageValue<'p>,
    pub(super) scope: Cow<'p, str>,
    pub(super) stated_type: Option<Cow<'p, str>>,
}

/// The value of a variable as the page contains it.
pub(super) enum PageValue<'p> {
    /// The text of a string; most values are strings.
    Text(Cow<'p, str>),
    /// Any other value, as JSON text.
    Json(&'p str),
}

/// Reads a page. Returns `None` when the text is not a page, or contains a value that cannot be read without loss.
pub(super) fn read(bytes: &[u8]) -> Option<Page<'_>> {
    #[cfg(not(feature = "small"))]
    if let Some(page) = scan::read_page(bytes) {
        return Some(page);
    }
    wire::read_page(bytes)
}

/// Renders the page that the scanner reads, for comparison; `None` when serde must read it.
pub(crate) fn render_scanned_page(bytes: &[u8]) -> Option<String> {
    #[cfg(not(feature = "small"))]
    return scan::read_page(bytes).as_ref().map(render);
    #[cfg(feature = "small")]
    {
        let _ = bytes;
        None
    }
}

/// Renders the page that serde reads, for comparison; `None` when the text is not a page.
pub(crate) fn render_general_page(bytes: &[u8]) -> Option<String> {
    wire::read_page(bytes).as_ref().map(render)
}

/// Renders a page for comparison.
fn render(page: &Page<'_>) -> String {
    let mut text = format!("{:?}", page.next_cursor);
    for entry in &page.entries {
        let value = match &entry.value {
            PageValue::Text(text) => format!("text {text:?}"),
            PageValue::Json(json) => format!("json {json}"),
        };
        text += &format!("|{:?} {value} {:?} {:?}", entry.name, entry.scope, entry.stated_type);
    }
    text
}
