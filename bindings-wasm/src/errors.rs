//! Errors as JSON text, which TypeScript converts to its error classes.

#[cfg(feature = "rules")]
use cognigy_context::ApiErrorKind;
use cognigy_context::Error;
use wasm_bindgen::prelude::JsValue;
#[cfg(feature = "rules")]
use wasm_bindgen::prelude::wasm_bindgen;

use crate::json::to_json;

/// Converts an error to the value that is thrown: JSON text with a `kind`.
pub(crate) fn to_js_error(error: impl Into<Error>) -> JsValue {
    JsValue::from(error_json(&error.into()))
}

/// Returns an error as JSON text. The core serializes every kind.
pub(crate) fn error_json(error: &Error) -> String {
    to_json(error)
}

/// Returns every kind of API error as a JSON array. A test compares the error classes with it.
#[cfg(feature = "rules")]
#[must_use]
#[wasm_bindgen(js_name = apiErrorKinds)]
pub fn api_error_kinds() -> String {
    let names: Vec<_> = ApiErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
    to_json(&names)
}
