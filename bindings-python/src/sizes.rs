//! How large a value is.

use cognigy_context::Sizes;
use pyo3::prelude::*;

/// How large a value is, in the units that the limits are stated in.
///
/// Args:
///     json_bytes: Bytes of the compact UTF-8 JSON text that goes over the wire.
///     platform_bytes: The platform's own count: a string is 2 x its UTF-16 length, a number 8, a
///         boolean 4, a key 2 x its UTF-16 length; ``None`` and the frames of lists and dicts
///         count nothing.
///     depth: Levels of nesting of the deepest variable: 0 for a scalar, 1 for a flat list or dict.
///     variables: Number of variables, which are the members of the outermost dict.
///
/// Raises:
///     OverflowError: A number is negative or does not fit (64 bits; ``depth`` 32).
///
/// Example:
///     >>> from cognigy_context import measure
///     >>> measure({"greeting": "Hi"}).platform_bytes
///     20
#[pyclass(frozen, eq, hash, name = "Sizes", module = "cognigy_context")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct PySizes {
    /// Bytes of the compact UTF-8 JSON text that goes over the wire.
    #[pyo3(get)]
    json_bytes: u64,
    /// The platform's own count of the value.
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
    fn new(json_bytes: u64, platform_bytes: u64, depth: u32, variables: u64) -> Self {
        Self { json_bytes, platform_bytes, depth, variables }
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
