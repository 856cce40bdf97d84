//! Walks JSON objects: a `dict` directly, its subclasses and other mappings through `items()`.

use std::collections::BTreeSet;

use cognigy_context::__bindings::{Path, TextSize, UnsupportedValue, ValueVisitor};
use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;

use super::borrow_guard::OpenContainer;
use super::exceptions::{Raised, WalkResult, restore_if_fatal};
use super::text::{self, DecodedText};
use super::walker::Walker;

/// The texts of the keys of a dict, to find duplicates. Two different keys can have the same text:
/// a subclass of `str` may define its own equality, and different lone surrogates all become U+FFFD.
#[derive(Default)]
struct SeenKeys {
    seen: BTreeSet<String>,
    repeated: Vec<String>,
}

impl SeenKeys {
    #[cold]
    fn add(&mut self, key: &str) {
        if !self.seen.insert(key.to_owned()) {
            self.repeated.push(key.to_owned());
        }
    }
}

/// `None` until the first key that may duplicate another one. Nearly no dict has one.
type LazySeenKeys = Option<Box<SeenKeys>>;

impl<S: ValueVisitor> Walker<'_, '_, S> {
    /// # Safety
    /// `dict` is exactly a `dict`, and as live as [`walk_value`](Self::walk_value) requires.
    pub(super) unsafe fn walk_dict(
        &mut self,
        dict: *mut PyObject,
        at: &Path<'_>,
        parent: Option<&OpenContainer<'_>>,
    ) -> WalkResult {
        if OpenContainer::is_open(parent, dict) {
            self.visitor.unsupported(UnsupportedValue::Circular, at);
            return Ok(());
        }
        if !self.visitor.begin_object(at) {
            return Ok(());
        }
        let this = OpenContainer::new(parent, dict);
        let mut seen_keys = None;
        let mut members: ffi::Py_ssize_t = 0;
        let mut position: ffi::Py_ssize_t = 0;
        let mut key = std::ptr::null_mut();
        let mut value = std::ptr::null_mut();
        // SAFETY: `dict` is a live `dict`. `PyDict_Next` returns live members even if Python code
        // changed the dict meanwhile. The walk ends after as many members as there are now: a dict that grows
        // with each member would have no end.
        unsafe {
            let size = ffi::PyDict_Size(dict);
            while members < size
                && ffi::PyDict_Next(dict, &raw mut position, &raw mut key, &raw mut value) != 0
            {
                self.walk_member((members, key, value), at, &this, &mut seen_keys, |seen| {
                    collect_dict_keys(dict, members, seen)
                })?;
                members += 1;
            }
            if self.walk.retained.has_python_run() && members != ffi::PyDict_Size(dict) {
                let py = Python::assume_attached();
                PyRuntimeError::new_err("dictionary changed size during iteration").restore(py);
                return Err(Raised);
            }
        }
        self.end_object(at, &seen_keys);
        Ok(())
    }

    /// # Safety
    /// `mapping` is of a subclass of `dict` or has `items()`, and is as live as
    /// [`walk_value`](Self::walk_value) requires.
    #[cold]
    pub(super) unsafe fn walk_mapping(
        &mut self,
        mapping: *mut PyObject,
        at: &Path<'_>,
        parent: Option<&OpenContainer<'_>>,
    ) -> WalkResult {
        if OpenContainer::is_open(parent, mapping) {
            self.visitor.unsupported(UnsupportedValue::Circular, at);
            return Ok(());
        }
        let py = self.walk.py;
        // SAFETY: `mapping` is live, and everything borrowed is retained before Python code runs.
        unsafe { self.walk.retained.retain(py, mapping, parent) };
        // SAFETY: `mapping` is retained.
        let items = self.walk.run_retained(|| unsafe {
            let items = ffi::PyMapping_Items(mapping);
            Bound::from_owned_ptr_or_err(py, items).map_err(|error| restore_if_fatal(py, error))
        });
        let items = match items {
            Ok(items) => items,
            Err(true) => return Err(Raised),
            Err(false) => {
                self.visitor.unsupported(UnsupportedValue::Unserializable, at);
                return Ok(());
            }
        };
        // SAFETY: `items` is a new list, which lives to the end of this function.
        let walked = unsafe { self.walk_pairs(mapping, items.as_ptr(), at, parent) };
        // Dropping a last reference may run a finalizer.
        self.walk.run_retained(|| drop(items));
        walked
    }

    /// # Safety
    /// `mapping` is retained, and `items` is a list that lives until the call returns.
    pub(super) unsafe fn walk_pairs(
        &mut self,
        mapping: *mut PyObject,
        items: *mut PyObject,
        at: &Path<'_>,
        parent: Option<&OpenContainer<'_>>,
    ) -> WalkResult {
        // SAFETY: `items` is live. Its size is read again for each pair, because Python code may
        // shorten it; key and value are read from the pair before Python code runs.
        unsafe {
            let size = ffi::Py_SIZE(items);
            let mut index = 0;
            while index < ffi::Py_SIZE(items) {
                if !is_pair(ffi::PyList_GetItem(items, index)) {
                    self.visitor.unsupported(UnsupportedValue::Unserializable, at);
                    return Ok(());
                }
                index += 1;
            }
            if !self.visitor.begin_object(at) {
                return Ok(());
            }
            let this = OpenContainer::new(parent, mapping);
            let mut seen_keys = None;
            let mut index = 0;
            while index < size && index < ffi::Py_SIZE(items) {
                let pair = ffi::PyList_GetItem(items, index);
                if is_pair(pair) {
                    let key = ffi::PyTuple_GetItem(pair, 0);
                    let value = ffi::PyTuple_GetItem(pair, 1);
                    self.walk_member((index, key, value), at, &this, &mut seen_keys, |seen| {
                        collect_pair_keys(items, index, seen)
                    })?;
                }
                index += 1;
            }
            self.end_object(at, &seen_keys);
        }
        Ok(())
    }

    /// Walks a member: its position, key and value. `collect_earlier_keys` adds the texts of the
    /// keys before this member to a set.
    ///
    /// # Safety
    /// `key` and `value` are live, and only Python code can free them.
    #[inline(always)]
    unsafe fn walk_member(
        &mut self,
        (position, key, value): (ffi::Py_ssize_t, *mut PyObject, *mut PyObject),
        at: &Path<'_>,
        this: &OpenContainer<'_>,
        seen_keys: &mut LazySeenKeys,
        collect_earlier_keys: impl Fn(&mut BTreeSet<String>) -> WalkResult,
    ) -> WalkResult {
        this.set_key(key);
        // SAFETY: `key` and `value` are live. The text of the key lives as long as the key, which
        // is retained before Python code runs.
        unsafe {
            if ffi::Py_TYPE(key) == &raw mut ffi::PyUnicode_Type
                && let Some((text, size)) = self.key_text(key, position, at)
            {
                let member = at.key(text);
                if self.visitor.key(text, size, &member) {
                    self.walk_value(value, &member, Some(this))?;
                    self.visitor.end_member(&member);
                    if let Some(seen_keys) = seen_keys {
                        seen_keys.add(text);
                    }
                }
                return Ok(());
            }
            self.walk_unusual_member(key, value, at, this, seen_keys, &collect_earlier_keys)
        }
    }

    /// Returns the text and the size of a key. The keys of the root are not cached: as names of
    /// variables they all differ, and would only replace keys that repeat. Returns `None` with an
    /// exception set when the key has no UTF-8.
    ///
    /// # Safety
    /// `key` is exactly a `str`, and lives for `'t`.
    #[inline(always)]
    unsafe fn key_text<'t>(
        &mut self,
        key: *mut PyObject,
        position: ffi::Py_ssize_t,
        at: &Path<'_>,
    ) -> Option<(&'t str, TextSize)> {
        // SAFETY: `key` is a live `str`; the cache is cleared whenever Python code has run.
        unsafe {
            if at.depth() > 0 {
                self.walk.keys.get(key, position.unsigned_abs(), at.depth())
            } else {
                text::utf8(key).map(|text| (text, TextSize::of(text)))
            }
        }
    }

    /// Walks a member whose key is not exactly a `str`, or has no UTF-8.
    ///
    /// # Safety
    /// As [`walk_member`](Self::walk_member).
    #[cold]
    unsafe fn walk_unusual_member(
        &mut self,
        key: *mut PyObject,
        value: *mut PyObject,
        at: &Path<'_>,
        this: &OpenContainer<'_>,
        seen_keys: &mut LazySeenKeys,
        collect_earlier_keys: &dyn Fn(&mut BTreeSet<String>) -> WalkResult,
    ) -> WalkResult {
        // SAFETY: `key` and `value` are live.
        unsafe {
            if ffi::PyUnicode_Check(key) == 0 {
                self.visitor.non_string_key(at);
                return Ok(());
            }
            // An exception is set if the caller found that the key has no UTF-8.
            ffi::PyErr_Clear();
            let DecodedText { text, has_lone_surrogate } = text::decode(key)?;
            let member = at.key(&text);
            if !self.visitor.key(&text, TextSize::of(&text), &member) {
                return Ok(());
            }
            if has_lone_surrogate {
                self.visitor.lone_surrogate(&member);
            }
            if seen_keys.is_none() {
                let mut earlier = Box::<SeenKeys>::default();
                collect_earlier_keys(&mut earlier.seen)?;
                *seen_keys = Some(earlier);
            }
            self.walk_value(value, &member, Some(this))?;
            self.visitor.end_member(&member);
            if let Some(seen_keys) = seen_keys {
                seen_keys.add(&text);
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn end_object(&mut self, at: &Path<'_>, seen_keys: &LazySeenKeys) {
        if let Some(seen_keys) = seen_keys {
            for key in &seen_keys.repeated {
                self.visitor.duplicate_key(&at.key(key));
            }
        }
        self.visitor.end_object();
    }
}

/// # Safety
/// `object` is live or null.
unsafe fn is_pair(object: *mut PyObject) -> bool {
    // SAFETY: `object` is live where it is not null.
    unsafe {
        !object.is_null() && ffi::PyTuple_Check(object) != 0 && ffi::PyTuple_Size(object) == 2
    }
}

/// Adds the texts of the first `count` keys of a dict to `seen`.
///
/// # Safety
/// `dict` is a live dict.
unsafe fn collect_dict_keys(
    dict: *mut PyObject,
    count: ffi::Py_ssize_t,
    seen: &mut BTreeSet<String>,
) -> WalkResult {
    let mut position: ffi::Py_ssize_t = 0;
    let mut key = std::ptr::null_mut();
    for _ in 0..count {
        // SAFETY: `dict` is a live dict; a null pointer means that the value is not needed.
        unsafe {
            let value = std::ptr::null_mut();
            if ffi::PyDict_Next(dict, &raw mut position, &raw mut key, value) == 0 {
                break;
            }
            collect_key(key, seen)?;
        }
    }
    Ok(())
}

/// Adds the texts of the keys of the first `count` pairs of a list to `seen`.
///
/// # Safety
/// `items` is a live list.
unsafe fn collect_pair_keys(
    items: *mut PyObject,
    count: ffi::Py_ssize_t,
    seen: &mut BTreeSet<String>,
) -> WalkResult {
    for index in 0..count {
        // SAFETY: `items` is a live list, and the index is below its size.
        unsafe {
            if index >= ffi::Py_SIZE(items) {
                break;
            }
            let pair = ffi::PyList_GetItem(items, index);
            if is_pair(pair) {
                collect_key(ffi::PyTuple_GetItem(pair, 0), seen)?;
            }
        }
    }
    Ok(())
}

/// # Safety
/// `key` is live.
unsafe fn collect_key(key: *mut PyObject, seen: &mut BTreeSet<String>) -> WalkResult {
    // SAFETY: `key` is live, and its type is checked before it is read as a `str`.
    unsafe {
        if ffi::PyUnicode_Check(key) != 0 {
            seen.insert(text::decode(key)?.text.into_owned());
        }
    }
    Ok(())
}
