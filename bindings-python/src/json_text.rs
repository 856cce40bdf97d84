//! JSON text as an argument: `str`, `bytes`, or anything like bytes.

use std::borrow::Cow;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyString};

use crate::walk::read_text;

/// From this length on other threads run while the text is checked.
const LONG: usize = 32 << 10;

/// JSON text that was given, whatever it is made of.
pub(crate) enum JsonText<'py> {
    Text(Bound<'py, PyString>),
    Bytes(Bound<'py, PyBytes>),
}

impl JsonText<'_> {
    /// The bytes, for work that makes Python objects of them.
    pub(crate) fn bytes(&self) -> PyResult<Cow<'_, [u8]>> {
        Ok(match self {
            Self::Bytes(bytes) => Cow::Borrowed(bytes.as_bytes()),
            Self::Text(given) => {
                let text = read_text(given)?;
                if text.lone_surrogate {
                    return Ok(Cow::Owned(with_escapes(encode(given)?.as_bytes())));
                }
                match text.text {
                    Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                    Cow::Owned(text) => Cow::Owned(text.into_bytes()),
                }
            }
        })
    }

    /// Hands the bytes to `work`, beside which other Python threads run when there are many.
    pub(crate) fn with<R: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&[u8]) -> R + Send,
    ) -> PyResult<R> {
        let bytes = self.bytes()?;
        let bytes = bytes.as_ref();
        Ok(if bytes.len() < LONG { work(bytes) } else { py.detach(|| work(bytes)) })
    }
}

fn encode<'py>(text: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyBytes>> {
    let encode = text.py().get_type::<PyString>().getattr("encode")?;
    Ok(encode.call1((text, "utf-8", "surrogatepass"))?.cast_into()?)
}

/// UTF-8 cannot carry half of a surrogate pair, which here stands as three bytes of its own. As an
/// escape it says the same, and the core finds it. After a backslash it is no JSON either way.
fn with_escapes(text: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(text.len() + 3);
    let mut backslashes = 0;
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (0xed, [second @ 0xa0..=0xbf, third, after @ ..]) => {
                let unit = 0xd000 | u16::from(second & 0x3f) << 6 | u16::from(third & 0x3f);
                let text = match backslashes % 2 {
                    0 => Cow::Owned(format!("\\u{unit:04x}")),
                    _ => Cow::Borrowed("\u{fffd}"),
                };
                escaped.extend_from_slice(text.as_bytes());
                rest = after;
            }
            _ => escaped.push(byte),
        }
        backslashes = if byte == b'\\' { backslashes + 1 } else { 0 };
    }
    escaped
}

/// Whether `given` is text or bytes, and so JSON text where that is taken.
pub(crate) fn json_text<'py>(given: &Bound<'py, PyAny>) -> PyResult<Option<JsonText<'py>>> {
    if let Ok(text) = given.cast::<PyString>() {
        return Ok(Some(JsonText::Text(text.clone())));
    }
    if let Ok(bytes) = given.cast::<PyBytes>() {
        return Ok(Some(JsonText::Bytes(bytes.clone())));
    }
    if given.is_instance_of::<PyByteArray>() || given.is_instance_of::<PyMemoryView>() {
        // A copy: these can change while they are read.
        let bytes = given.py().get_type::<PyBytes>().call1((given,))?;
        return Ok(Some(JsonText::Bytes(bytes.cast_into()?)));
    }
    Ok(None)
}

impl<'a, 'py> FromPyObject<'a, 'py> for JsonText<'py> {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        json_text(&given)?.ok_or_else(|| {
            PyTypeError::new_err("JSON text must be str, bytes, bytearray or memoryview")
        })
    }
}
