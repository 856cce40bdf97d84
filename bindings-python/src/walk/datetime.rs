//! The text of a `datetime` as `isoformat()` returns it, read from the memory of the object: a call
//! of that method takes ten times as long as writing a variable.
//!
//! The memory layout of the object is not part of Python's stable interface, although it has not
//! changed since 3.6. So [`probe_datetime_layout`] first checks it with two objects whose fields are
//! known. If the layout differs, the callers use `isoformat()`.

use std::ffi::c_char;
use std::mem::offset_of;

use pyo3::ffi::{self, PyObject, PyTypeObject};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// A `datetime`, as CPython lays it out.
#[repr(C)]
struct DateTime {
    head: PyObject,
    hash: ffi::Py_hash_t,
    has_zone: c_char,
    /// Two bytes of the year, one byte each of the month, day, hour, minute and second, three bytes
    /// of the microsecond, each big-endian.
    fields: [u8; 10],
    fold: u8,
    /// Exists only if `has_zone` is not 0.
    zone: *mut PyObject,
}

/// The objects that identify a `datetime` in the probed layout, and its zone UTC.
struct Layout {
    class: Py<PyAny>,
    utc: Py<PyAny>,
}

/// `None` inside when the layout differs.
static LAYOUT: PyOnceLock<Option<Layout>> = PyOnceLock::new();

/// Checks once whether the text can be read from the objects. Runs Python code.
pub(crate) fn probe_datetime_layout(py: Python<'_>) {
    // An exception here does not concern any value: the callers use `isoformat()` then.
    LAYOUT.get_or_init(py, || Layout::probe(py).ok().flatten());
}

impl Layout {
    fn probe(py: Python<'_>) -> PyResult<Option<Self>> {
        let module = py.import("datetime")?;
        let class = module.getattr("datetime")?;
        let utc = module.getattr("timezone")?.getattr("utc")?;
        let size: usize = class.getattr("__basicsize__")?.extract()?;
        if size != size_of::<DateTime>() {
            return Ok(None);
        }
        let (aware, naive) = (
            class.call1((2001, 12, 13, 14, 15, 16, 0x01_02_03, &utc))?,
            class.call1((0x1b_1c, 1, 2, 3, 4, 5, 6))?,
        );
        // SAFETY: both are exactly of the class, whose instances have this size; the zone is read
        // only of the object that has one.
        let matches = unsafe {
            let (aware, naive): (*const DateTime, *const DateTime) =
                (aware.as_ptr().cast(), naive.as_ptr().cast());
            (*aware).has_zone == 1
                && (*aware).fields == [7, 0xd1, 12, 13, 14, 15, 16, 1, 2, 3]
                && (*aware).zone == utc.as_ptr()
                && (*naive).has_zone == 0
                && (*naive).fields == [0x1b, 0x1c, 1, 2, 3, 4, 5, 0, 0, 6]
        };
        Ok(matches.then(|| Self { class: class.unbind(), utc: utc.unbind() }))
    }
}

const TEMPLATE: [u8; 32] = *b"0000-00-00T00:00:00.000000+00:00";
const UTC_OFFSET: &str = "+00:00";

/// The text of a time, in a buffer on the stack.
pub(crate) struct IsoText {
    text: [u8; TEMPLATE.len()],
    length: usize,
    has_zone: bool,
}

impl IsoText {
    /// Returns the text.
    pub(crate) fn as_str(&self) -> &str {
        let text = self.text.get(..self.length).and_then(|text| std::str::from_utf8(text).ok());
        text.unwrap_or_default()
    }

    /// Adds the offset of UTC to a time without a zone.
    pub(crate) fn in_utc(mut self) -> Self {
        if !self.has_zone {
            self.push(UTC_OFFSET.as_bytes());
            self.has_zone = true;
        }
        self
    }

    /// Formats a time. Returns `None` for a zone other than `timezone.utc`.
    ///
    /// # Safety
    /// `time` is live, and exactly of the class whose layout was probed.
    unsafe fn read(time: *const DateTime, layout: &Layout) -> Option<Self> {
        // SAFETY: `time` is live and has this layout.
        let (fields, has_zone) = unsafe { ((*time).fields, (*time).has_zone != 0) };
        // SAFETY: as above; the zone is read only if there is one.
        if has_zone && unsafe { (*time).zone } != layout.utc.as_ptr() {
            return None;
        }
        let [year_high, year_low, month, day, hour, minute, second, micro @ ..] = fields;
        let [century, year] = {
            let year = u16::from_be_bytes([year_high, year_low]);
            [(year / 100) as u8, (year % 100) as u8]
        };
        let mut iso = Self { text: TEMPLATE, length: 19, has_zone };
        for (position, number) in
            [(0, century), (2, year), (5, month), (8, day), (11, hour), (14, minute), (17, second)]
        {
            iso.write_two_digits(position, number);
        }
        let [high, middle, low] = micro;
        let micro = u32::from_be_bytes([0, high, middle, low]);
        if micro != 0 {
            for (position, number) in
                [(20, micro / 10_000), (22, micro / 100 % 100), (24, micro % 100)]
            {
                iso.write_two_digits(position, number as u8);
            }
            iso.length = 26;
        }
        if has_zone {
            iso.push(UTC_OFFSET.as_bytes());
        }
        Some(iso)
    }

    #[inline(always)]
    fn write_two_digits(&mut self, position: usize, number: u8) {
        if let Some(digits) = self.text.get_mut(position..position + 2) {
            digits.copy_from_slice(&[b'0' + number / 10, b'0' + number % 10]);
        }
    }

    fn push(&mut self, text: &[u8]) {
        if let Some(end) = self.text.get_mut(self.length..self.length + text.len()) {
            end.copy_from_slice(text);
            self.length += text.len();
        }
    }
}

/// Returns the text of an object that is exactly a `datetime`, without a zone or in `timezone.utc`.
/// Returns `None` for any other object, and if the layout differs. Runs no Python code.
///
/// # Safety
/// `time` is live, and the GIL is held.
#[inline]
pub(crate) unsafe fn read_iso_text(py: Python<'_>, time: *mut PyObject) -> Option<IsoText> {
    let layout = LAYOUT.get(py)?.as_ref()?;
    // SAFETY: `time` is live, and its type is checked before it is read.
    unsafe {
        if ffi::Py_TYPE(time) != layout.class.as_ptr().cast::<PyTypeObject>() {
            return None;
        }
        IsoText::read(time.cast(), layout)
    }
}

// `fields` follows the hash (8 bytes) and `has_zone` (1 byte) without a gap.
const _: () = assert!(offset_of!(DateTime, fields) == size_of::<PyObject>() + 9);
