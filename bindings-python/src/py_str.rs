//! Texts as Python has them.

#![allow(unsafe_code, reason = "only the C interface takes text whose characters are known")]

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// A `str` of this text. ASCII, which most is, takes a short way: Python then has nothing to decode.
pub(crate) fn text<'py>(py: Python<'py>, text: &str) -> Bound<'py, PyString> {
    match ascii(py, text) {
        Some(made) => made,
        None => PyString::new(py, text),
    }
}

/// None: it is not ASCII, or there is no memory, which the long way will tell.
#[inline]
fn ascii<'py>(py: Python<'py>, text: &str) -> Option<Bound<'py, PyString>> {
    if !text.is_ascii() {
        return None;
    }
    let length = ffi::Py_ssize_t::try_from(text.len()).ok()?;
    // SAFETY: the text is so long, and every byte of ASCII is the Latin-1 of its character; what is
    // answered is a new `str`, or null with an exception set.
    unsafe {
        let made = ffi::PyUnicode_DecodeLatin1(text.as_ptr().cast(), length, std::ptr::null());
        if made.is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        Some(Bound::from_owned_ptr(py, made).cast_into_unchecked())
    }
}
