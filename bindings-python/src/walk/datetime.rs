//! The text of a `datetime` as `isoformat()` returns it, read from the memory of the object. Calling
//! that method takes ten times as long as writing a variable to the request body.
//!
//! The memory layout of the object is not part of Python's stable interface, although it has not
//! changed since 3.6. So [`probe_datetime_layout`] first checks it with two objects whose fields are
//! known, and that the class is the one that is written in C: a test library may have put a subclass in
//! its place. If the layout differs or was not checked, [`read_iso_text`] returns `None`, and the callers
//! use `isoformat()`.

use std::ffi::c_char;
use std::mem::offset_of;

use pyo3::ffi::{self, PyObject, PyTypeObject};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// A `datetime`, as CPython lays it out.
#[repr(C)]
struct DateTime {
    head: PyObject,
    hash: ffi::Py_hash_t,
    has_zone: c_char,
    /// Two bytes of the year (big-endian), one byte each of the month, day, hour, minute and second,
    /// three bytes of the microsecond (big-endian).
    fields: [u8; 10],
    fold: u8,
    /// Exists only if `has_zone` is not 0.
    zone: *mut PyObject,
}

/// The class `datetime`, whose layout was checked, and the object `timezone.utc`.
struct CheckedClass {
    class: Py<PyAny>,
    utc: Py<PyAny>,
}

/// Empty before the check. Contains `None` if the layout differs, or if the check raised an exception.
static CHECKED_CLASS: PyOnceLock<Option<CheckedClass>> = PyOnceLock::new();

/// Checks once whether the text can be read from the objects. Runs Python code.
pub(crate) fn probe_datetime_layout(py: Python<'_>) {
    // An exception of the check is ignored: the callers then use `isoformat()`.
    CHECKED_CLASS.get_or_init(py, || CheckedClass::probe(py).ok().flatten());
}

impl CheckedClass {
    fn probe(py: Python<'_>) -> PyResult<Option<Self>> {
        let module = py.import("datetime")?;
        let class = module.getattr("datetime")?;
        let utc = module.getattr("timezone")?.getattr("utc")?;
        let size: usize = class.getattr("__basicsize__")?.extract()?;
        if size != size_of::<DateTime>() || is_defined_in_python(class.cast()?) {
            return Ok(None);
        }
        // Within each object, all bytes of the fields differ except the leading zeros of the microsecond,
        // so that a changed order is noticed.
        let (aware, naive) = (
            class.call1((2001, 12, 13, 14, 15, 16, 0x01_02_03, &utc))?,
            class.call1((0x1b_1c, 1, 2, 3, 4, 5, 6))?,
        );
        // SAFETY: both are exactly of the class. Its instances have at least the fields up to `fold`,
        // because the size of the class is that of `DateTime`. `zone` is read only if `has_zone` is 1.
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

/// Returns whether the class was created at run time, by a `class` statement. The memory of its instances
/// may differ from that of the class that is written in C.
fn is_defined_in_python(class: &Bound<'_, PyType>) -> bool {
    // SAFETY: `class` is a live class.
    let flags = unsafe { ffi::PyType_GetFlags(class.as_type_ptr()) };
    flags & ffi::Py_TPFLAGS_HEAPTYPE != 0
}

const TEMPLATE: [u8; 32] = *b"0000-00-00T00:00:00.000000+00:00";
const UTC_OFFSET: &str = "+00:00";
/// The length of `0000-00-00T00:00:00`.
const LENGTH_TO_SECONDS: usize = 19;
/// The length of `0000-00-00T00:00:00.000000`.
const LENGTH_TO_MICROSECONDS: usize = 26;

/// The text of a `datetime`, in a buffer on the stack.
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

    /// Appends `+00:00` to a time without a zone. The time is not converted.
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
    /// `time` is live, and exactly of the class whose layout was checked.
    unsafe fn format(time: *const DateTime, checked: &CheckedClass) -> Option<Self> {
        // SAFETY: `time` is live and has this layout.
        let (fields, has_zone) = unsafe { ((*time).fields, (*time).has_zone != 0) };
        // SAFETY: as above; the zone is read only if there is one.
        if has_zone && unsafe { (*time).zone } != checked.utc.as_ptr() {
            return None;
        }
        let [year_high, year_low, month, day, hour, minute, second, micro @ ..] = fields;
        let year = u16::from_be_bytes([year_high, year_low]);
        let (century, year_of_century) = ((year / 100) as u8, (year % 100) as u8);
        let mut iso = Self { text: TEMPLATE, length: LENGTH_TO_SECONDS, has_zone };
        for (position, number) in [
            (0, century),
            (2, year_of_century),
            (5, month),
            (8, day),
            (11, hour),
            (14, minute),
            (17, second),
        ] {
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
            iso.length = LENGTH_TO_MICROSECONDS;
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
/// Returns `None` for any other object, and if the layout differs or was not checked. Runs no Python
/// code.
///
/// # Safety
/// `object` is live, and the GIL is held.
#[inline]
pub(crate) unsafe fn read_iso_text(py: Python<'_>, object: *mut PyObject) -> Option<IsoText> {
    let checked = CHECKED_CLASS.get(py)?.as_ref()?;
    // SAFETY: `object` is live, and its type is checked before it is read.
    unsafe {
        if ffi::Py_TYPE(object) != checked.class.as_ptr().cast::<PyTypeObject>() {
            return None;
        }
        IsoText::format(object.cast(), checked)
    }
}

// `fields` follows the hash and `has_zone` (1 byte) without a gap.
const _: () = assert!(
    offset_of!(DateTime, fields) == size_of::<PyObject>() + size_of::<ffi::Py_hash_t>() + 1
);
