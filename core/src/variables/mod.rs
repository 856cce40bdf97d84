//! Variables that the API returns: decoded, coerced and resolved across all pages, and the debug view.

pub(crate) mod debug;
mod diagnostics;
mod page;
pub(crate) mod resolve;

use std::fmt;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

pub use self::debug::{DebugEntry, DebugView, ValueType, debug_view, is_system};
use self::page::Page;
pub(crate) use self::page::{render_general_page, render_scanned_page};
use self::resolve::{SerdeValueBuilder, parse_variables_with};
use crate::coerce::Mode;
use crate::error::{ApiError, ApiErrorKind, Error};
use crate::issue::Issue;

/// One variable of a response. `V` is the type of its value; a binding uses its language's own.
#[derive(Clone, PartialEq, Serialize)]
pub struct Variable<V = Value> {
    /// The name.
    pub name: String,
    /// The value. A text is coerced to its declared type, or by the [`Mode`] when it has none.
    pub value: V,
    /// The scope, for example `session`.
    pub scope: String,
    /// The declared type, for example `integer`; `None` when the response has none.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub stated_type: Option<String>,
}

/// Shows no value.
impl<V> fmt::Debug for Variable<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variable")
            .field("name", &self.name)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// The resolved variables by name, in the order in which the names first appear.
#[derive(Clone, PartialEq)]
pub struct Variables<V = Value> {
    resolved: IndexMap<String, Variable<V>>,
    /// The cursor of the page after the last one that was read; `None` when there is none.
    pub next_cursor: Option<String>,
    /// An error for each variable that could not be converted to its declared type and stayed text, and a warning for
    /// each value with an integer that the language of `V` rounds. The paths count the variables across all pages:
    /// `/variables/3/value`.
    pub issues: Vec<Issue>,
    /// The shadowed variables, each with the scope of the variable that shadows it.
    pub shadowed: Vec<(Variable<V>, String)>,
}

/// Shows no value.
impl<V> fmt::Debug for Variables<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variables")
            .field("resolved", &self.resolved.values().collect::<Vec<_>>())
            .field("shadowed", &self.shadowed.len())
            .field("issues", &self.issues)
            .finish_non_exhaustive()
    }
}

impl<V> Variables<V> {
    /// Returns the resolved variable of a name; `None` when there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Variable<V>> {
        self.resolved.get(name)
    }

    /// Returns the resolved variables, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Variable<V>> {
        self.resolved.values()
    }

    /// Returns the resolved variables by value, in order.
    pub fn into_resolved(self) -> impl ExactSizeIterator<Item = Variable<V>> {
        self.resolved.into_values()
    }

    /// Returns the number of resolved variables.
    #[must_use]
    pub fn len(&self) -> usize {
        self.resolved.len()
    }

    /// Returns whether there is no resolved variable.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resolved.is_empty()
    }
}

impl Variables {
    /// Returns the debug view of the resolved variables.
    #[must_use]
    pub fn debug_view(&self) -> DebugView<'_> {
        debug_view(self.iter())
    }
}

/// Reads the variables of one or more pages of a response: decodes them, coerces their texts, and resolves variables
/// with the same name across all pages.
///
/// `mode` decides what a text without a declared type becomes, and which numbers are accepted for a declared type. A
/// text that cannot be converted to its declared type stays text and is one of [`Variables::issues`].
///
/// ```
/// use cognigy_context::coerce::Mode;
/// use cognigy_context::parse_variables;
///
/// let page = br#"{"variables": [
///     {"name": "visits", "value": "3", "scope": "session"},
///     {"name": "visits", "value": "40", "scope": "user"}]}"#;
/// let variables = parse_variables([page], Mode::Lossless)?;
/// assert_eq!(variables.get("visits").unwrap().value, 40);
/// # Ok::<(), cognigy_context::Error>(())
/// ```
///
/// # Errors
/// [`Error::Api`] of kind `protocol` when a page does not have the documented form. Its detail contains the JSON
/// Pointer of the first difference.
pub fn parse_variables<P: AsRef<[u8]>>(
    pages: impl IntoIterator<Item = P>,
    mode: Mode,
) -> Result<Variables, Error> {
    parse_variables_with(pages, mode, &mut SerdeValueBuilder)
}

fn read_page(bytes: &[u8]) -> Result<Page<'_>, Error> {
    page::read(bytes).ok_or_else(|| invalid_response(bytes))
}

/// Returns the number of variables of a page, and the cursor of the next page; `None` for the last page.
///
/// # Errors
/// As [`parse_variables`], so that a caller finds an invalid page before it requests the next one.
pub(crate) fn page_summary(bytes: &[u8]) -> Result<(u64, Option<String>), Error> {
    let page = read_page(bytes)?;
    Ok((page.entries.len() as u64, page.next_cursor))
}

/// Returns the error for an invalid response. It reads the response again to find the path of the mismatch.
#[cold]
fn invalid_response(bytes: &[u8]) -> Error {
    let mismatch = diagnostics::describe_mismatch(bytes);
    ApiError::new(ApiErrorKind::Protocol, "get_variables").with_detail(mismatch).into()
}
