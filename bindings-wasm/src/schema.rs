//! Compiled JSON Schemas.

use std::sync::Arc;

use cognigy_context::{Error, Schema, ValidationError};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::args::parse_value;
use crate::errors::to_js_error;
use crate::json::to_json;

/// A compiled schema that belongs to a JavaScript object.
#[derive(Debug)]
#[wasm_bindgen]
pub struct SchemaHandle(Arc<Schema>);

#[wasm_bindgen]
impl SchemaHandle {
    /// Compiles a schema from its JSON text, which may contain sentinels.
    ///
    /// # Errors
    /// JSON of the error for every sentinel, or when the text is not a valid schema.
    #[wasm_bindgen(constructor)]
    pub fn new(document: &str) -> Result<Self, JsValue> {
        Self::compile(document).map_err(to_js_error)
    }

    fn compile(document: &str) -> Result<Self, Error> {
        let document = parse_value(document.as_bytes())?;
        Ok(Self(Arc::new(Schema::new(document)?)))
    }

    /// Fills defaults, validates, and returns the filled document as JSON. The text may contain sentinels.
    ///
    /// # Errors
    /// JSON of the error with every sentinel or every violation.
    pub fn apply(&self, payload: &str) -> Result<String, JsValue> {
        self.fill_and_validate(payload).map_err(to_js_error)
    }

    fn fill_and_validate(&self, payload: &str) -> Result<String, ValidationError> {
        Ok(to_json(&self.0.apply(parse_value(payload.as_bytes())?)?))
    }
}

impl SchemaHandle {
    pub(crate) fn schema(&self) -> Arc<Schema> {
        Arc::clone(&self.0)
    }
}
