//! Walks JSON arrays: lists, tuples and the items of sets.

use cognigy_context::__bindings::{Path, UnsupportedValue, ValueVisitor};
use pyo3::ffi::{self, PyObject};

use super::borrow_guard::OpenContainer;
use super::exceptions::WalkResult;
use super::walker::Walker;

impl<S: ValueVisitor> Walker<'_, '_, S> {
    /// # Safety
    /// `list` is a `list`, or of a subclass, and as live as [`walk_value`](Self::walk_value)
    /// requires.
    pub(super) unsafe fn walk_list(
        &mut self,
        list: *mut PyObject,
        at: &Path<'_>,
        parent: Option<&OpenContainer<'_>>,
    ) -> WalkResult {
        // SAFETY: `list` is a live list. Its size is read for each item, because Python code that
        // runs between two items may shorten the list. Items that it appends are not visited: the walk of
        // a list that grows with each item would not end.
        unsafe {
            let size = ffi::Py_SIZE(list);
            self.walk_items(list, at, parent, |index| {
                if index < size && index < ffi::Py_SIZE(list) {
                    ffi::PyList_GetItem(list, index)
                } else {
                    std::ptr::null_mut()
                }
            })
        }
    }

    /// # Safety
    /// `tuple` is a `tuple`, or of a subclass, and as live as [`walk_value`](Self::walk_value)
    /// requires.
    pub(super) unsafe fn walk_tuple(
        &mut self,
        tuple: *mut PyObject,
        at: &Path<'_>,
        parent: Option<&OpenContainer<'_>>,
    ) -> WalkResult {
        // SAFETY: `tuple` is a live tuple, and the index is below its size.
        unsafe {
            self.walk_items(tuple, at, parent, |index| {
                if index < ffi::Py_SIZE(tuple) {
                    ffi::PyTuple_GetItem(tuple, index)
                } else {
                    std::ptr::null_mut()
                }
            })
        }
    }

    /// Walks the items that `item` returns for 0, 1, 2 and so on, until it returns null.
    ///
    /// # Safety
    /// `container` is as live as [`walk_value`](Self::walk_value) requires; the items are borrowed
    /// from a live object.
    #[inline(always)]
    pub(super) unsafe fn walk_items(
        &mut self,
        container: *mut PyObject,
        at: &Path<'_>,
        parent: Option<&OpenContainer<'_>>,
        item: impl Fn(ffi::Py_ssize_t) -> *mut PyObject,
    ) -> WalkResult {
        if OpenContainer::is_open(parent, container) {
            self.visitor.unsupported(UnsupportedValue::Circular, at);
            return Ok(());
        }
        if !self.visitor.begin_array(at) {
            return Ok(());
        }
        let this = OpenContainer::new(parent, container);
        let mut index: ffi::Py_ssize_t = 0;
        loop {
            let value = item(index);
            if value.is_null() {
                break;
            }
            self.visitor.item();
            // SAFETY: `value` is borrowed from a live object.
            unsafe { self.walk_value(value, &at.index(index.unsigned_abs()), Some(&this))? };
            index += 1;
        }
        self.visitor.end_array();
        Ok(())
    }
}
