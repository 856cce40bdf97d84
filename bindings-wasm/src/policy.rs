//! Policies, made once and used by many checks.

use std::borrow::Cow;

use cognigy_context::{Code, Policy};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::json::{json, read};

/// A policy that JavaScript holds on to.
#[derive(Debug)]
#[wasm_bindgen]
pub struct PolicyHandle(Cow<'static, Policy>);

#[wasm_bindgen]
impl PolicyHandle {
    /// The policy that a JSON text describes: a preset's name or an object of fields.
    ///
    /// # Errors
    /// The reason, as text, when it describes none.
    #[wasm_bindgen(constructor)]
    pub fn new(spec: &str) -> Result<Self, JsValue> {
        let spec = read(spec).map_err(|error| JsValue::from(error.to_string()))?;
        Policy::from_spec(&spec).map(Self).map_err(|error| JsValue::from(error.to_string()))
    }

    /// All its fields, as JSON.
    #[must_use]
    pub fn fields(&self) -> String {
        json(&*self.0)
    }
}

impl PolicyHandle {
    pub(crate) fn policy(&self) -> &Policy {
        &self.0
    }
}

/// Every code an issue can have, as a JSON array.
#[must_use]
#[wasm_bindgen]
pub fn codes() -> String {
    let names: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    json(&names)
}
