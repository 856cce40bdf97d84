//! A cache of the keys that a walk has read: the dicts of a list mostly have the same keys, and
//! mostly as the same objects.

use std::ptr;

use cognigy_context::__bindings::TextSize;
use pyo3::ffi::PyObject;

use super::text;

/// Number of slots: a power of two, and enough for the keys of a few kinds of dicts.
const SLOTS: usize = 32;

/// Distance between the first slots of two levels, so that a dict and its parent rarely share slots.
const SLOTS_PER_LEVEL: usize = 8;

/// The text and size of keys, by depth and position in their dict. A key is recognised by the
/// address of its object, which is unique only while no object is freed. So the cache is cleared
/// whenever Python code has run.
pub(super) struct KeyCache([CachedKey; SLOTS]);

#[derive(Clone, Copy)]
struct CachedKey {
    key: *mut PyObject,
    text: *const str,
    size: TextSize,
}

const EMPTY: CachedKey =
    CachedKey { key: ptr::null_mut(), text: "", size: TextSize { json: 0, utf16: 0 } };

impl KeyCache {
    pub(super) const fn new() -> Self {
        Self([EMPTY; SLOTS])
    }

    pub(super) fn clear(&mut self) {
        self.0 = [EMPTY; SLOTS];
    }

    /// Returns the text and the size of the key at `position` of a dict at `depth`. Returns `None`
    /// with an exception set when the key has no UTF-8.
    ///
    /// # Safety
    /// `key` is exactly a `str`, and lives for `'t`; no Python code has run since the last
    /// [`clear`](Self::clear).
    #[inline(always)]
    pub(super) unsafe fn get<'t>(
        &mut self,
        key: *mut PyObject,
        position: usize,
        depth: u32,
    ) -> Option<(&'t str, TextSize)> {
        let slot = position.wrapping_add(SLOTS_PER_LEVEL * depth as usize) % SLOTS;
        let cached = self.0.get_mut(slot)?;
        if cached.key != key {
            // SAFETY: `key` is a `str` that lives for `'t`.
            let text = unsafe { text::utf8(key)? };
            *cached = CachedKey { key, text, size: TextSize::of(text) };
        }
        // SAFETY: the text lives as long as the key, which has not been freed since it was cached.
        Some((unsafe { &*cached.text }, cached.size))
    }
}
