//! Equality and pickling of classes that are defined by their constructor's arguments.

use pyo3::PyClass;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// A class whose objects equal each other, and are pickled, by their constructor's arguments.
///
/// PyO3's own `eq` needs a comparison without Python; these fields are Python objects.
pub(crate) trait ValueClass: PyClass<Frozen = pyo3::pyclass::boolean_struct::True> + Sync {
    /// Returns the arguments from which the constructor makes an equal object.
    fn arguments<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>>;

    /// Implements `__eq__`.
    fn equals(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        match other.cast::<Self>() {
            Ok(same) => self.arguments(other.py())?.eq(same.get().arguments(other.py())?),
            Err(_) => Ok(false),
        }
    }

    /// Implements `__reduce__`: the class and its arguments.
    fn reduce<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py>> {
        Ok((slf.get_type().into_any(), slf.get().arguments(slf.py())?))
    }
}

/// What `__reduce__` returns: a callable and its arguments.
pub(crate) type Reduced<'py> = (Bound<'py, PyAny>, Bound<'py, PyTuple>);
