//! What has been confirmed of a bulk of injections, so that one that was killed goes on where it
//! was: at least once for every item, and never again for one that is confirmed.

use sha2::{Digest, Sha256};

use super::transport::{MaybeSend, MaybeSync};
use crate::api::PreparedRequest;

/// Which item it is: its place in the input, and what it says. An input that was changed in between
/// has other items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey {
    /// Its place, from 0.
    pub index: u64,
    /// The first half of the SHA-256 of where it goes and what it says.
    pub digest: [u8; 16],
}

impl ItemKey {
    pub(super) fn of(index: u64, call: &PreparedRequest) -> Self {
        let mut hash = Sha256::new();
        hash.update(call.path.as_bytes());
        hash.update([0]);
        hash.update(call.body.as_deref().unwrap_or_default());
        let mut digest = [0; 16];
        for (to, from) in digest.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        Self { index, digest }
    }

    /// One line of a journal: the place, and the digest in hexadecimal.
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
        format!("{} {}", self.index, crate::hashing::hexadecimal(&self.digest))
    }

    /// Reads such a line; none for any other.
    #[must_use]
    pub fn of_line(line: &str) -> Option<Self> {
        let (index, digest) = line.split_once(' ')?;
        if digest.len() != 32 || !digest.is_ascii() {
            return None;
        }
        let digest = u128::from_str_radix(digest, 16).ok()?.to_be_bytes();
        Some(Self { index: index.parse().ok()?, digest })
    }
}

/// Remembers what is confirmed.
pub trait Journal: MaybeSend + MaybeSync {
    /// Whether the item was confirmed, in this run or one before.
    fn is_confirmed(&self, item: &ItemKey) -> bool;

    /// The item has been injected. When this returns, it is remembered even if the process is
    /// killed.
    ///
    /// # Errors
    /// In words, when it cannot be remembered.
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
    use crate::client::lines::Lines;

    /// A journal in a file, a line an item. One process at a time may use it: the file is locked until
    /// the journal is closed or dropped, and no longer, even where a child process was forked
    /// meanwhile.
    ///
    /// ```no_run
    /// use cognigy_context::client::FileJournal;
    ///
    /// let journal = FileJournal::open("rows.journal")?;
    /// println!("{} items are done already", journal.confirmed_before());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[derive(Debug)]
    pub struct FileJournal {
        lines: Lines,
        /// What runs before this one have confirmed, in order.
        before: Vec<ItemKey>,
    }

    impl FileJournal {
        /// Opens the journal of a run before to go on with it, or makes one. A line that was torn by
        /// a kill is taken away; its item counts as not confirmed.
        ///
        /// # Errors
        /// What the system says; of kind `WouldBlock` when another process uses it, of kind
        /// `InvalidData` when it is no journal.
        pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
            let (lines, reader) = Lines::open_alone(path.as_ref())?;
            let mut before = read(reader)?;
            before.sort_unstable();
            before.dedup();
            Ok(Self { lines, before })
        }

        /// How many items the runs before have confirmed.
        #[must_use]
        pub fn confirmed_before(&self) -> usize {
            self.before.len()
        }

        /// Closes the file and releases its lock, so that the journal can be opened again at once.
        /// What a run that still uses it confirms afterwards is not remembered: it is
        /// [`Unconfirmed`](crate::client::BulkStatus::Unconfirmed).
        pub fn close(&self) {
            self.lines.close();
        }
    }

    fn read(file: File) -> io::Result<Vec<ItemKey>> {
        let mut keys = Vec::new();
        for line in BufReader::new(file).lines() {
            let key = ItemKey::of_line(&line?).ok_or_else(|| {
                io::Error::new(io::ErrorKind::InvalidData, "the file is no journal of injections")
            })?;
            keys.push(key);
        }
        Ok(keys)
    }

    impl Journal for FileJournal {
        fn is_confirmed(&self, item: &ItemKey) -> bool {
            self.before.binary_search(item).is_ok()
        }

        fn confirm(&self, item: &ItemKey) -> Result<(), String> {
            self.lines.push(&item.to_line()).map_err(|error| error.to_string())
        }
    }
}
