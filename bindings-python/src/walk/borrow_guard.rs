//! What keeps borrowed references good: containers that are open, references that are held, and
//! the pause of the garbage collector.

use std::cell::Cell;
use std::ptr;

use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;

/// A container whose members are being walked, and the containers around it.
pub(super) struct Open<'o> {
    around: Option<&'o Open<'o>>,
    container: *mut PyObject,
    /// The key of the present member, which the path above it points into.
    key: Cell<*mut PyObject>,
    is_held: Cell<bool>,
    /// How many values in a row stand for one another here, without a container between them.
    stand_ins: u8,
}

impl<'o> Open<'o> {
    #[inline(always)]
    pub(super) fn new(around: Option<&'o Open<'o>>, container: *mut PyObject) -> Self {
        let key = Cell::new(ptr::null_mut());
        Self { around, container, key, is_held: Cell::new(false), stand_ins: 0 }
    }

    /// A value in whose place another one is walked.
    pub(super) fn stand_in(around: Option<&'o Open<'o>>, value: *mut PyObject) -> Self {
        Self { stand_ins: Self::stand_ins(around) + 1, ..Self::new(around, value) }
    }

    /// How many values stand for the next one.
    pub(super) fn stand_ins(innermost: Option<&Self>) -> u8 {
        innermost.map_or(0, |open| open.stand_ins)
    }

    #[inline(always)]
    pub(super) fn at_key(&self, key: *mut PyObject) {
        self.key.set(key);
    }

    /// Whether `container` is among those that are open: then it holds itself.
    #[inline(always)]
    pub(super) fn holds(innermost: Option<&Self>, container: *mut PyObject) -> bool {
        let mut at = innermost;
        while let Some(open) = at {
            if open.container == container {
                return true;
            }
            at = open.around;
        }
        false
    }
}

/// References that the walk holds until its end, and whether Python code has run in it.
#[derive(Default)]
pub(super) struct Held {
    references: Vec<Py<PyAny>>,
    python_ran: bool,
}

impl Held {
    /// Takes references to `value`, to all containers that are open, and to the keys that lead to
    /// it. From here on Python code may run without any of them going away.
    ///
    /// # Safety
    /// The GIL is held and all of them are live: no Python code has run since they were borrowed,
    /// or they are held already.
    #[cold]
    pub(super) unsafe fn hold(
        &mut self,
        py: Python<'_>,
        value: *mut PyObject,
        innermost: Option<&Open<'_>>,
    ) {
        self.python_ran = true;
        // SAFETY: as promised.
        let mut take = |object| unsafe {
            self.references.push(Bound::from_borrowed_ptr(py, object).unbind());
        };
        take(value);
        let mut at = innermost;
        while let Some(open) = at {
            if !open.is_held.replace(true) {
                take(open.container);
            }
            let key = open.key.replace(ptr::null_mut());
            if !key.is_null() {
                take(key);
            }
            at = open.around;
        }
    }

    /// Python code is about to run between two values, while nothing is borrowed.
    #[cold]
    pub(super) fn note_python(&mut self) {
        self.python_ran = true;
    }

    /// Whether Python code has run, so that a container may have changed under the walk.
    #[inline(always)]
    pub(super) fn python_ran(&self) -> bool {
        self.python_ran
    }
}

/// While it lives no garbage collection starts by itself, and so no finalizer runs. Other threads
/// do not notice: the GIL is not let go in this time, or the pause is lifted first.
pub(super) struct CollectorPause {
    was_on: bool,
}

impl CollectorPause {
    #[inline(always)]
    pub(super) fn begin(_: Python<'_>) -> Self {
        // SAFETY: the GIL is held.
        Self { was_on: unsafe { ffi::PyGC_Disable() } != 0 }
    }

    /// Runs Python code with the collector as it was before.
    pub(super) fn lifted<R>(&mut self, py: Python<'_>, run: impl FnOnce() -> R) -> R {
        self.resume();
        let result = run();
        *self = Self::begin(py);
        result
    }

    #[inline(always)]
    fn resume(&mut self) {
        if std::mem::take(&mut self.was_on) {
            // SAFETY: the GIL is held: a pause lives within a walk.
            unsafe { ffi::PyGC_Enable() };
        }
    }
}

impl Drop for CollectorPause {
    #[inline(always)]
    fn drop(&mut self) {
        self.resume();
    }
}
