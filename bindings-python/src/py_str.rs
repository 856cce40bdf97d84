//! New Python strings.

#![allow(unsafe_code, reason = "only the C API creates a `str` from ASCII text without decoding")]

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// Creates a `str`. ASCII text, the usual case, is faster: Python copies it without decoding.
pub(crate) fn new_text<'py>(py: Python<'py>, text: &str) -> Bound<'py, PyString> {
    match new_ascii(py, text) {
        Some(created) => created,
        None => PyString::new(py, text),
    }
}

/// Creates a `str` from ASCII text. Returns `None` for other text and when there is no memory; the
/// caller then uses `PyString::new`.
#[inline]
fn new_ascii<'py>(py: Python<'py>, text: &str) -> Option<Bound<'py, PyString>> {
    if !text.is_ascii() {
        return None;
    }
    let length = ffi::Py_ssize_t::try_from(text.len()).ok()?;
    // SAFETY: `text` has this length, and each ASCII byte is the Latin-1 code of its character. The
    // result is a new `str`, or null with an exception set.
    unsafe {
        let created = ffi::PyUnicode_DecodeLatin1(text.as_ptr().cast(), length, std::ptr::null());
        if created.is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        Some(Bound::from_owned_ptr(py, created).cast_into_unchecked())
    }
}
