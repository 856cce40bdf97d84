//! A cache of the process for keys of new dicts and for names: documents and responses repeat the
//! same few keys. A cached `str` also keeps its hash, so that Python does not compute it again.

use std::sync::{Mutex, MutexGuard};

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::py_str::new_text;

/// The cache has 2 to the power of this many slots.
const SLOT_BITS: u32 = 11;

/// Longer keys are not cached: they are rare, and seldom repeated.
const MAX_KEY_BYTES: usize = 64;

/// 2^64 divided by the golden ratio: multiplication spreads similar keys over all slots.
const HASH_MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// A cached key with its text.
type Slot = Option<(Box<str>, Py<PyString>)>;

/// Each key has one slot, and stays there until another key with that slot replaces it. So no choice
/// of keys can slow down a lookup; it can only cause a miss.
static CACHE: Mutex<Vec<Slot>> = Mutex::new(Vec::new());

/// The cache, locked until this is dropped.
pub(crate) struct KeyInterner<'py> {
    py: Python<'py>,
    /// `None` if the cache is locked already, for example by an outer call: then each `str` is new.
    slots: Option<MutexGuard<'static, Vec<Slot>>>,
}

impl<'py> KeyInterner<'py> {
    pub(crate) fn new(py: Python<'py>) -> Self {
        let mut slots = CACHE.try_lock().ok();
        if let Some(slots) = slots.as_mut().filter(|slots| slots.is_empty()) {
            slots.resize_with(1 << SLOT_BITS, || None);
        }
        Self { py, slots }
    }

    pub(crate) fn py(&self) -> Python<'py> {
        self.py
    }

    /// Returns a `str` with this text, from the cache if possible.
    #[inline]
    pub(crate) fn get(&mut self, text: &str) -> Bound<'py, PyString> {
        let py = self.py;
        let slot = match &mut self.slots {
            Some(slots) if text.len() <= MAX_KEY_BYTES => slots.get_mut(slot_of(text.as_bytes())),
            _ => None,
        };
        match slot {
            Some(Some((cached, key))) if **cached == *text => key.bind(py).clone(),
            Some(slot) => {
                let key = new_text(py, text);
                *slot = Some((text.into(), key.clone().unbind()));
                key
            }
            None => new_text(py, text),
        }
    }
}

/// Returns the slot of a key, from its length and its first and last bytes.
#[inline]
fn slot_of(bytes: &[u8]) -> usize {
    let (first, last) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some(first), Some(last)) => {
                (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into())
            }
            _ => (bytes.iter().fold(0, |packed, &byte| packed << 8 | u64::from(byte)), 0),
        },
    };
    // Without the rotation, equal first and last bytes would cancel each other.
    let mixed = first.rotate_left(29) ^ last ^ (bytes.len() as u64) << 59;
    (mixed.wrapping_mul(HASH_MULTIPLIER) >> (u64::BITS - SLOT_BITS)) as usize
}
