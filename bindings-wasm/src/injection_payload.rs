//! Payloads of injected variables, whose values are in the input buffer.

use std::borrow::Cow;
use std::time::Duration;

use cognigy_context::__bindings::{FieldError, InjectionWriter};
use cognigy_context::__bindings::{Path, visit_with_sentinels_within};
use cognigy_context::check::CheckedBody;
use cognigy_context::injection::DEFAULT_MERGE_STRATEGY;
use cognigy_context::{InjectionVariable, Policy, Report, ValidationError};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::args::{duration_from_seconds, lone_surrogate, merge_issues};
use crate::buffer::with_input;
use crate::errors::to_js_error;
use crate::json::{from_json, to_json};

/// A payload without its variables, which are a list in the input buffer.
#[derive(Default, Deserialize)]
struct Payload {
    /// The number of bytes of the list. The list is flat, so that it can be written and read in one pass: for each
    /// variable the key, the scope, the expiry time (both may be `null`) and the value. An invalid
    /// variable is `null` instead of a key, and a list of its invalid fields with their errors.
    length: usize,
    merge_strategy: Option<String>,
    /// Whether the merge strategy contains half of a surrogate pair, which is an issue.
    has_lone_surrogate: bool,
}

/// A string of the list, copied only when it contains escapes.
#[derive(Deserialize)]
struct Text<'l>(#[serde(borrow)] Cow<'l, str>);

/// The core's [`FieldError`] with the names that TypeScript uses.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FieldErrorName {
    Missing,
    WrongType,
    LoneSurrogate,
}

impl From<FieldErrorName> for FieldError {
    fn from(name: FieldErrorName) -> Self {
        match name {
            FieldErrorName::Missing => Self::Missing,
            FieldErrorName::WrongType => Self::WrongType,
            FieldErrorName::LoneSurrogate => Self::LoneSurrogate,
        }
    }
}

/// Returns the body of a payload as compact JSON. `now` is in seconds since 1970.
///
/// # Errors
/// JSON of the error with every issue.
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = injectionBody)]
pub fn injection_body(payload: &str, now: f64) -> Result<String, JsValue> {
    let written = write(payload, now).map_err(to_js_error)?;
    Ok(String::from_utf8(written.body).unwrap_or_default())
}

/// Checks the payload and returns JSON: `{report, text}`. `now` is in seconds since 1970.
#[must_use]
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = injectionReport)]
pub fn injection_report(payload: &str, now: f64) -> String {
    report_json(&write(payload, now))
}

/// Returns the report of an accepted or rejected body as JSON: `{report, text}`.
pub(crate) fn report_json(written: &Result<CheckedBody, ValidationError>) -> String {
    #[derive(Serialize)]
    struct ReportJson<'r> {
        report: &'r Report,
        text: String,
    }
    let report = match written {
        Ok(written) => &written.report,
        Err(error) => error.report(),
    };
    to_json(&ReportJson { report, text: report.to_string() })
}

/// Writes the body of a payload. `now` is in seconds since 1970.
///
/// # Errors
/// [`ValidationError`] with every issue.
pub(crate) fn write(payload: &str, now: f64) -> Result<CheckedBody, ValidationError> {
    let payload: Payload = from_json(payload).unwrap_or_default();
    let now: Duration = duration_from_seconds(now).unwrap_or_default();
    let strategy = payload.merge_strategy.as_deref().unwrap_or(DEFAULT_MERGE_STRATEGY);
    let mut writer = InjectionWriter::new(Policy::injection(), strategy, now, Vec::new());
    with_input(0, payload.length, |list| {
        let list = std::str::from_utf8(list).unwrap_or_default();
        let defaults = InjectionVariable::new("", ());
        // After the opening bracket.
        let mut at = 1;
        while let Some(key) = next::<Option<Text<'_>>>(list, &mut at) {
            let Some(Text(key)) = key else {
                let fields: Vec<(String, FieldErrorName)> = next(list, &mut at).unwrap_or_default();
                let fields: Vec<_> =
                    fields.iter().map(|(field, error)| (field.as_str(), (*error).into())).collect();
                writer.reject(&fields);
                continue;
            };
            let scope: Option<Text<'_>> = next(list, &mut at).flatten();
            let expires_at: Option<Text<'_>> = next(list, &mut at).flatten();
            let scope = scope.as_ref().map_or(defaults.scope.as_str(), |Text(scope)| scope);
            let expires_at = expires_at.as_ref().map(|Text(time)| time.as_ref());
            writer.variable(&key, scope, expires_at, |checker, path| {
                at = 1 + visit_with_sentinels_within(list, at, checker, path);
            });
        }
    });
    let invalid =
        payload.has_lone_surrogate.then(|| lone_surrogate(&Path::ROOT.key("mergeStrategy")));
    merge_issues(invalid.flatten(), writer.finish())
}

/// Returns the entry that starts at byte `at` of a flat list; `None` at the end of the list. Moves `at` past
/// the following comma.
fn next<'l, T: Deserialize<'l>>(list: &'l str, at: &mut usize) -> Option<T> {
    let mut entries =
        serde_json::Deserializer::from_slice(list.get(*at..)?.as_bytes()).into_iter::<T>();
    let entry = entries.next()?.ok()?;
    *at += entries.byte_offset() + 1;
    Some(entry)
}
