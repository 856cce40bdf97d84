//! The class `Sizes`: the sizes of a value.

use cognigy_context::Sizes;
use pyo3::prelude::*;

use crate::numeric_args::count;

/// Sizes of a value, in the units of the platform's limits.
///
/// Args:
///     json_bytes: Bytes of the compact UTF-8 JSON text that is sent.
///     platform_bytes: Bytes as the platform counts them: a string or a key is 2 x its length in
///         UTF-16 code units, a number 8, a boolean 4; ``None``, lists and dicts themselves 0.
///     depth: Levels of nesting of the deepest variable: 0 for a scalar, 1 for a flat list or dict.
///     variables: Number of variables: the members of the outermost dict.
///
/// Raises:
///     ConfigurationError: An argument is negative or exceeds 64 bits (``depth``: 32 bits).
///
/// Example:
///     >>> from cognigy_context import measure
///     >>> measure({"greeting": "Hi"}).platform_bytes
///     20
#[pyclass(frozen, eq, hash, name = "Sizes", module = "cognigy_context")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct PySizes {
    /// Bytes of the compact UTF-8 JSON text that is sent.
    #[pyo3(get)]
    json_bytes: u64,
    /// Bytes as the platform counts them.
    #[pyo3(get)]
    platform_bytes: u64,
    /// Levels of nesting of the deepest variable.
    #[pyo3(get)]
    depth: u32,
    /// Number of variables.
    #[pyo3(get)]
    variables: u64,
}

impl From<Sizes> for PySizes {
    fn from(sizes: Sizes) -> Self {
        let Sizes { json_bytes, platform_bytes, depth, variables } = sizes;
        Self { json_bytes, platform_bytes, depth, variables }
    }
}

#[pymethods]
impl PySizes {
    #[new]
    #[pyo3(signature = (json_bytes, platform_bytes, depth, variables))]
    fn new(
        json_bytes: &Bound<'_, PyAny>,
        platform_bytes: &Bound<'_, PyAny>,
        depth: &Bound<'_, PyAny>,
        variables: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        Ok(Self {
            json_bytes: count("json_bytes", json_bytes)?,
            platform_bytes: count("platform_bytes", platform_bytes)?,
            depth: count("depth", depth)?,
            variables: count("variables", variables)?,
        })
    }

    fn __repr__(&self) -> String {
        let Self { json_bytes, platform_bytes, depth, variables } = self;
        format!(
            "Sizes(json_bytes={json_bytes}, platform_bytes={platform_bytes}, depth={depth}, variables={variables})"
        )
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, (u64, u64, u32, u64)) {
        let Self { json_bytes, platform_bytes, depth, variables } = *slf.get();
        (slf.get_type().into_any(), (json_bytes, platform_bytes, depth, variables))
    }
}
