//! Internals for the fuzz targets in `core/fuzz`. No stability guarantee covers them.

use std::time::Duration;

use crate::variables;

/// Renders the page of variables that the scanner reads; `None` when serde must read it.
#[must_use]
pub fn render_scanned_page(bytes: &[u8]) -> Option<String> {
    variables::render_scanned_page(bytes)
}

/// Renders the page of variables that serde reads; `None` when the text is not a page.
#[must_use]
pub fn render_general_page(bytes: &[u8]) -> Option<String> {
    variables::render_general_page(bytes)
}

/// Parses an RFC 3339 time; returns the seconds since 1970-01-01T00:00:00Z, or `None` for any other text.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<f64> {
    crate::clock::parse_rfc3339(text)
}

/// Formats a time, the duration since 1970-01-01T00:00:00Z, as RFC 3339 text.
#[must_use]
pub fn format_rfc3339(since_1970: Duration) -> String {
    crate::clock::format_rfc3339(since_1970)
}
