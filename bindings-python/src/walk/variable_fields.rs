//! The fields of an injected variable that is given as a dict: read in one pass over its members,
//! in which no Python code can run.

use std::ffi::CStr;

use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// `expiresAt` is how the wire spells `expires_at`, and so what data from elsewhere has.
const NAMES: [&CStr; 5] = [c"key", c"value", c"scope", c"expires_at", c"expiresAt"];

/// Reads dicts that mostly have the same keys, and mostly as the same objects.
#[derive(Default)]
pub(crate) struct VariableFields {
    /// The object that was last seen as each name. It is held, so its address is its own.
    known: [Option<Py<PyAny>>; NAMES.len()],
}

/// What is there of a variable.
pub(crate) struct VariableParts<'py> {
    pub(crate) key: Option<Bound<'py, PyAny>>,
    pub(crate) value: Option<Bound<'py, PyAny>>,
    pub(crate) scope: Option<Bound<'py, PyAny>>,
    pub(crate) expires_at: Option<Bound<'py, PyAny>>,
}

/// The same, borrowed from a dict; null is what is not there.
#[derive(Clone, Copy)]
pub(crate) struct BorrowedParts {
    pub(crate) key: *mut PyObject,
    pub(crate) value: *mut PyObject,
    pub(crate) scope: *mut PyObject,
    pub(crate) expires_at: *mut PyObject,
}

impl BorrowedParts {
    /// References of one's own to them.
    ///
    /// # Safety
    /// The dict that they are borrowed from has not changed since.
    pub(crate) unsafe fn own<'py>(self, py: Python<'py>) -> VariableParts<'py> {
        // SAFETY: as promised, each is live or null.
        let own = |part| unsafe { Bound::from_borrowed_ptr_or_opt(py, part) };
        VariableParts {
            key: own(self.key),
            value: own(self.value),
            scope: own(self.scope),
            expires_at: own(self.expires_at),
        }
    }
}

impl VariableFields {
    /// The fields of a dict, borrowed from it: good until Python code runs.
    #[inline(always)]
    pub(crate) fn read(&mut self, dict: &Borrowed<'_, '_, PyDict>) -> BorrowedParts {
        let py = dict.py();
        let mut found = [std::ptr::null_mut(); NAMES.len()];
        let mut position: ffi::Py_ssize_t = 0;
        let mut key = std::ptr::null_mut();
        let mut value = std::ptr::null_mut();
        // SAFETY: the dict is live, and nothing in the loop runs Python code that could change it.
        unsafe {
            while ffi::PyDict_Next(dict.as_ptr(), &raw mut position, &raw mut key, &raw mut value)
                != 0
            {
                let place = self
                    .known
                    .iter()
                    .position(|known| known.as_ref().is_some_and(|known| known.as_ptr() == key));
                if let Some(place) = place.or_else(|| self.learn(py, key))
                    && let Some(slot) = found.get_mut(place)
                {
                    *slot = value;
                }
            }
        }
        let [key, value, scope, expires_at, wire] = found;
        let expires_at = if expires_at.is_null() { wire } else { expires_at };
        BorrowedParts { key, value, scope, expires_at }
    }

    /// Which field a key names that was not the last of its name.
    ///
    /// # Safety
    /// `key` is live.
    #[inline(never)]
    unsafe fn learn(&mut self, py: Python<'_>, key: *mut PyObject) -> Option<usize> {
        // SAFETY: as promised; a comparison with ASCII text runs no Python code.
        unsafe {
            if ffi::PyUnicode_Check(key) == 0 {
                return None;
            }
            let place = NAMES
                .iter()
                .position(|name| ffi::PyUnicode_CompareWithASCIIString(key, name.as_ptr()) == 0)?;
            if let Some(known) = self.known.get_mut(place) {
                *known = Some(Bound::from_borrowed_ptr(py, key).unbind());
            }
            Some(place)
        }
    }
}
