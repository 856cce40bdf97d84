//! The journal of a bulk injection: which items are confirmed. When the process was killed, another run
//! injects the other items. So an item may be injected twice, but a confirmed item never again.

use sha2::{Digest, Sha256};

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

    /// Parses the line of a journal. Returns `None` for any other text.
    #[must_use]
    pub fn of_line(line: &str) -> Option<Self> {
        let (index, digest) = line.split_once(' ')?;
        if digest.len() != DIGEST_DIGITS || !digest.is_ascii() {
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

#[cfg(not(target_arch = "wasm32"))]
pub use file::FileJournal;

#[cfg(not(target_arch = "wasm32"))]
mod file {
    use std::fs::File;
    use std::io::{self, BufRead, BufReader};
    use std::path::Path;

    use super::{ItemKey, Journal};
    use crate::client::append_log::AppendLog;

    /// A journal in a file, with a line for each confirmed item. The file is locked for this process
    /// until the journal is closed or dropped, also if a child process was forked meanwhile.
    ///
    /// ```no_run
    /// use cognigy_context::client::FileJournal;
    ///
    /// let journal = FileJournal::open("rows.journal")?;
    /// println!("{} items are already confirmed", journal.confirmed_before());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[derive(Debug)]
    pub struct FileJournal {
        log: AppendLog,
        /// The items that earlier runs have confirmed, sorted.
        confirmed_before: Vec<ItemKey>,
    }

    impl FileJournal {
        /// Opens the journal of an earlier run, or creates one. A partial last line of a killed
        /// process is removed; its item is not confirmed.
        ///
        /// # Errors
        /// Any error of the file system; `WouldBlock` when another process uses the file, and
        /// `InvalidData` when the file is not a journal.
        pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
            let (log, reader) = AppendLog::open_exclusive(path.as_ref())?;
            let mut confirmed_before = read_keys(reader)?;
            confirmed_before.sort_unstable();
            confirmed_before.dedup();
            Ok(Self { log, confirmed_before })
        }

        /// Returns the number of items that earlier runs have confirmed.
        #[must_use]
        pub fn confirmed_before(&self) -> usize {
            self.confirmed_before.len()
        }

        /// Closes the file and releases its lock, so that the journal can be opened again at once.
        /// Items that a running bulk injection injects afterwards are
        /// [`Unconfirmed`](crate::client::BulkStatus::Unconfirmed).
        pub fn close(&self) {
            self.log.close();
        }
    }

    /// Returns the items of all lines.
    ///
    /// # Errors
    /// `InvalidData` for a line that is not an item, and any error of the file system.
    fn read_keys(file: File) -> io::Result<Vec<ItemKey>> {
        let mut keys = Vec::new();
        for (index, line) in BufReader::new(file).lines().enumerate() {
            let key = ItemKey::of_line(&line?).ok_or_else(|| {
                let message = format!(
                    "the file is not a bulk journal: line {} is not an item. Use another file.",
                    index + 1
                );
                io::Error::new(io::ErrorKind::InvalidData, message)
            })?;
            keys.push(key);
        }
        Ok(keys)
    }

    impl Journal for FileJournal {
        fn is_confirmed(&self, item: &ItemKey) -> bool {
            self.confirmed_before.binary_search(item).is_ok()
        }

        fn confirm(&self, item: &ItemKey) -> Result<(), String> {
            self.log.push(&item.to_line()).map_err(|error| error.to_string())
        }
    }
}
