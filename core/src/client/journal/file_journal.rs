//! The journal in a file.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use super::scanner::{JournalReport, JournalScanner};
use super::{ItemKey, Journal};
use crate::client::file_format::JOURNAL;
use crate::client::files::{ExclusiveLog, open_for_reading, read_start, replace_file};

/// A journal in a file: a first line that names the format, and a line for each confirmed item. Only its
/// owner can read a new file. The file is locked for this process until the journal is closed or
/// dropped, also if a child process was forked meanwhile.
///
/// A confirmed item survives a kill of the process. It survives a power cut or a crash of the operating
/// system only in a [durable](Self::open_durable) journal. A failed write, for example to a full disk, is
/// undone. If the file is deleted, replaced or truncated during a run, its next items are
/// [`Unconfirmed`](crate::client::BulkStatus::Unconfirmed).
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
    log: ExclusiveLog,
    /// The items that earlier runs have confirmed, sorted.
    confirmed_before: Vec<ItemKey>,
    damaged_lines: u64,
}

impl FileJournal {
    /// Opens the journal of an earlier run, or creates one. Never waits.
    ///
    /// A partial last line of a killed process is removed; its item is not confirmed. Damaged lines are
    /// skipped, counted in [`damaged_lines`](Self::damaged_lines), and logged as a warning.
    ///
    /// # Errors
    /// `WouldBlock` when another process uses the file; `InvalidData` when the file is not a journal, or
    /// one of another version; `InvalidInput` when it is not a regular file; and any error of the file
    /// system. After an error the file is unchanged.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::open_with(path.as_ref(), false)
    }

    /// Opens a journal as [`open`](Self::open) does. Each confirmed item is on the disk before its
    /// injection counts as finished, so it survives a power cut. This takes the time of an `fsync` for each
    /// item, which may be several milliseconds.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_durable(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::open_with(path.as_ref(), true)
    }

    fn open_with(path: &Path, is_durable: bool) -> io::Result<Self> {
        let log = ExclusiveLog::open(path, &JOURNAL, is_durable)?;
        let content = log.read(JournalContent::read)?;
        if content.partial_bytes > 0 {
            log.truncate(content.length.saturating_sub(content.partial_bytes));
        }
        let damaged_lines = content.report.damaged;
        if damaged_lines > 0 {
            tracing::warn!(
                damaged_lines,
                "the journal has damaged lines: their items are injected again. Repair it with \
                 `cognigy-context journal repair`."
            );
        }
        Ok(Self { log, confirmed_before: content.keys, damaged_lines })
    }

    /// Checks the journal in a file without changing it, also while a run uses it.
    ///
    /// # Errors
    /// `InvalidData` when the file is not a journal, or one of another version; `InvalidInput` when it is
    /// not a regular file; and any error of the file system.
    pub fn check(path: impl AsRef<Path>) -> io::Result<JournalReport> {
        let file = open_for_reading(path.as_ref())?;
        JOURNAL
            .recognize(&read_start(&file)?)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
        Ok(JournalContent::read(&file)?.report)
    }

    /// Removes damaged lines, a partial last line and repeated items from the journal in a file. Returns
    /// what the file contained before.
    ///
    /// Writes a new file and then replaces the old one, so a kill or a power cut leaves one of them.
    /// Only the owner can read the new file. A sound journal is not changed.
    ///
    /// # Errors
    /// `NotFound` when the file does not exist, and the errors of [`open`](Self::open). After an error the
    /// file is unchanged.
    pub fn repair(path: impl AsRef<Path>) -> io::Result<JournalReport> {
        // A symbolic link remains; the file that it leads to is replaced. Fails for a missing file.
        let path = std::fs::canonicalize(path)?;
        let log = ExclusiveLog::open(&path, &JOURNAL, false)?;
        let content = log.read(JournalContent::read)?;
        if !content.report.is_sound() {
            let new_path = repaired_path(&path);
            if Self::check(&new_path).is_ok() {
                // An interrupted repair has left it. No other repair runs, because the log is locked.
                std::fs::remove_file(&new_path)?;
            }
            replace_file(&path, &new_path, |file| write_journal(file, &content.keys))?;
        }
        Ok(content.report)
    }

    /// Returns the number of items that earlier runs have confirmed.
    #[must_use]
    pub fn confirmed_before(&self) -> usize {
        self.confirmed_before.len()
    }

    /// Returns the number of lines that were not items when the file was opened. Their items are injected
    /// again. [`repair`](Self::repair) removes them.
    #[must_use]
    pub fn damaged_lines(&self) -> u64 {
        self.damaged_lines
    }

    /// Closes the file and releases its lock, so that the journal can be opened again at once.
    /// Items that a running bulk injection injects afterwards are
    /// [`Unconfirmed`](crate::client::BulkStatus::Unconfirmed).
    pub fn close(&self) {
        self.log.close();
    }
}

impl Journal for FileJournal {
    fn is_confirmed(&self, item: &ItemKey) -> bool {
        self.confirmed_before.binary_search(item).is_ok()
    }

    fn confirm(&self, item: &ItemKey) -> Result<(), String> {
        self.log.push(&item.to_line()).map_err(|error| error.to_string())
    }
}

/// The content of a journal.
struct JournalContent {
    /// The confirmed items, sorted.
    keys: Vec<ItemKey>,
    report: JournalReport,
    /// The length in bytes.
    length: u64,
    /// The length of the partial last line in bytes; 0 if there is none.
    partial_bytes: u64,
}

impl JournalContent {
    /// Reads a journal from its start, whose first line is known to name the format.
    fn read(mut file: &File) -> io::Result<Self> {
        use std::io::Seek;

        const CHUNK_BYTES: usize = 64 << 10;
        file.seek(io::SeekFrom::Start(0))?;
        let (mut scanner, mut keys, mut length) = (JournalScanner::default(), Vec::new(), 0);
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        loop {
            chunk.clear();
            file.take(CHUNK_BYTES as u64).read_to_end(&mut chunk)?;
            if chunk.is_empty() {
                break;
            }
            length += chunk.len() as u64;
            scanner.push(&chunk, |key| keys.push(key));
        }
        let end = scanner.finish();
        keys.sort_unstable();
        keys.dedup();
        let report = JournalReport { confirmed: keys.len() as u64, ..end.report };
        Ok(Self { keys, report, length, partial_bytes: end.partial_bytes })
    }
}

/// Returns the path of the new file of a repair, next to the journal.
fn repaired_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".repaired");
    PathBuf::from(name)
}

fn write_journal(file: &File, keys: &[ItemKey]) -> io::Result<()> {
    let mut writer = BufWriter::new(file);
    writeln!(writer, "{}", JOURNAL.header())?;
    for key in keys {
        writeln!(writer, "{}", key.to_line())?;
    }
    writer.flush()
}
