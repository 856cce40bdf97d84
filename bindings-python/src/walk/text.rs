//! The text of a Python `str`, which may hold halves of surrogate pairs that UTF-8 cannot carry.

use std::borrow::Cow;
use std::slice;

use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::{Raised, is_encoding_error};

/// Text, with U+FFFD for each half of a surrogate pair that stands alone.
pub(crate) struct Text<'t> {
    pub(crate) text: Cow<'t, str>,
    pub(crate) lone_surrogate: bool,
}

/// The text of a `str`.
///
/// # Errors
/// When there is no memory for it.
pub(crate) fn read<'t>(text: &'t Bound<'_, PyString>) -> PyResult<Text<'t>> {
    // SAFETY: it is a `str` that lives for as long as the borrow.
    match unsafe { utf8(text.as_ptr()) } {
        Some(text) => Ok(Text { text: Cow::Borrowed(text), lone_surrogate: false }),
        // SAFETY: as above.
        None => unsafe { lossy(text.as_ptr()) }.map_err(|Raised| PyErr::fetch(text.py())),
    }
}

/// The UTF-8 that a `str` holds, or computes once and keeps. None: an exception is set.
///
/// # Safety
/// `value` is a `str` or of a subclass, and lives for `'t`; the GIL is held.
#[inline(always)]
pub(super) unsafe fn utf8<'t>(value: *mut PyObject) -> Option<&'t str> {
    let mut length: ffi::Py_ssize_t = 0;
    // SAFETY: as promised. What Python gives is UTF-8 of that length, and lives with the object.
    unsafe {
        let start = ffi::PyUnicode_AsUTF8AndSize(value, &raw mut length);
        if start.is_null() {
            return None;
        }
        let bytes = slice::from_raw_parts(start.cast::<u8>(), length.unsigned_abs());
        Some(std::str::from_utf8_unchecked(bytes))
    }
}

/// The same for whatever object. None: it is not exactly a `str`, or has no UTF-8; no exception is
/// set.
///
/// # Safety
/// `value` is live for `'t`; the GIL is held.
#[inline(always)]
pub(crate) unsafe fn exact_utf8<'t>(value: *mut PyObject) -> Option<&'t str> {
    // SAFETY: as promised.
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

/// The text of a `str` that has no UTF-8. Two halves that follow each other are the character they
/// make, as in JSON text.
///
/// # Safety
/// As [`utf8`], which has just given None.
#[cold]
pub(super) unsafe fn lossy(value: *mut PyObject) -> Result<Text<'static>, Raised> {
    if !is_encoding_error() {
        return Err(Raised);
    }
    // SAFETY: as promised; the copy is as long as the text, and freed here.
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
    Ok(join(&points))
}

fn join(points: &[u32]) -> Text<'static> {
    let mut text = String::with_capacity(points.len() + 3);
    let mut lone_surrogate = false;
    let mut rest = points.iter().copied().peekable();
    while let Some(point) = rest.next() {
        let joined = match (point, rest.peek()) {
            (0xd800..=0xdbff, Some(&low @ 0xdc00..=0xdfff)) => {
                rest.next();
                0x1_0000 + ((point - 0xd800) << 10) + (low - 0xdc00)
            }
            _ => point,
        };
        match char::from_u32(joined) {
            Some(character) => text.push(character),
            None => {
                text.push(char::REPLACEMENT_CHARACTER);
                lone_surrogate = true;
            }
        }
    }
    Text { text: Cow::Owned(text), lone_surrogate }
}
