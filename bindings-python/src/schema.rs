//! JSON Schema.

use std::sync::Arc;

use cognigy_context::Schema;
use cognigy_context::check::read_json;
use pyo3::prelude::*;
use serde_json::Value;

use crate::errors;
use crate::from_python::value_of;
use crate::json_text::json_text;
use crate::to_python::to_python;

/// A compiled JSON Schema. ``$schema`` decides the draft, else it is 2020-12; ``format`` is not
/// asserted; nothing is ever fetched.
///
/// Args:
///     json_schema: The schema: a dict, or JSON text.
///
/// Raises:
///     ConfigurationError: It is no schema, or refers to something outside itself.
///     ValidationError: A part of it has no JSON form.
///
/// Example:
///     >>> from cognigy_context import Schema
///     >>> schema = Schema({"properties": {"age": {"type": "integer", "default": 0}}})
///     >>> schema.apply({"name": "Ada"})
///     {'name': 'Ada', 'age': 0}
#[pyclass(frozen, name = "Schema", module = "cognigy_context")]
pub(crate) struct PySchema(Arc<Schema>);

/// A schema out of a document, whatever that is made of.
pub(crate) fn schema_of(given: &Bound<'_, PyAny>) -> PyResult<Arc<Schema>> {
    if let Ok(schema) = given.cast::<PySchema>() {
        return Ok(Arc::clone(&schema.get().0));
    }
    let py = given.py();
    let document: Value = match json_text(given)? {
        Some(text) => text
            .with(py, |bytes| read_json(bytes))?
            .map_err(|error| errors::of_validation(py, error))?,
        None => value_of(given)?,
    };
    let schema = py.detach(|| Schema::new(document));
    schema.map(Arc::new).map_err(|error| errors::of_configuration(py, error))
}

#[pymethods]
impl PySchema {
    #[new]
    fn new(json_schema: &Bound<'_, PyAny>) -> PyResult<Self> {
        schema_of(json_schema).map(Self)
    }

    /// Fills defaults on a copy, then validates it.
    ///
    /// A missing property with a ``default`` gets it, a missing one of type ``object`` without a
    /// default gets ``{}``, and so on in each object.
    ///
    /// Args:
    ///     payload: The document, of any kind that has a JSON form.
    ///
    /// Returns:
    ///     The filled document, as plain Python objects.
    ///
    /// Raises:
    ///     ValidationError: With a ``schema_violation`` for every violation, at its path.
    fn apply<'py>(&self, payload: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = payload.py();
        let value = value_of(payload)?;
        let applied = py.detach(|| self.0.apply(value));
        to_python(py, &applied.map_err(|error| errors::of_validation(py, error))?)
    }
}
