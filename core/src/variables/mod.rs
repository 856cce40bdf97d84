//! Answers of variables: decoded, coerced and resolved over all their pages, and the debug view.

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
use self::resolve::{SerdeValueBuilder, parse_variables_with};
use crate::coerce::Mode;
use crate::error::{ApiError, ApiErrorKind, Error};
use crate::issue::Issue;

/// One variable, as it was answered; `V` is what a value is in the language that reads it.
#[derive(Clone, PartialEq, Serialize)]
pub struct Variable<V = Value> {
    /// Its name.
    pub name: String,
    /// Its value: coerced, where the answer gave text.
    pub value: V,
    /// Its scope, as it was answered.
    pub scope: String,
    /// The type that the answer stated, if it did.
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

/// The variables that count, by name, in the order in which the names first appeared.
#[derive(Clone, PartialEq)]
pub struct Variables<V = Value> {
    resolved: IndexMap<String, Variable<V>>,
    /// Where to go on, when the last page said that there is more.
    pub next_cursor: Option<String>,
    /// What could not be coerced to its stated type, and so stayed text. Paths are of the variables
    /// of all pages, counted on: `/variables/3/value`.
    pub issues: Vec<Issue>,
    /// The variables that are shadowed, each with the scope of the one that hides it.
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
    /// The variable of this name that counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Variable<V>> {
        self.resolved.get(name)
    }

    /// All that count, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Variable<V>> {
        self.resolved.values()
    }

    /// All that count, in order, by value.
    pub fn into_resolved(self) -> impl ExactSizeIterator<Item = Variable<V>> {
        self.resolved.into_values()
    }

    /// How many count.
    #[must_use]
    pub fn len(&self) -> usize {
        self.resolved.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resolved.is_empty()
    }
}

impl Variables {
    /// How each looks to somebody who debugs a flow.
    #[must_use]
    pub fn debug_view(&self) -> DebugView<'_> {
        debug_view(self.iter())
    }
}

/// Reads one or more pages of an answer: decodes, coerces and resolves over all of them.
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
/// [`Error::Api`] of kind `protocol` for an answer of any other shape, naming its JSON path.
pub fn parse_variables<P: AsRef<[u8]>>(
    pages: impl IntoIterator<Item = P>,
    mode: Mode,
) -> Result<Variables, Error> {
    parse_variables_with(pages, mode, &mut SerdeValueBuilder)
}

fn read_page(bytes: &[u8]) -> Result<Page<'_>, Error> {
    page::read(bytes).ok_or_else(|| misshapen(bytes))
}

/// How many variables a page holds, and where the next one is: for who reads page after page, and
/// wants to know at once when one is none.
pub(crate) fn page_summary(bytes: &[u8]) -> Result<(u64, Option<String>), Error> {
    let page = read_page(bytes)?;
    Ok((page.entries.len() as u64, page.next_cursor))
}

/// The failure for an answer that is not of the shape, found by reading it once more with an eye on
/// where it goes wrong.
#[cold]
fn misshapen(bytes: &[u8]) -> Error {
    let place = diagnostics::describe_mismatch(bytes);
    ApiError::new(ApiErrorKind::Protocol, "get_variables").detail(place).into()
}
