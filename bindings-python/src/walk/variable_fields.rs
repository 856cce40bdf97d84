//! Reads the fields of an injected variable from a dict, in one pass over its members during which
//! no Python code can run.

use std::ffi::CStr;

use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The names of the fields. `expiresAt` is the name in the API, so dicts from JSON have it instead of
/// `expires_at`.
const NAMES: [&CStr; 5] = [c"key", c"value", c"scope", c"expires_at", c"expiresAt"];

/// Reads many dicts, which mostly have the same keys, and mostly as the same objects.
#[derive(Default)]
pub(crate) struct VariableFieldReader {
    /// The key object last seen for each name. The reference keeps its address unique.
    known_keys: [Option<Py<PyAny>>; NAMES.len()],
}

/// The fields of a variable; `None` if missing.
pub(crate) struct VariableParts<'py> {
    pub(crate) key: Option<Bound<'py, PyAny>>,
    pub(crate) value: Option<Bound<'py, PyAny>>,
    pub(crate) scope: Option<Bound<'py, PyAny>>,
    pub(crate) expires_at: Option<Bound<'py, PyAny>>,
}

/// The fields of a variable, borrowed from a dict; null if missing.
#[derive(Clone, Copy)]
pub(crate) struct BorrowedParts {
    pub(crate) key: *mut PyObject,
    pub(crate) value: *mut PyObject,
    pub(crate) scope: *mut PyObject,
    pub(crate) expires_at: *mut PyObject,
}

impl BorrowedParts {
    /// Takes references to the fields.
    ///
    /// # Safety
    /// The dict that they are borrowed from has not changed since.
    pub(crate) unsafe fn own<'py>(self, py: Python<'py>) -> VariableParts<'py> {
        // SAFETY: each pointer is live or null, because the dict has not changed.
        let own = |part| unsafe { Bound::from_borrowed_ptr_or_opt(py, part) };
        VariableParts {
            key: own(self.key),
            value: own(self.value),
            scope: own(self.scope),
            expires_at: own(self.expires_at),
        }
    }
}

impl VariableFieldReader {
    /// Returns the fields of a dict, borrowed from it: valid until Python code runs.
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
                let index = self
                    .known_keys
                    .iter()
                    .position(|known| known.as_ref().is_some_and(|known| known.as_ptr() == key));
                if let Some(index) = index.or_else(|| self.compare_key(py, key))
                    && let Some(slot) = found.get_mut(index)
                {
                    *slot = value;
                }
            }
        }
        let [key, value, scope, expires_at, expires_at_wire] = found;
        let expires_at = if expires_at.is_null() { expires_at_wire } else { expires_at };
        BorrowedParts { key, value, scope, expires_at }
    }

    /// Returns the index in `NAMES` of a key that is not a known object, and makes it the known one.
    /// Returns `None` if it is not one of the names.
    ///
    /// # Safety
    /// `key` is live.
    #[inline(never)]
    unsafe fn compare_key(&mut self, py: Python<'_>, key: *mut PyObject) -> Option<usize> {
        // SAFETY: `key` is live; a comparison with ASCII text runs no Python code.
        unsafe {
            if ffi::PyUnicode_Check(key) == 0 {
                return None;
            }
            let index = NAMES
                .iter()
                .position(|name| ffi::PyUnicode_CompareWithASCIIString(key, name.as_ptr()) == 0)?;
            if let Some(known) = self.known_keys.get_mut(index) {
                *known = Some(Bound::from_borrowed_ptr(py, key).unbind());
            }
            Some(index)
        }
    }
}
