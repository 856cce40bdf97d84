//! The class `Schema`.

use std::sync::Arc;

use cognigy_context::Schema;
use cognigy_context::check::read_json;
use pyo3::prelude::*;
use serde_json::Value;

use crate::errors;
use crate::from_python::value_of;
use crate::json_text::json_text;
use crate::to_python::to_python;

/// A compiled JSON Schema.
///
/// The draft is the one that ``$schema`` names, or 2020-12. ``format`` is not validated. Remote
/// references are never fetched.
///
/// Args:
///     json_schema: The schema: a dict or another mapping, a ``bool``, or JSON text.
///
/// Raises:
///     ConfigurationError: The schema is invalid, contains a reference to another document, is nested too
///         deeply, or exceeds a limit: 100,000 subschemas, 10,000 that references refer to, 67,108,864
///         that apply to one value, 2,000 that apply through each other, 256 MiB of regular expressions.
///     ValidationError: A part of the schema has no JSON form, or the text is not JSON.
///
/// Example:
///     >>> from cognigy_context import Schema
///     >>> schema = Schema({"properties": {"age": {"type": "integer", "default": 0}}})
///     >>> schema.apply({"name": "Ada"})
///     {'name': 'Ada', 'age': 0}
#[pyclass(frozen, name = "Schema", module = "cognigy_context")]
pub(crate) struct PySchema(Arc<Schema>);

/// Reads a schema: a `Schema`, or a schema document in any form.
///
/// # Errors
/// `ConfigurationError` and `ValidationError`, as the constructor of `Schema`.
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

    /// Fills defaults, validates, and returns the filled document. ``payload`` is not changed.
    ///
    /// A missing property gets its ``default``. A missing property of type ``object`` without a
    /// default becomes ``{}``, whose own defaults are filled.
    ///
    /// Args:
    ///     payload: The document, of any type that has a JSON form.
    ///
    /// Returns:
    ///     The filled document, as plain Python objects.
    ///
    /// Raises:
    ///     ValidationError: The document violates the schema, with a ``schema_violation`` issue for
    ///         each violation; or a part of it has no JSON form, or an integer exceeds 64 bits.
    ///     SchemaLimitError: Filling the defaults takes more than 100,000 properties, 16 MiB or 10,000,000
    ///         steps, validating takes more than 200,000,000 steps or 10,000 attempts of a regular
    ///         expression, or the document and the schema together are nested more than 2,000 levels deep.
    ///         Also a ``ValidationError`` and a ``MemoryError``; the ``schema_limit`` issue states the
    ///         limit. If not every violation can be listed, a ``ValidationError`` has such an issue, too.
    fn apply<'py>(&self, payload: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = payload.py();
        let value = value_of(payload)?;
        let applied = py.detach(|| self.0.apply(value));
        to_python(py, &applied.map_err(|error| errors::of_validation(py, error))?)
    }
}
