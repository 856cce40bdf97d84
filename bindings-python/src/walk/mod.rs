//! Walks Python objects and reports them to a [`ValueVisitor`] of the core.
//!
//! The hot path reads the exact built-in types through the C API: it compares type pointers, borrows
//! references, and uses the UTF-8 inside a `str`. A borrowed reference stays valid because no Python
//! code runs meanwhile: automatic garbage collection, whose finalizers are Python code, is paused,
//! and nothing else on that path calls Python code. Two places do run Python code: `items()` of a
//! mapping ([`mapping`]) and the search for the JSON form of a value ([`extended_types`]). They first
//! take references to every open container ([`borrow_guard`]).

#![allow(unsafe_code, reason = "the walk reads Python objects through the C API")]

mod borrow_guard;
mod datetime;
mod decimal;
mod exceptions;
mod extended_types;
mod key_cache;
mod lazy_import;
mod mapping;
mod scalars;
mod sequences;
mod text;
mod variable_fields;
mod walker;

use cognigy_context::__bindings::{Path, ValueVisitor};
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;

pub(crate) use datetime::{IsoText, probe_datetime_layout, read_iso_text};
pub(crate) use lazy_import::loaded_attribute;
pub(crate) use text::{exact_utf8, read_text};
pub(crate) use variable_fields::{BorrowedParts, VariableFieldReader, VariableParts};
pub(crate) use walker::Walk;

/// Walks `value` and reports it to `visitor`.
///
/// Dicts, lists, tuples, strings, numbers, booleans and None have a JSON form. So have the instances
/// of their subclasses, which are written as their base type, and the types that [`extended_types`]
/// lists. Any other value is reported as `UnsupportedValue::Unserializable`.
///
/// # Errors
/// Exceptions that do not concern one value: `MemoryError`, exceptions that are not an `Exception`, such
/// as `KeyboardInterrupt`, and `RuntimeError` for a dict that Python code changed during its walk.
pub(crate) fn walk<S: ValueVisitor>(value: &Bound<'_, PyAny>, visitor: &mut S) -> PyResult<()> {
    walk_at(value, visitor, &Path::ROOT)
}

/// Walks `value` at the path `at`.
///
/// # Errors
/// As [`walk`].
pub(crate) fn walk_at<S: ValueVisitor>(
    value: &Bound<'_, PyAny>,
    visitor: &mut S,
    at: &Path<'_>,
) -> PyResult<()> {
    Walk::begin(value.py()).visit(value, visitor, at)
}

/// Returns whether the value is `None` or exactly a `str`, `int`, `bool` or `float`: a walk of it runs no
/// Python code and borrows from no other object.
///
/// # Safety
/// `value` is live.
#[inline(always)]
pub(crate) unsafe fn is_scalar(value: *mut PyObject) -> bool {
    // SAFETY: `value` is live.
    unsafe {
        let value_type = ffi::Py_TYPE(value);
        value_type == &raw mut ffi::PyUnicode_Type
            || value_type == &raw mut ffi::PyLong_Type
            || value_type == &raw mut ffi::PyBool_Type
            || value_type == &raw mut ffi::PyFloat_Type
            || value == ffi::Py_None()
    }
}
