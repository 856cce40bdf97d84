//! The text of a `datetime` as `isoformat()` writes it, read from the object itself: calling that
//! method takes ten times as long as writing a variable does.
//!
//! The layout of the object is none of Python's stable interface, though it has been the same since
//! 3.6. So it is tried on two objects whose fields are known first, and where it is another one,
//! everything is asked of Python.

use std::ffi::c_char;
use std::mem::offset_of;

use pyo3::ffi::{self, PyObject, PyTypeObject};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// A `datetime`, as C has it.
#[repr(C)]
struct DateTime {
    head: PyObject,
    hash: ffi::Py_hash_t,
    has_zone: c_char,
    /// Two bytes of the year, one each of the month, day, hour, minute and second, three of the
    /// microsecond; the most significant comes first.
    fields: [u8; 10],
    fold: u8,
    /// There only if it has a zone.
    zone: *mut PyObject,
}

/// What is needed to know a `datetime` whose text can be read from it.
struct Layout {
    class: Py<PyAny>,
    utc: Py<PyAny>,
}

static LAYOUT: PyOnceLock<Option<Layout>> = PyOnceLock::new();

/// Finds out, once, whether the text can be read from an object. Runs Python code.
pub(crate) fn learn(py: Python<'_>) {
    // What Python raises here is no fact about any value: there is the slow way.
    LAYOUT.get_or_init(py, || Layout::tried(py).ok().flatten());
}

impl Layout {
    fn tried(py: Python<'_>) -> PyResult<Option<Self>> {
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
        // SAFETY: both are exactly of the class, whose instances are long enough; the zone is read
        // only where there is one.
        let fits = unsafe {
            let (aware, naive): (*const DateTime, *const DateTime) =
                (aware.as_ptr().cast(), naive.as_ptr().cast());
            (*aware).has_zone == 1
                && (*aware).fields == [7, 0xd1, 12, 13, 14, 15, 16, 1, 2, 3]
                && (*aware).zone == utc.as_ptr()
                && (*naive).has_zone == 0
                && (*naive).fields == [0x1b, 0x1c, 1, 2, 3, 4, 5, 0, 0, 6]
        };
        Ok(fits.then(|| Self { class: class.unbind(), utc: utc.unbind() }))
    }
}

/// The longest text of a time in UTC.
const LONGEST: usize = "2001-12-13T14:15:16.123456+00:00".len();
const UTC: &str = "+00:00";

/// The text of a time.
pub(crate) struct Iso {
    text: [u8; LONGEST],
    length: usize,
    has_zone: bool,
}

impl Iso {
    /// What `isoformat()` gives.
    pub(crate) fn as_str(&self) -> &str {
        let text = self.text.get(..self.length).and_then(|text| std::str::from_utf8(text).ok());
        text.unwrap_or_default()
    }

    /// The same, where a time without a zone is one of UTC.
    pub(crate) fn in_utc(mut self) -> Self {
        if !self.has_zone {
            self.push(UTC.as_bytes());
            self.has_zone = true;
        }
        self
    }

    /// # Safety
    /// `time` is live, and exactly of the class whose layout was tried.
    unsafe fn read(time: *const DateTime, layout: &Layout) -> Option<Self> {
        // SAFETY: as promised; the zone is read only where there is one.
        let (fields, has_zone) = unsafe { ((*time).fields, (*time).has_zone != 0) };
        // SAFETY: as above.
        if has_zone && unsafe { (*time).zone } != layout.utc.as_ptr() {
            return None;
        }
        let [year_high, year_low, month, day, hour, minute, second, micro @ ..] = fields;
        let [century, year] = {
            let year = u16::from_be_bytes([year_high, year_low]);
            [(year / 100) as u8, (year % 100) as u8]
        };
        let mut iso = Self { text: *b"0000-00-00T00:00:00.000000+00:00", length: 19, has_zone };
        for (place, number) in
            [(0, century), (2, year), (5, month), (8, day), (11, hour), (14, minute), (17, second)]
        {
            iso.digits(place, number);
        }
        let [high, middle, low] = micro;
        let micro = u32::from_be_bytes([0, high, middle, low]);
        if micro != 0 {
            for (place, number) in
                [(20, micro / 10_000), (22, micro / 100 % 100), (24, micro % 100)]
            {
                iso.digits(place, number as u8);
            }
            iso.length = 26;
        }
        if has_zone {
            iso.push(UTC.as_bytes());
        }
        Some(iso)
    }

    /// Two digits at a place.
    #[inline(always)]
    fn digits(&mut self, place: usize, number: u8) {
        if let Some(digits) = self.text.get_mut(place..place + 2) {
            digits.copy_from_slice(&[b'0' + number / 10, b'0' + number % 10]);
        }
    }

    fn push(&mut self, text: &[u8]) {
        if let Some(place) = self.text.get_mut(self.length..self.length + text.len()) {
            place.copy_from_slice(text);
            self.length += text.len();
        }
    }
}

/// The text of an object that is exactly a `datetime`, without a zone or in `timezone.utc`. None:
/// it is none of that kind, or its text has to be asked for. Runs no Python code.
///
/// # Safety
/// `time` is live, and the GIL is held.
#[inline]
pub(crate) unsafe fn iso(py: Python<'_>, time: *mut PyObject) -> Option<Iso> {
    let layout = LAYOUT.get(py)?.as_ref()?;
    // SAFETY: as promised.
    unsafe {
        if ffi::Py_TYPE(time) != layout.class.as_ptr().cast::<PyTypeObject>() {
            return None;
        }
        Iso::read(time.cast(), layout)
    }
}

// Where the fields are in what was tried, whatever the compiler makes of the struct.
const _: () = assert!(offset_of!(DateTime, fields) == size_of::<PyObject>() + 9);
