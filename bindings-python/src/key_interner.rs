//! Keys of the dicts that are made, and names: the process keeps those that it made last, because
//! documents and answers repeat few of them often, with their hash already computed.

use std::sync::{Mutex, MutexGuard};

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::py_str::text as new_text;

/// How many are kept, as a power of two.
const SLOT_BITS: u32 = 11;

/// Longer keys are rare, and seldom repeated.
const LONGEST: usize = 64;

/// A key that was made, with its text.
type Kept = Option<(Box<str>, Py<PyString>)>;

/// Each key has one place, where it stays until another takes it: no choice of keys can make the
/// look for one longer, only in vain.
static KEPT: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

/// The keys that were made last, for the time of one call.
pub(crate) struct KeyInterner<'py> {
    py: Python<'py>,
    /// None where a call within a call finds it taken, which then makes its keys anew.
    kept: Option<MutexGuard<'static, Vec<Kept>>>,
}

impl<'py> KeyInterner<'py> {
    pub(crate) fn new(py: Python<'py>) -> Self {
        let mut kept = KEPT.try_lock().ok();
        if let Some(kept) = kept.as_mut().filter(|kept| kept.is_empty()) {
            kept.resize_with(1 << SLOT_BITS, || None);
        }
        Self { py, kept }
    }

    pub(crate) fn py(&self) -> Python<'py> {
        self.py
    }

    /// The key of this text.
    #[inline]
    pub(crate) fn get(&mut self, text: &str) -> Bound<'py, PyString> {
        let py = self.py;
        let slot = match &mut self.kept {
            Some(kept) if text.len() <= LONGEST => kept.get_mut(slot_of(text.as_bytes())),
            _ => None,
        };
        match slot {
            Some(Some((known, key))) if **known == *text => key.bind(py).clone(),
            Some(slot) => {
                let key = new_text(py, text);
                *slot = Some((text.into(), key.clone().unbind()));
                key
            }
            None => new_text(py, text),
        }
    }
}

/// The place of a key, by its length, its first and its last bytes.
#[inline]
fn slot_of(bytes: &[u8]) -> usize {
    let (first, last) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some(first), Some(last)) => {
                (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into())
            }
            _ => (bytes.iter().fold(0, |all, &byte| all << 8 | u64::from(byte)), 0),
        },
    };
    let mixed = first.rotate_left(29) ^ last ^ (bytes.len() as u64) << 59;
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - SLOT_BITS)) as usize
}
