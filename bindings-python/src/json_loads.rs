//! JSON text as Python objects.

use std::fmt;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFloat, PyList, PyNone, PyString};
use serde_json::Deserializer;
use serde_json::de::StrRead;

use crate::key_interner::KeyInterner;
use crate::py_str::text as new_text;

/// Integers of so many digits may be beyond 64 bits, where only Python's own reader keeps them.
const LONG_INTEGER: usize = 19;

/// Reads text that the core has found sane: integers of any length stay exact.
///
/// # Errors
/// What Python raised, such as its limit of digits for text that the core has not looked at.
pub(crate) fn loads<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    loads_with(&mut KeyInterner::new(py), text)
}

/// The same for one of many texts that have keys in common.
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

/// Whether the text may hold a number that the quick reader would change: an integer beyond 64
/// bits, or the integer `-0`, which it takes for a float.
fn needs_python(text: &str) -> bool {
    let mut digits = 0;
    let mut before = 0;
    for &byte in text.as_bytes() {
        if byte.is_ascii_digit() {
            digits += 1;
            if digits >= LONG_INTEGER || (before == b'-' && byte == b'0') {
                return true;
            }
        } else {
            digits = 0;
        }
        before = byte;
    }
    false
}

/// The whole text. None: it is for Python's own reader to say what is wrong.
fn read<'py>(
    keys: &mut KeyInterner<'py>,
    reader: &mut Deserializer<StrRead<'_>>,
) -> Option<Bound<'py, PyAny>> {
    let value = serde::de::DeserializeSeed::deserialize(Maker { keys }, &mut *reader).ok()?;
    reader.end().ok()?;
    Some(value)
}

/// Makes one object of what the reader tells.
struct Maker<'k, 'py> {
    keys: &'k mut KeyInterner<'py>,
}

/// Makes a key, or takes one that was made before.
struct Key<'k, 'py>(&'k mut KeyInterner<'py>);

impl<'de, 'py> serde::de::DeserializeSeed<'de> for Key<'_, 'py> {
    type Value = Bound<'py, PyString>;

    fn deserialize<D: serde::Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'py> serde::de::Visitor<'_> for Key<'_, 'py> {
    type Value = Bound<'py, PyString>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(self.0.get(text))
    }
}

impl<'de, 'py> serde::de::DeserializeSeed<'de> for Maker<'_, 'py> {
    type Value = Bound<'py, PyAny>;

    fn deserialize<D: serde::Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// That Python raised something; its own reader will raise it again.
fn raised<E: serde::de::Error>(_: PyErr) -> E {
    E::custom("not made")
}

impl<'de, 'py> serde::de::Visitor<'de> for Maker<'_, 'py> {
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
        let Ok(made) = value.into_pyobject(self.keys.py());
        Ok(made.into_any())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        let Ok(made) = value.into_pyobject(self.keys.py());
        Ok(made.into_any())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(PyFloat::new(self.keys.py(), value).into_any())
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(new_text(self.keys.py(), text).into_any())
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(
        self,
        mut items: A,
    ) -> Result<Self::Value, A::Error> {
        let list = PyList::empty(self.keys.py());
        while let Some(item) = items.next_element_seed(Maker { keys: &mut *self.keys })? {
            list.append(item).map_err(raised)?;
        }
        Ok(list.into_any())
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(
        self,
        mut members: A,
    ) -> Result<Self::Value, A::Error> {
        let dict = PyDict::new(self.keys.py());
        while let Some(key) = members.next_key_seed(Key(&mut *self.keys))? {
            let value = members.next_value_seed(Maker { keys: &mut *self.keys })?;
            dict.set_item(key, value).map_err(raised)?;
        }
        Ok(dict.into_any())
    }
}
