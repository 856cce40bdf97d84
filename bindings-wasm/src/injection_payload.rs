//! Payloads of injected variables, whose values are in the input buffer.

use std::borrow::Cow;
use std::time::Duration;

use cognigy_context::__bindings::visit_with_sentinels_within;
use cognigy_context::__bindings::{FieldError, InjectionWriter};
use cognigy_context::check::CheckedBody;
use cognigy_context::injection::DEFAULT_MERGE_STRATEGY;
use cognigy_context::{
    ConfigurationError, Error, InjectionVariable, Policy, Report, ValidationError,
};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::buffer::with_input;
use crate::failure::thrown;
use crate::json::{json, read};
use crate::text::seconds;

/// What TypeScript says of a payload, beside the list of its variables in the input buffer.
#[derive(Deserialize)]
struct Payload {
    /// Bytes of the list. It is flat, because so it is written and read in one go: of each variable
    /// the key, the scope, the end (either may be `null`) and the value. One that cannot be told is a
    /// `null` for its key, and then its fields that cannot be read, each with why.
    length: usize,
    merge_strategy: Option<String>,
}

/// A text of the list, which is copied only where it has escapes.
#[derive(Deserialize)]
struct Text<'l>(#[serde(borrow)] Cow<'l, str>);

/// The core's [`FieldError`], as TypeScript names it.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Why {
    Missing,
    WrongType,
    LoneSurrogate,
}

impl From<Why> for FieldError {
    fn from(why: Why) -> Self {
        match why {
            Why::Missing => Self::Missing,
            Why::WrongType => Self::WrongType,
            Why::LoneSurrogate => Self::LoneSurrogate,
        }
    }
}

/// The body of a payload as compact JSON. `now` is seconds since 1970.
///
/// # Errors
/// JSON of the error with every issue.
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = injectionBody)]
pub fn injection_body(payload: &str, now: f64) -> Result<String, JsValue> {
    let written = write(payload, now).map_err(thrown)?.map_err(thrown)?;
    Ok(String::from_utf8(written.body).unwrap_or_default())
}

/// What a check of the payload finds, warnings too, as JSON of a report.
///
/// # Errors
/// JSON of the error when the payload cannot be told at all.
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = injectionReport)]
pub fn injection_report(payload: &str, now: f64) -> Result<String, JsValue> {
    let outcome = write(payload, now).map_err(thrown)?;
    Ok(report_of(&outcome))
}

/// The report of a body that was written or refused, as JSON.
pub(crate) fn report_of(outcome: &Result<CheckedBody, ValidationError>) -> String {
    #[derive(Serialize)]
    struct Told<'r> {
        report: &'r Report,
        text: String,
    }
    let report = match outcome {
        Ok(written) => &written.report,
        Err(error) => error.report(),
    };
    json(&Told { report, text: report.to_string() })
}

/// Writes the body of a payload. `now` is seconds since 1970.
///
/// # Errors
/// When the payload cannot be told at all; within, with every issue of one that is refused.
pub(crate) fn write(
    payload: &str,
    now: f64,
) -> Result<Result<CheckedBody, ValidationError>, Error> {
    let unreadable = |_| ConfigurationError::new("mergeStrategy holds half of a surrogate pair");
    let payload: Payload = read(payload).map_err(unreadable)?;
    let now: Duration = seconds(now).unwrap_or_default();
    let strategy = payload.merge_strategy.as_deref().unwrap_or(DEFAULT_MERGE_STRATEGY);
    let mut writer = InjectionWriter::new(Policy::injection(), strategy, now, Vec::new());
    with_input(0, payload.length, |list| {
        let list = std::str::from_utf8(list).unwrap_or_default();
        let usual = InjectionVariable::new("", ());
        let mut at = 1;
        while let Some(key) = next::<Option<Text<'_>>>(list, &mut at) {
            let Some(Text(key)) = key else {
                let fields: Vec<(String, Why)> = next(list, &mut at).unwrap_or_default();
                let fields: Vec<_> =
                    fields.iter().map(|(field, why)| (field.as_str(), (*why).into())).collect();
                writer.refuse(&fields);
                continue;
            };
            let scope: Option<Text<'_>> = next(list, &mut at).flatten();
            let expires_at: Option<Text<'_>> = next(list, &mut at).flatten();
            let scope = scope.as_ref().map_or(usual.scope.as_str(), |Text(scope)| scope);
            let expires_at = expires_at.as_ref().map(|Text(time)| time.as_ref());
            writer.variable(&key, scope, expires_at, |checker, place| {
                at = 1 + visit_with_sentinels_within(list, at, checker, place);
            });
        }
    });
    Ok(writer.finish())
}

/// The next entry of a flat list that TypeScript wrote; `at` goes on behind the comma after it.
fn next<'l, T: Deserialize<'l>>(list: &'l str, at: &mut usize) -> Option<T> {
    let mut entries =
        serde_json::Deserializer::from_slice(list.get(*at..)?.as_bytes()).into_iter::<T>();
    let entry = entries.next()?.ok()?;
    *at += entries.byte_offset() + 1;
    Some(entry)
}
