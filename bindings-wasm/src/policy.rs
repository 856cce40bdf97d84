//! The handles of policies in JavaScript.

use std::borrow::Cow;

use cognigy_context::{Code, Policy};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::json::{from_json, to_json};

/// A policy that belongs to a JavaScript object.
#[derive(Debug)]
#[wasm_bindgen]
pub struct PolicyHandle(Cow<'static, Policy>);

#[wasm_bindgen]
impl PolicyHandle {
    /// Creates a policy from JSON: a preset's name, or an object of fields.
    ///
    /// # Errors
    /// The message as text when the JSON is not a valid policy.
    #[wasm_bindgen(constructor)]
    pub fn new(spec: &str) -> Result<Self, JsValue> {
        let spec = from_json(spec).map_err(|error| JsValue::from(error.to_string()))?;
        Policy::from_spec(&spec).map(Self).map_err(|error| JsValue::from(error.to_string()))
    }

    /// Returns all fields as JSON.
    #[must_use]
    pub fn fields(&self) -> String {
        to_json(&*self.0)
    }
}

impl PolicyHandle {
    pub(crate) fn policy(&self) -> &Policy {
        &self.0
    }
}

/// Returns every issue code as a JSON array.
#[must_use]
#[wasm_bindgen]
pub fn codes() -> String {
    let names: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    to_json(&names)
}
