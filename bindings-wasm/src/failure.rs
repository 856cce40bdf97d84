//! Errors as the JSON from which TypeScript makes its classes.

#[cfg(feature = "rules")]
use cognigy_context::ApiErrorKind;
use cognigy_context::Error;
use wasm_bindgen::prelude::JsValue;
#[cfg(feature = "rules")]
use wasm_bindgen::prelude::wasm_bindgen;

use crate::json::json;

/// What is thrown: JSON text with a `kind`.
pub(crate) fn thrown(error: impl Into<Error>) -> JsValue {
    JsValue::from(text_of(&error.into()))
}

/// An error as JSON text. The core says what is in it, so that no kind can be forgotten here.
pub(crate) fn text_of(error: &Error) -> String {
    json(error)
}

/// Every kind of failure there is, as a JSON array: a test holds the classes complete with it.
#[cfg(feature = "rules")]
#[must_use]
#[wasm_bindgen(js_name = failureKinds)]
pub fn failure_kinds() -> String {
    let names: Vec<_> = ApiErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
    json(&names)
}
