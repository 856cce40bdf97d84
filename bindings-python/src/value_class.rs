//! Equality and pickling of the classes that only contain Python objects.
//!
//! `#[pyclass(eq)]` does this for classes that wrap a value of the core. It cannot compare Python objects,
//! and PyO3 has no attribute for pickling.

use pyo3::PyClass;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// A class whose constructor takes its fields, in order.
pub(crate) trait ValueClass: PyClass {
    /// Returns the fields in the order of the constructor.
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>>;

    /// Implements `__eq__`: the same class with equal fields.
    fn is_equal(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        match other.cast::<Self>() {
            Ok(same) => self.fields(other.py())?.eq(same.borrow().fields(other.py())?),
            Err(_) => Ok(false),
        }
    }

    /// Implements `__reduce__`: the class and the arguments that construct an equal object.
    fn reduce<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        Ok((slf.as_any().get_type().into_any(), slf.borrow().fields(slf.py())?))
    }
}
