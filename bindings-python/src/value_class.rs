//! Equality and pickling of the classes whose fields are Python objects.
//!
//! The attribute `#[pyclass(eq)]` implements equality for classes that wrap a value of the core. The
//! attribute cannot compare Python objects, and PyO3 has no attribute for pickling.

use pyo3::PyClass;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// A class whose constructor takes all of its fields as positional arguments.
pub(crate) trait ValueClass: PyClass {
    /// Returns the fields in the order of the constructor's arguments.
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>>;

    /// Implements `__eq__`: returns whether `other` is an instance of this class with equal fields.
    fn is_equal(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        match other.cast::<Self>() {
            Ok(instance) => self.fields(other.py())?.eq(instance.borrow().fields(other.py())?),
            Err(_) => Ok(false),
        }
    }

    /// Implements `__reduce__`: the class and the arguments that construct an equal object.
    fn reduce<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        Ok((slf.as_any().get_type().into_any(), slf.borrow().fields(slf.py())?))
    }
}
