//! Keys that were met before in a walk: the dicts of a list mostly have the same ones, and mostly
//! as the same objects.

use std::ptr;

use cognigy_context::__bindings::TextSize;
use pyo3::ffi::PyObject;

use super::text;

/// A power of two; enough for the keys of a few kinds of dicts.
const SLOTS: usize = 32;

/// How far apart the first keys of two levels are kept, so that a dict and its parent seldom share.
const LEVEL: usize = 8;

/// The text and size of keys, by where they stood: how deep and how far in their dict. They are
/// known again by the address of their object, which holds for as long as no object goes away; so
/// all is forgotten whenever Python code has run.
pub(super) struct Keys([Known; SLOTS]);

#[derive(Clone, Copy)]
struct Known {
    key: *mut PyObject,
    text: *const str,
    measure: TextSize,
}

const UNKNOWN: Known =
    Known { key: ptr::null_mut(), text: "", measure: TextSize { json: 0, utf16: 0 } };

impl Keys {
    pub(super) const fn new() -> Self {
        Self([UNKNOWN; SLOTS])
    }

    pub(super) fn forget(&mut self) {
        self.0 = [UNKNOWN; SLOTS];
    }

    /// The text of a key and how large it is, for the key at this position of a dict at this
    /// depth. None: an exception is set.
    ///
    /// # Safety
    /// `key` is exactly a `str`, and lives for `'t`; no Python code has run since the last
    /// [`forget`](Self::forget).
    #[inline(always)]
    pub(super) unsafe fn get<'t>(
        &mut self,
        key: *mut PyObject,
        position: usize,
        depth: u32,
    ) -> Option<(&'t str, TextSize)> {
        let slot = position.wrapping_add(LEVEL * depth as usize) % SLOTS;
        let known = self.0.get_mut(slot)?;
        if known.key != key {
            // SAFETY: as promised.
            let text = unsafe { text::utf8(key)? };
            *known = Known { key, text, measure: TextSize::of(text) };
        }
        // SAFETY: the text lives with the key, which has not gone away since it was put here.
        Some((unsafe { &*known.text }, known.measure))
    }
}
