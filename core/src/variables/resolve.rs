//! Decodes, coerces and resolves the variables of a response, into values of any language.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use super::page::{PageValue, RawVariable};
use super::{Variable, Variables, read_page};
use crate::check::parse_measured;
use crate::coerce::{
    Coerced, CoercionError, IntegerRange, Mode, TypeHint, coerce_text, widest_integer,
};
use crate::error::Error;
use crate::issue::{Code, Issue};
use crate::path::Path;
use crate::scope;

/// Creates the values of a host language from the variables of a response.
pub trait ValueBuilder {
    /// A value of the language.
    type Value;

    /// Returns the value of a coerced text; `None` if the language cannot represent it, so that it stays text.
    fn coerced(&mut self, coerced: &Coerced<'_>) -> Option<Self::Value>;

    /// Returns the value of a text that stays text.
    fn text(&mut self, text: &str) -> Self::Value;

    /// Returns the value of anything but text, from its JSON text.
    fn json(&mut self, json: &str) -> Self::Value;

    /// Returns whether the language represents integers of this range exactly. An integer outside it in a
    /// value that is not text is an `unsafe_integer` warning. Default: up to 64 bits.
    fn supports(&self, range: IntegerRange) -> bool {
        range < IntegerRange::Beyond
    }
}

/// Creates `serde_json` values.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SerdeValueBuilder;

impl ValueBuilder for SerdeValueBuilder {
    type Value = Value;

    fn coerced(&mut self, coerced: &Coerced<'_>) -> Option<Value> {
        coerced.to_value()
    }

    fn text(&mut self, text: &str) -> Value {
        Value::from(text)
    }

    fn json(&mut self, json: &str) -> Value {
        parse_measured(json.as_bytes()).unwrap_or_default()
    }
}

/// Reads pages of variables as `parse_variables` does, with values that `builder` creates. It creates the values of
/// all resolved variables first, then those of the shadowed ones.
///
/// # Errors
/// As `parse_variables`: when a page does not have the documented form.
pub fn parse_variables_with<P: AsRef<[u8]>, B: ValueBuilder>(
    pages: impl IntoIterator<Item = P>,
    mode: Mode,
    builder: &mut B,
) -> Result<Variables<B::Value>, Error> {
    let pages: Vec<P> = pages.into_iter().collect();
    let borrowed = resolve_variables_with(pages.iter().map(AsRef::as_ref), mode, builder)?;
    let variables = borrowed.resolved.into_iter().map(BorrowedVariable::into_owned);
    let shadowed = borrowed.shadowed.into_iter();
    Ok(Variables {
        resolved: variables.map(|variable| (variable.name.clone(), variable)).collect(),
        next_cursor: borrowed.next_cursor,
        issues: borrowed.issues,
        shadowed: shadowed.map(|(variable, by)| (variable.into_owned(), by.into_owned())).collect(),
    })
}

/// One variable whose texts are borrowed from the response.
#[derive(Clone, PartialEq)]
pub struct BorrowedVariable<'p, V> {
    /// The name.
    pub name: Cow<'p, str>,
    /// The value; text is coerced.
    pub value: V,
    /// The scope in the response.
    pub scope: Cow<'p, str>,
    /// The declared type; `None` when the response has none.
    pub stated_type: Option<Cow<'p, str>>,
}

/// Shows no value.
impl<V> fmt::Debug for BorrowedVariable<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BorrowedVariable")
            .field("name", &self.name)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

impl<V> BorrowedVariable<'_, V> {
    fn into_owned(self) -> Variable<V> {
        Variable {
            name: self.name.into_owned(),
            value: self.value,
            scope: self.scope.into_owned(),
            stated_type: self.stated_type.map(Cow::into_owned),
        }
    }
}

/// The result of [`resolve_variables_with`].
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved<'p, V> {
    /// The resolved variables, in the order in which their names first appear.
    pub resolved: Vec<BorrowedVariable<'p, V>>,
    /// The cursor of the page after the last one that was read, as in [`Variables`].
    pub next_cursor: Option<String>,
    /// The issues of the values, as in [`Variables`].
    pub issues: Vec<Issue>,
    /// The shadowed variables, each with the scope of the variable that shadows it.
    pub shadowed: Vec<(BorrowedVariable<'p, V>, Cow<'p, str>)>,
}

/// Reads pages of variables as [`parse_variables_with`] does, but borrows names, scopes and types from the pages, for a
/// language that copies them into its own strings.
///
/// # Errors
/// As [`parse_variables_with`].
pub fn resolve_variables_with<'p, B: ValueBuilder>(
    pages: impl IntoIterator<Item = &'p [u8]>,
    mode: Mode,
    builder: &mut B,
) -> Result<Resolved<'p, B::Value>, Error> {
    let mut entries = Vec::new();
    let mut next_cursor = None;
    for page in pages {
        let page = read_page(page)?;
        if entries.is_empty() {
            entries = page.entries;
        } else {
            entries.extend(page.entries);
        }
        next_cursor = page.next_cursor;
    }
    let resolution =
        scope::resolve(entries.iter().map(|entry| (entry.name.as_ref(), entry.scope.as_ref())));
    let mut issues = Vec::new();
    let mut read = |index: usize| {
        entries.get(index).map(|entry| read_entry(entry, index, mode, builder, &mut issues))
    };
    let resolved = resolution.resolved.iter().filter_map(|&index| read(index)).collect();
    let shadowed = resolution.shadowed.iter().filter_map(|&(index, shadowed_by)| {
        let scope = entries.get(shadowed_by)?.scope.clone();
        read(index).map(|variable| (variable, scope))
    });
    let shadowed = shadowed.collect();
    Ok(Resolved { resolved, next_cursor, issues, shadowed })
}

fn read_entry<'p, B: ValueBuilder>(
    entry: &RawVariable<'p>,
    index: usize,
    mode: Mode,
    builder: &mut B,
    issues: &mut Vec<Issue>,
) -> BorrowedVariable<'p, B::Value> {
    let hint = entry.stated_type.as_deref().and_then(TypeHint::of);
    let value = match &entry.value {
        PageValue::Json(json) => {
            if !builder.supports(widest_integer(json)) {
                issues.push(unsupported_integer(index));
            }
            builder.json(json)
        }
        PageValue::Text(text) => {
            let result = coerce_text(text, mode, hint).and_then(|coerced| {
                match (builder.coerced(&coerced), hint) {
                    (None, Some(hint)) => Err(CoercionError { hint }),
                    (value, _) => Ok(value),
                }
            });
            let value = result.unwrap_or_else(|error| {
                issues.push(error.into_issue(value_path(index)));
                None
            });
            value.unwrap_or_else(|| builder.text(text))
        }
    };
    BorrowedVariable {
        name: entry.name.clone(),
        value,
        scope: entry.scope.clone(),
        stated_type: entry.stated_type.clone(),
    }
}

fn value_path(index: usize) -> String {
    Path::ROOT.key("variables").index(index).key("value").to_pointer()
}

#[cold]
fn unsupported_integer(index: usize) -> Issue {
    Issue::warning(
        Code::UnsafeInteger,
        value_path(index),
        "the value contains an integer that this language rounds",
    )
    .with_hint("Store the integer as text.")
}
