//! The driver for Python objects: walks what Python built and tells a [`ValueVisitor`] of it.
//!
//! The hot path takes the exact built-in types apart by hand: it compares type pointers, borrows
//! references, and points into the UTF-8 that a `str` holds. Borrowed references are sound because
//! no Python code can run while they are held: automatic garbage collection, whose finalizers are
//! Python code, is paused, and nothing else on that path calls back. The places where Python code
//! does run (`items()` of a mapping, the JSON form of a [`foreign`] value) first take references of
//! their own to everything that is open; see [`held`].

#![allow(unsafe_code, reason = "the walk reads Python's objects through its C interface")]

mod borrow_guard;
mod datetime;
mod decimal;
mod extended_types;
mod key_cache;
mod lazy_import;
mod mapping;
mod text;
mod variable_fields;

use std::ffi::{c_int, c_longlong, c_ulong};

use cognigy_context::__bindings::{NumberKind, Path, TextSize, UnsupportedValue, ValueVisitor};
use pyo3::exceptions::PyUnicodeEncodeError;
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;

use borrow_guard::{CollectorPause, Held, Open};
pub(crate) use datetime::{Iso, iso, learn as learn_times};
use key_cache::Keys;
pub(crate) use lazy_import::loaded;
pub(crate) use text::{exact_utf8, read as read_text};
pub(crate) use variable_fields::{BorrowedParts, VariableFields, VariableParts};

/// Walks `value` and tells the sink of it.
///
/// Dicts, lists, tuples, strings, numbers, booleans and None have a JSON form, and so have the
/// instances of their subclasses, which count as what they hold; [`foreign`] names what else has
/// one. Anything else is told as [`UnsupportedValue::Unserializable`].
///
/// # Errors
/// What Python raised that is no fact about the value: no memory, an interrupt, or a dict that
/// was changed by code of its own while it was walked.
pub(crate) fn walk<S: ValueVisitor>(value: &Bound<'_, PyAny>, sink: &mut S) -> PyResult<()> {
    Walk::begin(value.py()).value(value, sink, &Path::ROOT)
}

/// The same for a value that stands at a place of a larger whole.
///
/// # Errors
/// As [`walk`].
pub(crate) fn walk_at<S: ValueVisitor>(
    value: &Bound<'_, PyAny>,
    sink: &mut S,
    at: &Path<'_>,
) -> PyResult<()> {
    Walk::begin(value.py()).value(value, sink, at)
}

/// Whether walking the value runs no Python code and borrows from nothing but itself.
///
/// # Safety
/// `value` is live.
#[inline(always)]
pub(crate) unsafe fn is_scalar(value: *mut PyObject) -> bool {
    // SAFETY: as promised.
    unsafe {
        let kind = ffi::Py_TYPE(value);
        kind == &raw mut ffi::PyUnicode_Type
            || kind == &raw mut ffi::PyLong_Type
            || kind == &raw mut ffi::PyBool_Type
            || kind == &raw mut ffi::PyFloat_Type
            || value == ffi::Py_None()
    }
}

/// A walk of one value or of several, which share what was learned of their keys.
pub(crate) struct Walk<'py> {
    py: Python<'py>,
    keys: Keys,
    held: Held,
    /// Found before anything is borrowed, because looking it up may run Python code.
    enum_class: Option<*mut ffi::PyTypeObject>,
    pause: CollectorPause,
}

impl<'py> Walk<'py> {
    /// Nothing but this walk, and what is given to [`python`](Self::python), may run Python code
    /// until it is dropped.
    pub(crate) fn begin(py: Python<'py>) -> Self {
        let enum_class = extended_types::enum_class(py);
        let pause = CollectorPause::begin(py);
        Self { py, keys: Keys::new(), held: Held::default(), enum_class, pause }
    }

    /// Walks one value, which stands at a place of the whole.
    ///
    /// # Errors
    /// As [`walk`].
    pub(crate) fn value<S: ValueVisitor>(
        &mut self,
        value: &Bound<'py, PyAny>,
        sink: &mut S,
        at: &Path<'_>,
    ) -> PyResult<()> {
        // SAFETY: the GIL is held, and the caller keeps `value` alive.
        unsafe { self.borrowed(value.as_ptr(), sink, at) }
    }

    /// The same for a value that is borrowed.
    ///
    /// # Errors
    /// As [`walk`].
    ///
    /// # Safety
    /// `value` points to a live object, which stays so for the time of the call even when Python
    /// code runs in it.
    #[inline(always)]
    pub(crate) unsafe fn borrowed<S: ValueVisitor>(
        &mut self,
        value: *mut PyObject,
        sink: &mut S,
        at: &Path<'_>,
    ) -> PyResult<()> {
        if self.held.python_ran() {
            // Keys of the value before may have gone away with it.
            self.keys.forget();
        }
        let py = self.py;
        let mut walker = Walker { sink, walk: self };
        // SAFETY: as promised.
        let walked = unsafe { walker.value(value, at, None) };
        walked.map_err(|Raised| PyErr::fetch(py))
    }

    /// Runs Python code between two values.
    pub(crate) fn python<R>(&mut self, run: impl FnOnce() -> R) -> R {
        self.held.note_python();
        self.run(run)
    }

    fn run<R>(&mut self, run: impl FnOnce() -> R) -> R {
        let result = self.pause.lifted(self.py, run);
        self.keys.forget();
        result
    }
}

/// A Python exception is set, and the walk ends.
struct Raised;

type Walked = Result<(), Raised>;

struct Walker<'s, 'py, S> {
    sink: &'s mut S,
    walk: &'s mut Walk<'py>,
}

impl<S: ValueVisitor> Walker<'_, '_, S> {
    /// Runs Python code. Everything that is borrowed must be held before.
    fn run_python<R>(&mut self, run: impl FnOnce() -> R) -> R {
        self.walk.run(run)
    }

    /// Tells of one value. `open` is the container it stands in.
    ///
    /// # Safety
    /// `value` points to a live object, which nothing but Python code can free; so do `open` and
    /// everything above it, which are held or as safe.
    #[inline(always)]
    unsafe fn value(
        &mut self,
        value: *mut PyObject,
        at: &Path<'_>,
        open: Option<&Open<'_>>,
    ) -> Walked {
        // SAFETY: `value` is live, and each function is given the type it is made for.
        unsafe {
            let kind = ffi::Py_TYPE(value);
            if kind == &raw mut ffi::PyUnicode_Type {
                self.text(value, at)
            } else if kind == &raw mut ffi::PyLong_Type {
                self.integer(value, at)
            } else if kind == &raw mut ffi::PyDict_Type {
                self.dict(value, at, open)
            } else if value == ffi::Py_None() {
                self.sink.null(at);
                Ok(())
            } else if value == ffi::Py_True() {
                self.sink.boolean(true, at);
                Ok(())
            } else if value == ffi::Py_False() {
                self.sink.boolean(false, at);
                Ok(())
            } else if kind == &raw mut ffi::PyFloat_Type {
                self.float(value, at);
                Ok(())
            } else if kind == &raw mut ffi::PyList_Type {
                self.list(value, at, open)
            } else {
                self.other(value, at, open)
            }
        }
    }

    /// What is none of the exact types above: tuples, subclasses, and values of other kinds.
    ///
    /// # Safety
    /// As [`value`](Self::value).
    #[cold]
    unsafe fn other(
        &mut self,
        value: *mut PyObject,
        at: &Path<'_>,
        open: Option<&Open<'_>>,
    ) -> Walked {
        // SAFETY: `value` is live, and the flags tell which built-in type it derives from.
        unsafe {
            let kind = ffi::Py_TYPE(value);
            let flags = ffi::PyType_GetFlags(kind);
            let derives_from = |flag: c_ulong| flags & flag != 0;
            if kind == &raw mut ffi::PyTuple_Type {
                self.tuple(value, at, open)
            } else if let Some(time) = datetime::iso(self.walk.py, value) {
                self.sink.text(time.as_str(), at);
                Ok(())
            } else if self.walk.enum_class.is_some_and(|it| ffi::PyType_IsSubtype(kind, it) != 0) {
                self.foreign(value, at, open)
            } else if derives_from(ffi::Py_TPFLAGS_TUPLE_SUBCLASS) {
                self.tuple(value, at, open)
            } else if derives_from(ffi::Py_TPFLAGS_UNICODE_SUBCLASS) {
                self.text(value, at)
            } else if derives_from(ffi::Py_TPFLAGS_LONG_SUBCLASS) {
                self.integer(value, at)
            } else if derives_from(ffi::Py_TPFLAGS_DICT_SUBCLASS) {
                self.mapping(value, at, open)
            } else if derives_from(ffi::Py_TPFLAGS_LIST_SUBCLASS) {
                self.list(value, at, open)
            } else if ffi::PyType_IsSubtype(kind, &raw mut ffi::PyFloat_Type) != 0 {
                self.float(value, at);
                Ok(())
            } else {
                self.foreign(value, at, open)
            }
        }
    }

    /// # Safety
    /// `value` is a `str`, or of a subclass.
    #[inline(always)]
    unsafe fn text(&mut self, value: *mut PyObject, at: &Path<'_>) -> Walked {
        // SAFETY: as promised; the text is used up before anything can free the object.
        match unsafe { text::utf8(value) } {
            Some(text) => {
                self.sink.text(text, at);
                Ok(())
            }
            // SAFETY: as promised.
            None => unsafe { self.surrogates(value, at) },
        }
    }

    /// # Safety
    /// As [`text`](Self::text), which found no UTF-8 in it and left the exception set.
    #[cold]
    unsafe fn surrogates(&mut self, value: *mut PyObject, at: &Path<'_>) -> Walked {
        // SAFETY: as promised.
        let text = unsafe { text::lossy(value) }?;
        self.sink.string(&text.text, TextSize::of(&text.text), at);
        if text.lone_surrogate {
            self.sink.lone_surrogate(at);
        }
        Ok(())
    }

    /// # Safety
    /// `value` is an `int`, or of a subclass.
    #[inline(always)]
    unsafe fn integer(&mut self, value: *mut PyObject, at: &Path<'_>) -> Walked {
        let mut overflow: c_int = 0;
        // SAFETY: as promised.
        let number: c_longlong =
            unsafe { ffi::PyLong_AsLongLongAndOverflow(value, &raw mut overflow) };
        if overflow != 0 {
            // SAFETY: as promised.
            return unsafe { self.big_integer(value, at) };
        }
        self.sink.number(itoa::Buffer::new().format(number), NumberKind::Integer, at);
        Ok(())
    }

    /// An integer of more than 64 bits: its digits, unless it is beyond the range of a 64-bit
    /// float. So there are at most 309 of them, whatever Python's own limit is set to.
    ///
    /// # Safety
    /// As [`integer`](Self::integer).
    #[cold]
    unsafe fn big_integer(&mut self, value: *mut PyObject, at: &Path<'_>) -> Walked {
        // SAFETY: as promised; the digits are a new `str`, freed once they are told.
        unsafe {
            if ffi::PyLong_AsDouble(value) == -1.0 && !ffi::PyErr_Occurred().is_null() {
                ffi::PyErr_Clear();
                self.sink.unsupported(UnsupportedValue::HugeInteger, at);
                return Ok(());
            }
            let digits = ffi::PyNumber_ToBase(value, 10);
            if digits.is_null() {
                return Err(Raised);
            }
            let told = match text::utf8(digits) {
                Some(text) => {
                    self.sink.number(text, NumberKind::Integer, at);
                    Ok(())
                }
                None => Err(Raised),
            };
            ffi::Py_DECREF(digits);
            told
        }
    }

    /// # Safety
    /// `value` is a `float`, or of a subclass.
    #[inline(always)]
    unsafe fn float(&mut self, value: *mut PyObject, at: &Path<'_>) {
        // SAFETY: as promised, so it cannot fail.
        let number = unsafe { ffi::PyFloat_AsDouble(value) };
        if number.is_finite() {
            self.sink.number(zmij::Buffer::new().format_finite(number), NumberKind::Float, at);
        } else {
            self.sink.unsupported(UnsupportedValue::NonFinite, at);
        }
    }

    /// # Safety
    /// `list` is a `list`, or of a subclass, and as live as [`value`](Self::value) asks.
    unsafe fn list(
        &mut self,
        list: *mut PyObject,
        at: &Path<'_>,
        open: Option<&Open<'_>>,
    ) -> Walked {
        // SAFETY: as promised. The size is read for each item, because Python code that runs
        // between two of them may shorten the list.
        unsafe {
            self.items(list, at, open, |index| {
                if index < ffi::Py_SIZE(list) {
                    ffi::PyList_GetItem(list, index)
                } else {
                    std::ptr::null_mut()
                }
            })
        }
    }

    /// # Safety
    /// `tuple` is a `tuple`, or of a subclass, and as live as [`value`](Self::value) asks.
    unsafe fn tuple(
        &mut self,
        tuple: *mut PyObject,
        at: &Path<'_>,
        open: Option<&Open<'_>>,
    ) -> Walked {
        // SAFETY: as promised.
        unsafe {
            self.items(tuple, at, open, |index| {
                if index < ffi::Py_SIZE(tuple) {
                    ffi::PyTuple_GetItem(tuple, index)
                } else {
                    std::ptr::null_mut()
                }
            })
        }
    }

    /// # Safety
    /// `container` is as live as [`value`](Self::value) asks, and `item` gives its items, borrowed
    /// from it, then null.
    #[inline(always)]
    unsafe fn items(
        &mut self,
        container: *mut PyObject,
        at: &Path<'_>,
        open: Option<&Open<'_>>,
        item: impl Fn(ffi::Py_ssize_t) -> *mut PyObject,
    ) -> Walked {
        if Open::holds(open, container) {
            self.sink.unsupported(UnsupportedValue::Circular, at);
            return Ok(());
        }
        if !self.sink.begin_array(at) {
            return Ok(());
        }
        let this = Open::new(open, container);
        let mut index: ffi::Py_ssize_t = 0;
        loop {
            let value = item(index);
            if value.is_null() {
                break;
            }
            self.sink.item();
            // SAFETY: borrowed from a container that is live.
            unsafe { self.value(value, &at.index(index.unsigned_abs()), Some(&this))? };
            index += 1;
        }
        self.sink.end_array();
        Ok(())
    }
}

/// Whether the exception that is set is about characters that UTF-8 cannot carry. If so it is
/// cleared.
#[cold]
fn is_encoding_error() -> bool {
    // SAFETY: the GIL is held by whoever walks.
    let py = unsafe { Python::assume_attached() };
    let error = PyErr::fetch(py);
    let about_text = error.is_instance_of::<PyUnicodeEncodeError>(py);
    if !about_text {
        error.restore(py);
    }
    about_text
}
