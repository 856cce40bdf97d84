//! The text of a Python `str`, which may contain surrogates that UTF-8 cannot encode.

use std::borrow::Cow;
use std::slice;

use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::exceptions::{Raised, clear_encoding_error};

/// Text with U+FFFD in place of each lone surrogate.
pub(crate) struct DecodedText<'t> {
    pub(crate) text: Cow<'t, str>,
    pub(crate) has_lone_surrogate: bool,
}

/// Returns the text of a `str`.
///
/// # Errors
/// `MemoryError` when there is no memory for it.
pub(crate) fn read_text<'t>(text: &'t Bound<'_, PyString>) -> PyResult<DecodedText<'t>> {
    // SAFETY: it is a `str` that lives for as long as the borrow, and the GIL is held.
    unsafe { decode(text.as_ptr()) }.map_err(|Raised| PyErr::fetch(text.py()))
}

/// Returns the text of a `str`. Fails only when there is no memory for it.
///
/// # Safety
/// As [`utf8`].
#[inline]
pub(super) unsafe fn decode<'t>(value: *mut PyObject) -> Result<DecodedText<'t>, Raised> {
    // SAFETY: the caller guarantees it.
    unsafe {
        match utf8(value) {
            Some(text) => Ok(DecodedText { text: Cow::Borrowed(text), has_lone_surrogate: false }),
            None => decode_lossy(value),
        }
    }
}

/// Returns the UTF-8 of a `str`, which Python computes once and keeps in the object. Returns `None`
/// with an exception set when there is none.
///
/// # Safety
/// `value` is a `str` or of a subclass, and lives for `'t`; the GIL is held.
#[inline(always)]
pub(super) unsafe fn utf8<'t>(value: *mut PyObject) -> Option<&'t str> {
    let mut length: ffi::Py_ssize_t = 0;
    // SAFETY: `value` is a live `str`. Python returns UTF-8 of that length, which lives as long as
    // the object.
    unsafe {
        let start = ffi::PyUnicode_AsUTF8AndSize(value, &raw mut length);
        if start.is_null() {
            return None;
        }
        let bytes = slice::from_raw_parts(start.cast::<u8>(), length.unsigned_abs());
        Some(std::str::from_utf8_unchecked(bytes))
    }
}

/// Returns the UTF-8 of any object that is exactly a `str`. Returns `None` without an exception for
/// other objects and for a `str` that has no UTF-8.
///
/// # Safety
/// `value` is live for `'t`; the GIL is held.
#[inline(always)]
pub(crate) unsafe fn exact_utf8<'t>(value: *mut PyObject) -> Option<&'t str> {
    // SAFETY: `value` is live, and its type is checked before it is read as a `str`.
    unsafe {
        if ffi::Py_TYPE(value) != &raw mut ffi::PyUnicode_Type {
            return None;
        }
        let text = utf8(value);
        if text.is_none() {
            ffi::PyErr_Clear();
        }
        text
    }
}

/// Returns the text of a `str` that has no UTF-8. Two surrogates that form a pair become one
/// character, as in JSON text.
///
/// # Safety
/// As [`utf8`], which has just returned `None`.
#[cold]
pub(super) unsafe fn decode_lossy(value: *mut PyObject) -> Result<DecodedText<'static>, Raised> {
    if !clear_encoding_error() {
        return Err(Raised);
    }
    // SAFETY: `value` is a live `str`; the copy has the length of the text, and is freed here.
    let points = unsafe {
        let copy = ffi::PyUnicode_AsUCS4Copy(value);
        if copy.is_null() {
            return Err(Raised);
        }
        let length = ffi::PyUnicode_GetLength(value).max(0);
        let points = slice::from_raw_parts(copy, length.unsigned_abs()).to_vec();
        ffi::PyMem_Free(copy.cast());
        points
    };
    Ok(decode_code_points(&points))
}

fn decode_code_points(points: &[u32]) -> DecodedText<'static> {
    // Enough for ASCII text with one surrogate, which becomes three bytes.
    let mut text = String::with_capacity(points.len() + 3);
    let mut has_lone_surrogate = false;
    let mut rest = points.iter().copied().peekable();
    while let Some(point) = rest.next() {
        let point = match (point, rest.peek()) {
            (0xd800..=0xdbff, Some(&low @ 0xdc00..=0xdfff)) => {
                rest.next();
                0x1_0000 + ((point - 0xd800) << 10) + (low - 0xdc00)
            }
            _ => point,
        };
        match char::from_u32(point) {
            Some(character) => text.push(character),
            None => {
                text.push(char::REPLACEMENT_CHARACTER);
                has_lone_surrogate = true;
            }
        }
    }
    DecodedText { text: Cow::Owned(text), has_lone_surrogate }
}
