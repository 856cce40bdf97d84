//! Dicts: the exact type in place, its subclasses and other mappings through what their `items()`
//! gives.

use std::collections::BTreeSet;

use cognigy_context::__bindings::{Path, TextSize, UnsupportedValue, ValueVisitor};
use pyo3::exceptions::{PyException, PyMemoryError, PyRuntimeError};
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;

use super::borrow_guard::Open;
use super::text::{self, Text};
use super::{Raised, Walked, Walker};

/// The keys of a dict by content, from the first key on that could repeat another: Python tells
/// keys of type `str` apart by content, but not those of a subclass with an equality of its own,
/// nor those that come out alike because they hold half a surrogate pair.
#[derive(Default)]
struct Contents {
    seen: BTreeSet<String>,
    repeated: Vec<String>,
}

impl Contents {
    #[cold]
    fn add(&mut self, key: &str) {
        if !self.seen.insert(key.to_owned()) {
            self.repeated.push(key.to_owned());
        }
    }
}

/// None for nearly every dict.
type MaybeContents = Option<Box<Contents>>;

impl<S: ValueVisitor> Walker<'_, '_, S> {
    /// # Safety
    /// `dict` is exactly a `dict`, and as live as [`value`](Self::value) asks.
    pub(super) unsafe fn dict(
        &mut self,
        dict: *mut PyObject,
        at: &Path<'_>,
        open: Option<&Open<'_>>,
    ) -> Walked {
        if Open::holds(open, dict) {
            self.sink.unsupported(UnsupportedValue::Circular, at);
            return Ok(());
        }
        if !self.sink.begin_object(at) {
            return Ok(());
        }
        let this = Open::new(open, dict);
        let mut contents = None;
        let mut members: ffi::Py_ssize_t = 0;
        let mut position: ffi::Py_ssize_t = 0;
        let mut key = std::ptr::null_mut();
        let mut value = std::ptr::null_mut();
        // SAFETY: as promised. A dict that Python code changed meanwhile still gives live members.
        unsafe {
            while ffi::PyDict_Next(dict, &raw mut position, &raw mut key, &raw mut value) != 0 {
                self.member((members, key, value), at, &this, &mut contents, |seen| {
                    dict_keys(dict, members, seen)
                })?;
                members += 1;
            }
            if self.walk.held.python_ran() && members != ffi::PyDict_Size(dict) {
                let py = Python::assume_attached();
                PyRuntimeError::new_err("dictionary changed size during iteration").restore(py);
                return Err(Raised);
            }
        }
        self.end_members(at, &contents);
        Ok(())
    }

    /// # Safety
    /// `mapping` is of a subclass of `dict` or has its `items()`, and is as live as [`value`](Self::value) asks.
    #[cold]
    pub(super) unsafe fn mapping(
        &mut self,
        mapping: *mut PyObject,
        at: &Path<'_>,
        open: Option<&Open<'_>>,
    ) -> Walked {
        if Open::holds(open, mapping) {
            self.sink.unsupported(UnsupportedValue::Circular, at);
            return Ok(());
        }
        let py = self.walk.py;
        // SAFETY: everything borrowed is held before Python code runs.
        unsafe { self.walk.held.hold(py, mapping, open) };
        // SAFETY: the mapping is held.
        let items = self.run_python(|| unsafe {
            let items = ffi::PyMapping_Items(mapping);
            Bound::from_owned_ptr_or_err(py, items).map_err(|error| is_fatal(py, error))
        });
        let items = match items {
            Ok(items) => items,
            Err(true) => return Err(Raised),
            Err(false) => {
                self.sink.unsupported(UnsupportedValue::Unserializable, at);
                return Ok(());
            }
        };
        // SAFETY: `items` is a list of its own, which lives to the end of this function.
        let walked = unsafe { self.pairs(mapping, items.as_ptr(), at, open) };
        // Its last references may run finalizers.
        self.run_python(|| drop(items));
        walked
    }

    /// # Safety
    /// `mapping` is held, and `items` is a list that lives for the time of the call.
    pub(super) unsafe fn pairs(
        &mut self,
        mapping: *mut PyObject,
        items: *mut PyObject,
        at: &Path<'_>,
        open: Option<&Open<'_>>,
    ) -> Walked {
        // SAFETY: `items` lives; the size is read each time, and a pair is taken apart at once.
        unsafe {
            let mut index = 0;
            while index < ffi::Py_SIZE(items) {
                if !is_pair(ffi::PyList_GetItem(items, index)) {
                    self.sink.unsupported(UnsupportedValue::Unserializable, at);
                    return Ok(());
                }
                index += 1;
            }
            if !self.sink.begin_object(at) {
                return Ok(());
            }
            let this = Open::new(open, mapping);
            let mut contents = None;
            let mut index = 0;
            while index < ffi::Py_SIZE(items) {
                let pair = ffi::PyList_GetItem(items, index);
                if is_pair(pair) {
                    let key = ffi::PyTuple_GetItem(pair, 0);
                    let value = ffi::PyTuple_GetItem(pair, 1);
                    self.member((index, key, value), at, &this, &mut contents, |seen| {
                        pair_keys(items, index, seen)
                    })?;
                }
                index += 1;
            }
            self.end_members(at, &contents);
        }
        Ok(())
    }

    /// One member: its position, key and value. `keys_before` gathers the contents of the keys before it.
    ///
    /// # Safety
    /// `key` and `value` are live, and nothing but Python code can free them.
    #[inline(always)]
    unsafe fn member(
        &mut self,
        (position, key, value): (ffi::Py_ssize_t, *mut PyObject, *mut PyObject),
        at: &Path<'_>,
        this: &Open<'_>,
        contents: &mut MaybeContents,
        keys_before: impl Fn(&mut BTreeSet<String>) -> Walked,
    ) -> Walked {
        this.at_key(key);
        // SAFETY: as promised. The text of the key lives with the key, which is held before
        // Python code can run.
        unsafe {
            if ffi::Py_TYPE(key) == &raw mut ffi::PyUnicode_Type
                && let Some((text, measure)) = self.key_of(key, position, at)
            {
                let member = at.key(text);
                if self.sink.key(text, measure, &member) {
                    self.value(value, &member, Some(this))?;
                    self.sink.end_member(&member);
                    if let Some(contents) = contents {
                        contents.add(text);
                    }
                }
                return Ok(());
            }
            self.odd_member(key, value, at, this, contents, &keys_before)
        }
    }

    /// The text of a key, and how large it is. The names of variables, which all differ, would
    /// only push better-known keys out of memory.
    ///
    /// # Safety
    /// `key` is exactly a `str`, and lives for `'t`.
    #[inline(always)]
    unsafe fn key_of<'t>(
        &mut self,
        key: *mut PyObject,
        position: ffi::Py_ssize_t,
        at: &Path<'_>,
    ) -> Option<(&'t str, TextSize)> {
        // SAFETY: as promised; what is known is forgotten when Python code has run.
        unsafe {
            if at.depth() > 0 {
                self.walk.keys.get(key, position.unsigned_abs(), at.depth())
            } else {
                text::utf8(key).map(|text| (text, TextSize::of(text)))
            }
        }
    }

    /// A member whose key is no plain `str`.
    ///
    /// # Safety
    /// As [`member`](Self::member).
    #[cold]
    unsafe fn odd_member(
        &mut self,
        key: *mut PyObject,
        value: *mut PyObject,
        at: &Path<'_>,
        this: &Open<'_>,
        contents: &mut MaybeContents,
        keys_before: &dyn Fn(&mut BTreeSet<String>) -> Walked,
    ) -> Walked {
        // SAFETY: as promised; where the text was found wanting above, its exception is set.
        unsafe {
            if ffi::PyUnicode_Check(key) == 0 {
                self.sink.non_string_key(at);
                return Ok(());
            }
            ffi::PyErr_Clear();
            let Text { text, lone_surrogate } = key_text(key)?;
            let member = at.key(&text);
            if !self.sink.key(&text, TextSize::of(&text), &member) {
                return Ok(());
            }
            if lone_surrogate {
                self.sink.lone_surrogate(&member);
            }
            if contents.is_none() {
                let mut before = Box::<Contents>::default();
                keys_before(&mut before.seen)?;
                *contents = Some(before);
            }
            self.value(value, &member, Some(this))?;
            self.sink.end_member(&member);
            if let Some(contents) = contents {
                contents.add(&text);
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn end_members(&mut self, at: &Path<'_>, contents: &MaybeContents) {
        if let Some(contents) = contents {
            for key in &contents.repeated {
                self.sink.duplicate_key(&at.key(key));
            }
        }
        self.sink.end_object();
    }
}

/// # Safety
/// `key` is a `str` or of a subclass, and lives as long as the text is used.
unsafe fn key_text<'t>(key: *mut PyObject) -> Result<Text<'t>, Raised> {
    // SAFETY: as promised.
    unsafe {
        match text::utf8(key) {
            Some(text) => Ok(Text { text: text.into(), lone_surrogate: false }),
            None => text::lossy(key),
        }
    }
}

/// # Safety
/// `object` is live.
unsafe fn is_pair(object: *mut PyObject) -> bool {
    // SAFETY: as promised.
    unsafe {
        !object.is_null() && ffi::PyTuple_Check(object) != 0 && ffi::PyTuple_Size(object) == 2
    }
}

/// The contents of the first `count` keys of a dict.
///
/// # Safety
/// `dict` is a live dict.
unsafe fn dict_keys(
    dict: *mut PyObject,
    count: ffi::Py_ssize_t,
    seen: &mut BTreeSet<String>,
) -> Walked {
    let mut position: ffi::Py_ssize_t = 0;
    let mut key = std::ptr::null_mut();
    for _ in 0..count {
        // SAFETY: as promised; the value is not asked for.
        unsafe {
            let value = std::ptr::null_mut();
            if ffi::PyDict_Next(dict, &raw mut position, &raw mut key, value) == 0 {
                break;
            }
            gather(key, seen)?;
        }
    }
    Ok(())
}

/// The contents of the keys of the first `count` pairs of a list.
///
/// # Safety
/// `items` is a live list.
unsafe fn pair_keys(
    items: *mut PyObject,
    count: ffi::Py_ssize_t,
    seen: &mut BTreeSet<String>,
) -> Walked {
    for index in 0..count {
        // SAFETY: as promised.
        unsafe {
            if index >= ffi::Py_SIZE(items) {
                break;
            }
            let pair = ffi::PyList_GetItem(items, index);
            if is_pair(pair) {
                gather(ffi::PyTuple_GetItem(pair, 0), seen)?;
            }
        }
    }
    Ok(())
}

/// # Safety
/// `key` is live.
unsafe fn gather(key: *mut PyObject, seen: &mut BTreeSet<String>) -> Walked {
    // SAFETY: as promised.
    unsafe {
        if ffi::PyUnicode_Check(key) != 0 {
            seen.insert(key_text(key)?.text.into_owned());
        }
    }
    Ok(())
}

/// Whether what Python code raised is about the process and not about the value, which then has no
/// JSON form. If so it is set again.
#[cold]
pub(super) fn is_fatal(py: Python<'_>, error: PyErr) -> bool {
    let fatal =
        !error.is_instance_of::<PyException>(py) || error.is_instance_of::<PyMemoryError>(py);
    if fatal {
        error.restore(py);
    }
    fatal
}
