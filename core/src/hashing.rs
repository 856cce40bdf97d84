//! Hashes of session ids and other data, for logs, errors and stores.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Returns the SHA-256 of a session id, in lower-case hexadecimal.
///
/// Anyone who knows a session id can join the conversation, so errors contain only its hash, and audit
/// records too by default.
///
/// ```
/// let hash = cognigy_context::hash_session_id("s-1");
/// assert_eq!(hash.len(), 64);
/// assert!(hash.starts_with("6a840b"));
/// ```
#[must_use]
pub fn hash_session_id(session_id: &str) -> String {
    sha256(session_id.as_bytes())
}

/// Returns the SHA-256 of bytes, in lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    to_hex(&Sha256::digest(bytes))
}

/// Returns the HMAC-SHA-256 of a session id under `key` (any length), in lower-case hexadecimal.
///
/// Use it for stores that others can read: without the key a reader cannot test guessed session ids.
///
/// ```
/// let hash = cognigy_context::hash_session_id_keyed("s-1", b"a key of the service");
/// assert_ne!(hash, cognigy_context::hash_session_id("s-1"));
/// ```
#[must_use]
pub fn hash_session_id_keyed(session_id: &str, key: &[u8]) -> String {
    // HMAC accepts keys of any length, so this never fails.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(session_id.as_bytes());
    to_hex(&mac.finalize().into_bytes())
}

/// Returns bytes in lower-case hexadecimal.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .for_each(|digit| text.push(digit));
    text
}
