//! Reads JSON text into Python objects.

use std::fmt;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFloat, PyList, PyNone, PyString};
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer;
use serde_json::de::StrRead;

use crate::key_interner::KeyInterner;
use crate::py_str::new_text;

/// An integer with this many digits or more may be beyond 64 bits; only Python's `json.loads` keeps it exact.
const MIN_BIG_INTEGER_DIGITS: usize = 19;

/// Reads text that the core has checked. Integers of any length stay exact.
///
/// # Errors
/// What `json.loads` raises, for example about its limit of digits or about unchecked text.
pub(crate) fn loads<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    loads_with(&mut KeyInterner::new(py), text)
}

/// Reads one of several texts that have keys in common.
///
/// # Errors
/// As [`loads`].
pub(crate) fn loads_with<'py>(
    keys: &mut KeyInterner<'py>,
    text: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let py = keys.py();
    if !needs_python(text) {
        let mut reader = Deserializer::from_str(text);
        if let Some(value) = read(keys, &mut reader) {
            return Ok(value);
        }
    }
    static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    LOADS.import(py, "json", "loads")?.call1((text,))
}

/// Returns whether the text may contain a number that `serde_json` would change: an integer beyond
/// 64 bits, or the integer `-0`, which it reads as a float.
fn needs_python(text: &str) -> bool {
    let mut digits = 0;
    let mut previous = 0;
    for &byte in text.as_bytes() {
        if byte.is_ascii_digit() {
            digits += 1;
            if digits >= MIN_BIG_INTEGER_DIGITS || (previous == b'-' && byte == b'0') {
                return true;
            }
        } else {
            digits = 0;
        }
        previous = byte;
    }
    false
}

/// Reads the text to its end. Returns `None` for any error; the caller then uses `json.loads`, which
/// raises an exception of its own.
fn read<'py>(
    keys: &mut KeyInterner<'py>,
    reader: &mut Deserializer<StrRead<'_>>,
) -> Option<Bound<'py, PyAny>> {
    let value = PyValueSeed { keys }.deserialize(&mut *reader).ok()?;
    reader.end().ok()?;
    Some(value)
}

/// Replaces an exception that Python raised by an error of serde. Its text is not used: [`read`]
/// discards every error.
fn to_serde_error<E: serde::de::Error>(_: PyErr) -> E {
    E::custom("Python raised an exception")
}

/// Reads a key as a `str`.
struct PyKeySeed<'k, 'py>(&'k mut KeyInterner<'py>);

impl<'de, 'py> DeserializeSeed<'de> for PyKeySeed<'_, 'py> {
    type Value = Bound<'py, PyString>;

    fn deserialize<D: serde::Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'py> Visitor<'_> for PyKeySeed<'_, 'py> {
    type Value = Bound<'py, PyString>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(self.0.get(text))
    }
}

/// Reads a value as a Python object.
struct PyValueSeed<'k, 'py> {
    keys: &'k mut KeyInterner<'py>,
}

impl<'de, 'py> DeserializeSeed<'de> for PyValueSeed<'_, 'py> {
    type Value = Bound<'py, PyAny>;

    fn deserialize<D: serde::Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, 'py> Visitor<'de> for PyValueSeed<'_, 'py> {
    type Value = Bound<'py, PyAny>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(PyNone::get(self.keys.py()).to_owned().into_any())
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(PyBool::new(self.keys.py(), value).to_owned().into_any())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        let Ok(integer) = value.into_pyobject(self.keys.py());
        Ok(integer.into_any())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        let Ok(integer) = value.into_pyobject(self.keys.py());
        Ok(integer.into_any())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(PyFloat::new(self.keys.py(), value).into_any())
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(new_text(self.keys.py(), text).into_any())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let list = PyList::empty(self.keys.py());
        while let Some(item) = items.next_element_seed(PyValueSeed { keys: &mut *self.keys })? {
            list.append(item).map_err(to_serde_error)?;
        }
        Ok(list.into_any())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let dict = PyDict::new(self.keys.py());
        while let Some(key) = members.next_key_seed(PyKeySeed(&mut *self.keys))? {
            let value = members.next_value_seed(PyValueSeed { keys: &mut *self.keys })?;
            dict.set_item(key, value).map_err(to_serde_error)?;
        }
        Ok(dict.into_any())
    }
}
