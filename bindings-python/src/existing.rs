//! The argument `existing`, the existing context of a session: an object, or its JSON text.

use cognigy_context::__bindings;
use cognigy_context::{ExistingContext, ValidationError};
use pyo3::prelude::*;

use crate::json_text::json_text;
use crate::walk::walk;

/// Measures an existing context. Returns `None` if none is given. The inner error contains the issues of
/// an invalid context.
///
/// # Errors
/// What Python raised.
pub(crate) fn existing_of(
    given: Option<&Bound<'_, PyAny>>,
) -> PyResult<Result<Option<ExistingContext>, ValidationError>> {
    let Some(given) = given else { return Ok(Ok(None)) };
    let existing = match json_text(given)? {
        Some(text) => text.with(given.py(), |bytes| ExistingContext::of_json(bytes))?,
        None => {
            let mut walked = Ok(());
            let existing =
                __bindings::existing_context_visited(|checker| walked = walk(given, checker));
            walked?;
            existing
        }
    };
    Ok(existing.map(Some))
}
