//! Compiled schemas that JavaScript holds on to.

use std::sync::Arc;

use cognigy_context::{Error, Schema, ValidationError};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::failure::thrown;
use crate::json::json;
use crate::text::value_of;

/// A compiled schema.
#[derive(Debug)]
#[wasm_bindgen]
pub struct SchemaHandle(Arc<Schema>);

#[wasm_bindgen]
impl SchemaHandle {
    /// Compiles the schema that the JSON text is.
    ///
    /// # Errors
    /// JSON of the error when it is none.
    #[wasm_bindgen(constructor)]
    pub fn new(document: &str) -> Result<Self, JsValue> {
        Self::compile(document).map_err(thrown)
    }

    fn compile(document: &str) -> Result<Self, Error> {
        let document = value_of(document.as_bytes())?;
        Ok(Self(Arc::new(Schema::new(document)?)))
    }

    /// Fills defaults and validates; answers the filled document as JSON.
    ///
    /// # Errors
    /// JSON of the error with every violation.
    pub fn apply(&self, payload: &str) -> Result<String, JsValue> {
        self.applied(payload).map_err(thrown)
    }

    fn applied(&self, payload: &str) -> Result<String, ValidationError> {
        Ok(json(&self.0.apply(value_of(payload.as_bytes())?)?))
    }
}

impl SchemaHandle {
    pub(crate) fn schema(&self) -> Arc<Schema> {
        Arc::clone(&self.0)
    }
}
