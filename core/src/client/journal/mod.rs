//! The journal of a bulk injection: which items are confirmed. When the process was killed, another run
//! injects the other items. So an item may be injected twice, but a confirmed item never again.

use sha2::{Digest, Sha256};

#[cfg(not(target_arch = "wasm32"))]
mod file_journal;
mod scanner;

#[cfg(not(target_arch = "wasm32"))]
pub use file_journal::FileJournal;
pub use scanner::{JournalReport, JournalScanner};

use super::transport::{MaybeSend, MaybeSync};
use crate::api::PreparedRequest;

/// The identity of an item: its index in the input and a hash of its request. An item that changes
/// between two runs has a new key, so the second run injects it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey {
    /// The index in the input, from 0.
    pub index: u64,
    /// The first 16 bytes of the SHA-256 of the request's path and body.
    pub digest: [u8; 16],
}

/// The length of a digest in hexadecimal: two digits for each of its 16 bytes.
const DIGEST_DIGITS: usize = 32;

/// The length of the longest line without its line break: an index of 20 digits, a space and a digest.
const MAX_LINE_BYTES: usize = 20 + 1 + DIGEST_DIGITS;

impl ItemKey {
    pub(super) fn for_request(index: u64, request: &PreparedRequest) -> Self {
        let mut hash = Sha256::new();
        hash.update(request.path.as_bytes());
        // A byte that occurs in no path separates the path from the body.
        hash.update([0]);
        hash.update(request.body.as_deref().unwrap_or_default());
        let mut digest = [0; 16];
        for (target, byte) in digest.iter_mut().zip(hash.finalize()) {
            *target = byte;
        }
        Self { index, digest }
    }

    /// Returns the item's line in a journal: the index and the digest in hexadecimal.
    ///
    /// ```
    /// use cognigy_context::client::ItemKey;
    ///
    /// let key = ItemKey { index: 7, digest: [0xab; 16] };
    /// assert_eq!(key.to_line(), format!("7 {}", "ab".repeat(16)));
    /// assert_eq!(ItemKey::of_line(&key.to_line()), Some(key));
    /// ```
    #[must_use]
    pub fn to_line(&self) -> String {
        format!("{} {}", self.index, crate::hashing::to_hex(&self.digest))
    }

    /// Parses the line of a journal. Returns `None` for any text that [`to_line`](Self::to_line) does not
    /// write.
    ///
    /// ```
    /// use cognigy_context::client::ItemKey;
    ///
    /// assert!(ItemKey::of_line(&format!("7 {}", "ab".repeat(16))).is_some());
    /// assert!(ItemKey::of_line(&format!("+7 {}", "ab".repeat(16))).is_none());
    /// ```
    #[must_use]
    pub fn of_line(line: &str) -> Option<Self> {
        let (index, digest) = line.split_once(' ')?;
        // `parse` and `from_str_radix` accept more: a leading `+`, leading zeros and upper-case digits.
        let is_index = index == "0" || !index.starts_with('0');
        let is_hex = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if !is_index
            || !index.bytes().all(|byte| byte.is_ascii_digit())
            || digest.len() != DIGEST_DIGITS
            || !digest.bytes().all(is_hex)
        {
            return None;
        }
        let digest = u128::from_str_radix(digest, 16).ok()?.to_be_bytes();
        Some(Self { index: index.parse().ok()?, digest })
    }
}

/// Records which items of a bulk injection are confirmed. [`FileJournal`] stores them in a file.
pub trait Journal: MaybeSend + MaybeSync {
    /// Returns whether an earlier run has confirmed the item.
    fn is_confirmed(&self, item: &ItemKey) -> bool;

    /// Records that the item was injected. After `Ok` the record must remain when the process is killed.
    ///
    /// # Errors
    /// A message, when the item cannot be recorded. Its status is then
    /// [`Unconfirmed`](crate::client::BulkStatus::Unconfirmed).
    fn confirm(&self, item: &ItemKey) -> Result<(), String>;
}
