//! Dispatches on the type of each value, and keeps the state of a walk.

use std::ffi::c_ulong;

use cognigy_context::__bindings::{Path, ValueVisitor};
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;

use super::borrow_guard::{CollectorPause, OpenContainer, RetainedRefs};
use super::datetime::read_iso_text;
use super::exceptions::{Raised, WalkResult};
use super::key_cache::KeyCache;
use super::lazy_import::enum_class;

/// A walk of one value, or of several that share a cache of their keys.
pub(crate) struct Walk<'py> {
    pub(super) py: Python<'py>,
    pub(super) keys: KeyCache,
    pub(super) retained: RetainedRefs,
    /// Looked up before anything is borrowed, because the lookup may run Python code.
    enum_class: Option<*mut ffi::PyTypeObject>,
    pause: CollectorPause,
}

impl<'py> Walk<'py> {
    /// Starts a walk. Until it is dropped, Python code may run only inside its methods.
    pub(crate) fn begin(py: Python<'py>) -> Self {
        let enum_class = enum_class(py);
        let pause = CollectorPause::begin(py);
        Self { py, keys: KeyCache::new(), retained: RetainedRefs::default(), enum_class, pause }
    }

    /// Walks one value at the path `at`.
    ///
    /// # Errors
    /// As [`walk`](super::walk).
    pub(crate) fn visit<S: ValueVisitor>(
        &mut self,
        value: &Bound<'py, PyAny>,
        visitor: &mut S,
        at: &Path<'_>,
    ) -> PyResult<()> {
        // SAFETY: the GIL is held, and the caller keeps `value` alive.
        unsafe { self.visit_borrowed(value.as_ptr(), visitor, at) }
    }

    /// Walks one borrowed value at the path `at`.
    ///
    /// # Errors
    /// As [`walk`](super::walk).
    ///
    /// # Safety
    /// `value` points to an object that stays live until the call returns, even if Python code runs
    /// in it.
    #[inline(always)]
    pub(crate) unsafe fn visit_borrowed<S: ValueVisitor>(
        &mut self,
        value: *mut PyObject,
        visitor: &mut S,
        at: &Path<'_>,
    ) -> PyResult<()> {
        if self.retained.has_python_run() {
            // Keys of the previous value may have been freed with it.
            self.keys.clear();
        }
        let py = self.py;
        let mut walker = Walker { visitor, walk: self };
        // SAFETY: the caller keeps `value` alive.
        let walked = unsafe { walker.walk_value(value, at, None) };
        walked.map_err(|Raised| PyErr::fetch(py))
    }

    /// Runs Python code between two values.
    pub(crate) fn run_python<R>(&mut self, run: impl FnOnce() -> R) -> R {
        self.retained.record_python_run();
        self.run_retained(run)
    }

    /// Runs Python code during a walk. Everything borrowed must be retained before.
    pub(super) fn run_retained<R>(&mut self, run: impl FnOnce() -> R) -> R {
        let result = self.pause.suspend(self.py, run);
        self.keys.clear();
        result
    }
}

/// Reports the parts of one value to one visitor.
pub(super) struct Walker<'s, 'py, S> {
    pub(super) visitor: &'s mut S,
    pub(super) walk: &'s mut Walk<'py>,
}

impl<S: ValueVisitor> Walker<'_, '_, S> {
    /// Walks one value at the path `at`; `parent` is the container that it is in.
    ///
    /// # Safety
    /// `value`, `parent` and every container around it are live, and only Python code could free
    /// them; what Python code could free is retained before any runs.
    #[inline(always)]
    pub(super) unsafe fn walk_value(
        &mut self,
        value: *mut PyObject,
        at: &Path<'_>,
        parent: Option<&OpenContainer<'_>>,
    ) -> WalkResult {
        // SAFETY: `value` is live, and each function gets a value of the type that it requires.
        unsafe {
            let value_type = ffi::Py_TYPE(value);
            if value_type == &raw mut ffi::PyUnicode_Type {
                self.walk_text(value, at)
            } else if value_type == &raw mut ffi::PyLong_Type {
                self.walk_integer(value, at)
            } else if value_type == &raw mut ffi::PyDict_Type {
                self.walk_dict(value, at, parent)
            } else if value == ffi::Py_None() {
                self.visitor.null(at);
                Ok(())
            } else if value == ffi::Py_True() {
                self.visitor.boolean(true, at);
                Ok(())
            } else if value == ffi::Py_False() {
                self.visitor.boolean(false, at);
                Ok(())
            } else if value_type == &raw mut ffi::PyFloat_Type {
                self.walk_float(value, at);
                Ok(())
            } else if value_type == &raw mut ffi::PyList_Type {
                self.walk_list(value, at, parent)
            } else {
                self.walk_other(value, at, parent)
            }
        }
    }

    /// Walks a tuple, an instance of a subclass of a built-in type, or a value of another type.
    ///
    /// # Safety
    /// As [`walk_value`](Self::walk_value).
    #[cold]
    unsafe fn walk_other(
        &mut self,
        value: *mut PyObject,
        at: &Path<'_>,
        parent: Option<&OpenContainer<'_>>,
    ) -> WalkResult {
        // SAFETY: `value` is live, and each function gets a value of the type that it requires.
        unsafe {
            let value_type = ffi::Py_TYPE(value);
            let flags = ffi::PyType_GetFlags(value_type);
            let derives_from = |flag: c_ulong| flags & flag != 0;
            let is_enum =
                |class: *mut ffi::PyTypeObject| ffi::PyType_IsSubtype(value_type, class) != 0;
            if value_type == &raw mut ffi::PyTuple_Type {
                self.walk_tuple(value, at, parent)
            } else if let Some(time) = read_iso_text(self.walk.py, value) {
                self.visitor.text(time.as_str(), at);
                Ok(())
            } else if self.walk.enum_class.is_some_and(is_enum) {
                self.walk_extended(value, at, parent)
            } else if derives_from(ffi::Py_TPFLAGS_TUPLE_SUBCLASS) {
                self.walk_tuple(value, at, parent)
            } else if derives_from(ffi::Py_TPFLAGS_UNICODE_SUBCLASS) {
                self.walk_text(value, at)
            } else if derives_from(ffi::Py_TPFLAGS_LONG_SUBCLASS) {
                self.walk_integer(value, at)
            } else if derives_from(ffi::Py_TPFLAGS_DICT_SUBCLASS) {
                self.walk_mapping(value, at, parent)
            } else if derives_from(ffi::Py_TPFLAGS_LIST_SUBCLASS) {
                self.walk_list(value, at, parent)
            } else if ffi::PyType_IsSubtype(value_type, &raw mut ffi::PyFloat_Type) != 0 {
                self.walk_float(value, at);
                Ok(())
            } else {
                self.walk_extended(value, at, parent)
            }
        }
    }
}
