//! Files of lines that survive a kill: each line is written in one piece, and one that was torn all
//! the same is taken away when the file is opened again.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::audit::{AuditRecord, AuditSink};

/// A file that lines are added to.
#[derive(Debug)]
pub(super) struct Lines {
    /// None once it is closed.
    file: Mutex<Option<File>>,
    /// The process that holds the file's lock; none where the file is shared.
    locked_by: Option<u32>,
}

impl Lines {
    /// Opens or makes the file, and takes a torn last line away.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        file.lock()?;
        let mended = mend(&file);
        file.unlock()?;
        mended.map(|()| Self { file: Mutex::new(Some(file)), locked_by: None })
    }

    /// The same for a file that one process alone may write to while it is open.
    pub(super) fn open_alone(path: &Path) -> io::Result<(Self, File)> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        file.try_lock()?;
        // From here on, every way out releases the lock.
        let lines = Self { file: Mutex::new(Some(file)), locked_by: Some(process::id()) };
        if let Some(file) = &*lines.file() {
            mend(file)?;
        }
        let reader = File::open(path)?;
        Ok((lines, reader))
    }

    /// Adds a line. It is with the system when this returns, so that a kill cannot take it away.
    ///
    /// # Errors
    /// What the system says, and that the file is closed.
    pub(super) fn push(&self, line: &str) -> io::Result<()> {
        let mut text = String::with_capacity(line.len() + 1);
        text.push_str(line);
        text.push('\n');
        match &mut *self.file() {
            // One write to a file opened for appending: no other process can write in between.
            Some(file) => file.write_all(text.as_bytes()),
            None => Err(io::Error::other("the file is closed")),
        }
    }

    /// Closes the file and releases its lock; does nothing the second time, and nothing in a process
    /// that was forked from the one that opened it.
    pub(super) fn close(&self) {
        // A thread of the parent may have held the mutex at the fork.
        if self.locked_by.is_none_or(|process| process == process::id()) {
            release(self.file().take(), self.locked_by);
        }
    }

    fn file(&self) -> MutexGuard<'_, Option<File>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let file = self.file.get_mut().unwrap_or_else(PoisonError::into_inner);
        release(file.take(), self.locked_by);
    }
}

/// Releases the lock before the file is closed. The lock belongs to the open file and not to the
/// descriptor: a child process that was forked meanwhile has a copy of the descriptor, which would
/// keep the lock until the child ends. For the same reason such a child must not release it.
fn release(file: Option<File>, locked_by: Option<u32>) {
    if let Some(file) = file
        && locked_by == Some(process::id())
    {
        // It fails only where the system has no locks.
        let _ = file.unlock();
    }
}

/// Cuts off what stands behind the last line's end.
fn mend(mut file: &File) -> io::Result<()> {
    const STEP: u64 = 64 << 10;
    let length = file.metadata()?.len();
    let mut end = length;
    let mut buffer = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(STEP);
        buffer.clear();
        file.seek(SeekFrom::Start(start))?;
        file.take(end - start).read_to_end(&mut buffer)?;
        if let Some(place) = buffer.iter().rposition(|byte| *byte == b'\n') {
            end = start + place as u64 + 1;
            break;
        }
        end = start;
    }
    if end < length { file.set_len(end) } else { Ok(()) }
}

/// Audit records as JSON Lines: one record a line. It may be shared by processes.
///
/// ```no_run
/// use cognigy_context::client::JsonLinesAudit;
///
/// let audit = JsonLinesAudit::open("audit.jsonl")?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct JsonLinesAudit(Lines);

impl JsonLinesAudit {
    /// Opens the file to add to it, or makes it.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Lines::open(path.as_ref()).map(Self)
    }
}

impl AuditSink for JsonLinesAudit {
    fn record(&self, record: &AuditRecord) -> Result<(), String> {
        let line = serde_json::to_string(record).map_err(|error| error.to_string())?;
        self.0.push(&line).map_err(|error| error.to_string())
    }
}
