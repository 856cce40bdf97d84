//! JSON text as an argument: a `str`, or an object that contains bytes.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyString};

use crate::argument_types::wrong_type;
use crate::walk::read_text;

/// The GIL is released while text of at least this many bytes is read.
const MIN_DETACHED_BYTES: usize = 32 << 10;

/// JSON text that the caller passed.
pub(crate) enum JsonText<'py> {
    Text(Bound<'py, PyString>),
    Bytes(Bound<'py, PyBytes>),
}

impl JsonText<'_> {
    /// Returns the bytes of the text: given bytes unchanged, a `str` as UTF-8 in which each unpaired
    /// surrogate is escaped.
    pub(crate) fn bytes(&self) -> PyResult<Cow<'_, [u8]>> {
        Ok(match self {
            Self::Bytes(bytes) => Cow::Borrowed(bytes.as_bytes()),
            Self::Text(given) => {
                let text = read_text(given)?;
                if text.has_lone_surrogate {
                    return Ok(Cow::Owned(escape_surrogates(encode(given)?.as_bytes())));
                }
                match text.text {
                    Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                    Cow::Owned(text) => Cow::Owned(text.into_bytes()),
                }
            }
        })
    }

    /// Passes the bytes to `work`. Other Python threads run meanwhile if there are at least
    /// [`MIN_DETACHED_BYTES`].
    pub(crate) fn with<R: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&[u8]) -> R + Send,
    ) -> PyResult<R> {
        let bytes = self.bytes()?;
        let bytes = bytes.as_ref();
        Ok(if bytes.len() < MIN_DETACHED_BYTES { work(bytes) } else { py.detach(|| work(bytes)) })
    }
}

/// Encodes a `str` as UTF-8, and each surrogate in it as three bytes, which UTF-8 does not allow.
fn encode<'py>(text: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyBytes>> {
    let encode = text.py().get_type::<PyString>().getattr("encode")?;
    Ok(encode.call1((text, "utf-8", "surrogatepass"))?.cast_into()?)
}

/// Writes each encoded surrogate as a `\u` escape, so that the text is UTF-8 and the core reports
/// the surrogate. After an odd number of backslashes the escape would be read as text, so U+FFFD is
/// written instead; a backslash before a surrogate is not JSON in any case.
fn escape_surrogates(text: &[u8]) -> Vec<u8> {
    // An escape has three bytes more than the encoded surrogate.
    let mut escaped = Vec::with_capacity(text.len() + 3);
    let mut backslashes = 0;
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            // The encoding of U+D800 to U+DFFF.
            (0xed, [second @ 0xa0..=0xbf, third, after @ ..]) => {
                let unit = 0xd000 | u16::from(second & 0x3f) << 6 | u16::from(third & 0x3f);
                let replacement = match backslashes % 2 {
                    0 => Cow::Owned(format!("\\u{unit:04x}")),
                    _ => Cow::Borrowed("\u{fffd}"),
                };
                escaped.extend_from_slice(replacement.as_bytes());
                rest = after;
            }
            _ => escaped.push(byte),
        }
        backslashes = if byte == b'\\' { backslashes + 1 } else { 0 };
    }
    escaped
}

/// Returns the JSON text if `given` is text or bytes, otherwise `None`.
pub(crate) fn json_text<'py>(given: &Bound<'py, PyAny>) -> PyResult<Option<JsonText<'py>>> {
    if let Ok(text) = given.cast::<PyString>() {
        return Ok(Some(JsonText::Text(text.clone())));
    }
    if let Ok(bytes) = given.cast::<PyBytes>() {
        return Ok(Some(JsonText::Bytes(bytes.clone())));
    }
    if given.is_instance_of::<PyByteArray>() || given.is_instance_of::<PyMemoryView>() {
        // Copied, because these can change while they are read.
        let bytes = given.py().get_type::<PyBytes>().call1((given,))?;
        return Ok(Some(JsonText::Bytes(bytes.cast_into()?)));
    }
    Ok(None)
}

impl<'a, 'py> FromPyObject<'a, 'py> for JsonText<'py> {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        json_text(&given)?
            .ok_or_else(|| wrong_type("JSON text", "a str, bytes, bytearray or memoryview", &given))
    }
}
