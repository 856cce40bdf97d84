//! Keeps borrowed references valid during a walk: the stack of open containers, the references that
//! the walk owns, and the pause of the garbage collector.

use std::cell::Cell;
use std::ptr;

use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;

/// A container whose members are being walked, linked to the container that it is in.
pub(super) struct OpenContainer<'p> {
    parent: Option<&'p OpenContainer<'p>>,
    container: *mut PyObject,
    /// The key of the current member. The path of that member points into the text of this key.
    key: Cell<*mut PyObject>,
    /// Whether the walk owns a reference to `container`.
    is_retained: Cell<bool>,
    /// How many values in a row were replaced by another value, without a container between them.
    delegations: u8,
}

impl<'p> OpenContainer<'p> {
    #[inline(always)]
    pub(super) fn new(parent: Option<&'p OpenContainer<'p>>, container: *mut PyObject) -> Self {
        let key = Cell::new(ptr::null_mut());
        Self { parent, container, key, is_retained: Cell::new(false), delegations: 0 }
    }

    /// Creates the entry of a value that is not a container: another value is walked in its place.
    pub(super) fn delegating(parent: Option<&'p OpenContainer<'p>>, value: *mut PyObject) -> Self {
        Self { delegations: Self::delegations(parent) + 1, ..Self::new(parent, value) }
    }

    /// Returns how many values in a row were replaced before the next one.
    pub(super) fn delegations(innermost: Option<&Self>) -> u8 {
        innermost.map_or(0, |open| open.delegations)
    }

    #[inline(always)]
    pub(super) fn set_key(&self, key: *mut PyObject) {
        self.key.set(key);
    }

    /// Returns whether `container` is open, which means that it contains itself.
    #[inline(always)]
    pub(super) fn is_open(innermost: Option<&Self>, container: *mut PyObject) -> bool {
        let mut next = innermost;
        while let Some(open) = next {
            if open.container == container {
                return true;
            }
            next = open.parent;
        }
        false
    }
}

/// References that the walk owns until its end, and whether Python code has run during the walk.
#[derive(Default)]
pub(super) struct RetainedRefs {
    references: Vec<Py<PyAny>>,
    has_python_run: bool,
}

impl RetainedRefs {
    /// Takes references to `value`, to all open containers, and to the keys of their current
    /// members. After that Python code may run and cannot free any of them.
    ///
    /// # Safety
    /// The GIL is held and all of them are live: since they were borrowed no Python code has run,
    /// or they are retained already.
    #[cold]
    pub(super) unsafe fn retain(
        &mut self,
        py: Python<'_>,
        value: *mut PyObject,
        innermost: Option<&OpenContainer<'_>>,
    ) {
        self.has_python_run = true;
        // SAFETY: the caller guarantees that each object is live.
        let mut take = |object| unsafe {
            self.references.push(Bound::from_borrowed_ptr(py, object).unbind());
        };
        take(value);
        let mut next = innermost;
        while let Some(open) = next {
            if !open.is_retained.replace(true) {
                take(open.container);
            }
            let key = open.key.replace(ptr::null_mut());
            if !key.is_null() {
                take(key);
            }
            next = open.parent;
        }
    }

    /// Records that Python code runs between two values, while nothing is borrowed.
    #[cold]
    pub(super) fn record_python_run(&mut self) {
        self.has_python_run = true;
    }

    /// Returns whether Python code has run, so that a container may have changed during its walk.
    #[inline(always)]
    pub(super) fn has_python_run(&self) -> bool {
        self.has_python_run
    }
}

/// Pauses automatic garbage collection, and the finalizers that it runs, until this is dropped. Other
/// threads are not affected: the GIL is not released meanwhile, except in [`suspend`](Self::suspend).
pub(super) struct CollectorPause {
    was_enabled: bool,
}

impl CollectorPause {
    #[inline(always)]
    pub(super) fn begin(_: Python<'_>) -> Self {
        // SAFETY: the GIL is held.
        Self { was_enabled: unsafe { ffi::PyGC_Disable() } != 0 }
    }

    /// Runs Python code with the collector in its previous state, then pauses it again.
    pub(super) fn suspend<R>(&mut self, py: Python<'_>, run: impl FnOnce() -> R) -> R {
        self.end();
        let result = run();
        *self = Self::begin(py);
        result
    }

    #[inline(always)]
    fn end(&mut self) {
        if std::mem::take(&mut self.was_enabled) {
            // SAFETY: the GIL is held, because a pause lives within a walk.
            unsafe { ffi::PyGC_Enable() };
        }
    }
}

impl Drop for CollectorPause {
    #[inline(always)]
    fn drop(&mut self) {
        self.end();
    }
}
