//! Items for authors of language bindings only. No stability guarantee covers them.
//!
//! A binding needs more than a Rust program:
//!
//! - **A visitor of its host's values.** The binding walks a host object and calls a [`ValueVisitor`], usually
//!   a [`Checker`], once per JSON event. The functions with a parameter `walk` check the value that `walk` visits.
//! - **Text with sentinels.** A host value that JSON cannot express is written as U+0001 and a letter: `N` not
//!   finite, `U` no JSON form, `C` circular, `D` too deep, `H` and a number a list with holes, `P` an empty list with
//!   properties, and, as a key, `K` not a string. A bare U+0001 never occurs in JSON text, so the scanner accepts both
//!   forms.
//! - **Reuse of the host's text.** When the checked text is sent unchanged, it does not cross the boundary a
//!   second time: the body contains [`BODY_PLACEHOLDER`] instead.
//! - **Values of the host.** A [`ValueBuilder`] creates host values from the text of a response, and
//!   [`InjectionWriter`], [`StateWriter`] and [`StateSplitter`] write a body one value at a time.

pub use crate::api::id_is_not_text;
pub use crate::check::checker::Checker;
pub use crate::check::entry_points::{
    measure_json_with_sentinels, measure_with, visit_with_sentinels_at,
    visit_with_sentinels_within, write_with,
};
pub use crate::check::json_writer::{ByteCounter, JsonWriter};
pub use crate::check::options::BODY_PLACEHOLDER;
pub use crate::check::text_size::TextSize;
pub use crate::check::visitor::{NumberKind, UnsupportedValue, ValueVisitor};
pub use crate::client::file_format::{FileStart, JOURNAL};
pub use crate::client::journal::JournalScanner;
pub use crate::client::log_line::{format_log_event, is_own_log_event};
pub use crate::client::webhook_delivery::UndeliveredWebhooks;
pub use crate::coerce::coerce_text::{CoercionError, coerce_text, coerce_text_within};
pub use crate::coerce::coerced::{Coerced, IntegerRange};
pub use crate::context::results::SharedUpdateResult;
pub use crate::context::serialize::{
    document_policy, serialize_json_reusing_text, serialize_json_with_sentinels, serialize_with,
};
pub use crate::display_text::grouped;
pub use crate::injection::writer::{FieldError, InjectionWriter};
pub use crate::number::Decimal;
pub use crate::path::Path;
pub use crate::state::splitter::{StatePart, StateSplitter};
pub use crate::state::writer::StateWriter;
pub use crate::variables::debug::type_name;
pub use crate::variables::resolve::{
    BorrowedVariable, Resolved, ValueBuilder, parse_variables_with, resolve_variables_with,
};

use crate::api::PreparedRequest;
use crate::api::platform::{InjectContext, PreparedContextInjection};
use crate::check::{CheckOptions, CheckedBody, ExistingContext};
use crate::client::{Client, InjectionResult, PreparedVariableInjection, Transport};
use crate::context::{ContextManager, UpdateResult};
use crate::error::Error;
use crate::report::{Report, ValidationError};

/// Checks a value that `walk` visits.
pub fn check_visited(
    options: &CheckOptions<'_>,
    walk: impl FnOnce(&mut Checker<'_, ByteCounter>),
) -> Report {
    options.visit(walk)
}

/// Checks text with sentinels.
pub fn check_json_with_sentinels(options: &CheckOptions<'_>, text: impl AsRef<[u8]>) -> Report {
    options.json_with_sentinels(text)
}

/// Checks a value that `walk` visits and writes the complete body into `buffer`, which is emptied first.
///
/// # Errors
/// [`ValidationError`] when the report has an error.
pub fn write_visited(
    options: &CheckOptions<'_>,
    buffer: Vec<u8>,
    walk: impl FnOnce(&mut Checker<'_, Vec<u8>>),
) -> Result<CheckedBody, ValidationError> {
    options.write(buffer, walk)
}

/// Checks text with sentinels and writes the complete body as compact JSON.
///
/// # Errors
/// [`ValidationError`] when the report has an error.
pub fn write_json_with_sentinels(
    options: &CheckOptions<'_>,
    text: impl AsRef<[u8]>,
) -> Result<CheckedBody, ValidationError> {
    options.json_with_sentinels_to_json(text)
}

/// Checks text with sentinels and writes the body with [`BODY_PLACEHOLDER`] in place of text that is sent
/// unchanged. When the policy removes a member, the text changes, and the body is complete.
///
/// ```
/// use cognigy_context::__bindings::{BODY_PLACEHOLDER, write_json_reusing_text};
/// use cognigy_context::{CheckOptions, Policy};
///
/// let options = CheckOptions::new(Policy::context()).body("{\"context\":", "}");
/// let same = write_json_reusing_text(&options, r#"{"tier":"gold"}"#)?;
/// assert_eq!(same.body, format!("{{\"context\":{BODY_PLACEHOLDER}}}").into_bytes());
/// let changed = write_json_reusing_text(&options, r#"{"tier":"gold","__cache":1}"#)?;
/// assert_eq!(changed.body, br#"{"context":{"tier":"gold"}}"#);
/// # Ok::<(), cognigy_context::ValidationError>(())
/// ```
///
/// # Errors
/// [`ValidationError`] when the report has an error.
pub fn write_json_reusing_text(
    options: &CheckOptions<'_>,
    text: impl AsRef<[u8]>,
) -> Result<CheckedBody, ValidationError> {
    options.json_reusing_text(text)
}

/// Measures an existing context that `walk` visits.
///
/// # Errors
/// [`ValidationError`] when the context is not an object or has no JSON form.
pub fn existing_context_visited(
    walk: impl FnOnce(&mut Checker<'_, ByteCounter>),
) -> Result<ExistingContext, ValidationError> {
    ExistingContext::visit(walk)
}

/// Measures an existing context in text with sentinels.
///
/// # Errors
/// [`ValidationError`] when the context is not an object, and for every sentinel.
pub fn existing_context_with_sentinels(
    text: impl AsRef<[u8]>,
) -> Result<ExistingContext, ValidationError> {
    ExistingContext::of_json_with_sentinels(text)
}

/// Prepares the injection of a context that `walk` visits.
///
/// # Errors
/// As [`InjectContext::context`].
pub fn inject_context_visited(
    injection: &InjectContext<'_>,
    walk: impl FnOnce(&mut Checker<'_, Vec<u8>>),
) -> Result<PreparedContextInjection, ValidationError> {
    injection.visit(walk)
}

/// Prepares the injection of a context in text with sentinels.
///
/// # Errors
/// As [`InjectContext::context`].
pub fn inject_context_with_sentinels(
    injection: &InjectContext<'_>,
    text: impl AsRef<[u8]>,
) -> Result<PreparedContextInjection, ValidationError> {
    injection.context_json_with_sentinels(text)
}

/// Prepares the request of a context injection, with [`BODY_PLACEHOLDER`] in place of the context's text, as
/// [`write_json_reusing_text`] does. It returns no report.
///
/// # Errors
/// As [`InjectContext::context`].
pub fn inject_context_reusing_text(
    injection: &InjectContext<'_>,
    text: impl AsRef<[u8]>,
) -> Result<PreparedRequest, ValidationError> {
    injection.context_json_reusing_text(text)
}

/// Merges `data` into the context of a session and returns the stored context, shared instead of copied. `data` is
/// the result of [`serialize_with`] or a similar function.
///
/// # Errors
/// As [`ContextManager::update`].
pub fn update_shared(
    manager: &ContextManager,
    session_id: &str,
    data: Result<Vec<u8>, ValidationError>,
) -> Result<SharedUpdateResult, ValidationError> {
    manager.update_shared(session_id, data)
}

/// Merges text with sentinels into the context of a session.
///
/// # Errors
/// As [`ContextManager::update`].
pub fn update_with_sentinels(
    manager: &ContextManager,
    session_id: &str,
    text: impl AsRef<[u8]>,
) -> Result<UpdateResult, ValidationError> {
    manager.update_json_with_sentinels(session_id, text)
}

/// Returns the webhook deliveries that `client` has not sent, for the end of the process.
pub fn undelivered_webhooks<T: Transport>(client: &Client<T>) -> UndeliveredWebhooks {
    client.undelivered_webhooks()
}

/// Sends a prepared injection and returns the response as the server's JSON text.
///
/// # Errors
/// As [`Client::inject`].
pub async fn send_variable_injection_for_text<T: Transport>(
    client: &Client<T>,
    prepared: &PreparedVariableInjection,
) -> Result<InjectionResult<Vec<u8>>, Error> {
    client.send_variable_injection_for_text(prepared).await
}
