//! Walks strings and numbers.

use std::ffi::{c_int, c_longlong};

use cognigy_context::__bindings::{NumberKind, Path, TextSize, UnsupportedValue, ValueVisitor};
use pyo3::ffi::{self, PyObject};

use super::exceptions::{Raised, WalkResult};
use super::text;
use super::walker::Walker;

impl<S: ValueVisitor> Walker<'_, '_, S> {
    /// # Safety
    /// `value` is a live `str`, or of a subclass.
    #[inline(always)]
    pub(super) unsafe fn walk_text(&mut self, value: *mut PyObject, at: &Path<'_>) -> WalkResult {
        // SAFETY: `value` is a live `str`; the visitor uses the text before the object can be freed.
        match unsafe { text::utf8(value) } {
            Some(text) => {
                self.visitor.text(text, at);
                Ok(())
            }
            // SAFETY: `value` has no UTF-8, and the exception about that is set.
            None => unsafe { self.walk_surrogates(value, at) },
        }
    }

    /// # Safety
    /// As [`walk_text`](Self::walk_text), which found no UTF-8 and left the exception set.
    #[cold]
    unsafe fn walk_surrogates(&mut self, value: *mut PyObject, at: &Path<'_>) -> WalkResult {
        // SAFETY: `text::utf8` has just returned `None` for `value`.
        let text = unsafe { text::decode_lossy(value) }?;
        self.visitor.string(&text.text, TextSize::of(&text.text), at);
        if text.has_lone_surrogate {
            self.visitor.lone_surrogate(at);
        }
        Ok(())
    }

    /// # Safety
    /// `value` is a live `int`, or of a subclass.
    #[inline(always)]
    pub(super) unsafe fn walk_integer(
        &mut self,
        value: *mut PyObject,
        at: &Path<'_>,
    ) -> WalkResult {
        let mut overflow: c_int = 0;
        // SAFETY: `value` is a live `int`.
        let number: c_longlong =
            unsafe { ffi::PyLong_AsLongLongAndOverflow(value, &raw mut overflow) };
        if overflow != 0 {
            // SAFETY: `value` is a live `int`.
            return unsafe { self.walk_big_integer(value, at) };
        }
        self.visitor.number(itoa::Buffer::new().format(number), NumberKind::Integer, at);
        Ok(())
    }

    /// Walks an integer of more than 64 bits. Integers beyond the range of a 64-bit float are
    /// unsupported, so there are at most 309 digits to write, whatever limit Python is set to.
    ///
    /// # Safety
    /// As [`walk_integer`](Self::walk_integer).
    #[cold]
    unsafe fn walk_big_integer(&mut self, value: *mut PyObject, at: &Path<'_>) -> WalkResult {
        // SAFETY: `value` is a live `int`; `digits` is a new `str`, freed after its last use.
        unsafe {
            if ffi::PyLong_AsDouble(value) == -1.0 && !ffi::PyErr_Occurred().is_null() {
                ffi::PyErr_Clear();
                self.visitor.unsupported(UnsupportedValue::HugeInteger, at);
                return Ok(());
            }
            let digits = ffi::PyNumber_ToBase(value, 10);
            if digits.is_null() {
                return Err(Raised);
            }
            let walked = match text::utf8(digits) {
                Some(text) => {
                    self.visitor.number(text, NumberKind::Integer, at);
                    Ok(())
                }
                None => Err(Raised),
            };
            ffi::Py_DECREF(digits);
            walked
        }
    }

    /// # Safety
    /// `value` is a live `float`, or of a subclass.
    #[inline(always)]
    pub(super) unsafe fn walk_float(&mut self, value: *mut PyObject, at: &Path<'_>) {
        // SAFETY: `value` is a live `float`, so the call cannot fail.
        let number = unsafe { ffi::PyFloat_AsDouble(value) };
        if number.is_finite() {
            self.visitor.number(zmij::Buffer::new().format_finite(number), NumberKind::Float, at);
        } else {
            self.visitor.unsupported(UnsupportedValue::NonFinite, at);
        }
    }
}
