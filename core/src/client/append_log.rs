//! Append-only files of lines. They stay valid when the process is killed: each line is one write, and a
//! partial last line is removed when the file is opened again.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process;
use std::sync::{Mutex, MutexGuard};

use crate::sync::{get_mut, lock};

/// A file to which lines are appended.
#[derive(Debug)]
pub(super) struct AppendLog {
    /// `None` once the file is closed.
    file: Mutex<Option<File>>,
    /// The id of the process that locked the file; `None` for a shared file.
    locked_by: Option<u32>,
}

impl AppendLog {
    /// Opens or creates a file that several processes may append to, and removes a partial last line.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        file.lock()?;
        let result = truncate_partial_line(&file);
        file.unlock()?;
        result.map(|()| Self { file: Mutex::new(Some(file)), locked_by: None })
    }

    /// Opens or creates a file, locks it for this process while it is open, and removes a partial last
    /// line. Returns a second handle for reading from the start.
    ///
    /// # Errors
    /// `WouldBlock` when another process has locked the file, and any error of the file system.
    pub(super) fn open_exclusive(path: &Path) -> io::Result<(Self, File)> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        file.try_lock()?;
        // From here on dropping `log` releases the lock, also on an error.
        let log = Self { file: Mutex::new(Some(file)), locked_by: Some(process::id()) };
        if let Some(file) = &*log.file() {
            truncate_partial_line(file)?;
        }
        let reader = File::open(path)?;
        Ok((log, reader))
    }

    /// Appends a line. After `Ok` the operating system has the line, so the line is not lost when the
    /// process is killed.
    ///
    /// # Errors
    /// Any error of the file system, and an error when the file is closed.
    pub(super) fn push(&self, line: &str) -> io::Result<()> {
        let mut text = String::with_capacity(line.len() + 1);
        text.push_str(line);
        text.push('\n');
        match &mut *self.file() {
            // A single write to a file opened for appending does not mix with the writes of other processes.
            Some(file) => file.write_all(text.as_bytes()),
            None => Err(io::Error::other("the file is closed")),
        }
    }

    /// Closes the file and releases its lock, if any. Does nothing the second time, and nothing in a
    /// process that was forked from the one that locked the file.
    pub(super) fn close(&self) {
        // In a forked child the mutex may be a copy that a thread of the parent had locked. That thread
        // does not exist in the child, so nothing unlocks the copy.
        if self.locked_by.is_none_or(|process| process == process::id()) {
            release(self.file().take(), self.locked_by);
        }
    }

    fn file(&self) -> MutexGuard<'_, Option<File>> {
        lock(&self.file)
    }
}

impl Drop for AppendLog {
    fn drop(&mut self) {
        release(get_mut(&mut self.file).take(), self.locked_by);
    }
}

/// Releases the lock if this process has locked the file, then closes the file. The lock belongs to the
/// open file and not to the descriptor: a child process that was forked meanwhile has a copy of the
/// descriptor, which would keep the lock until the child ends. For the same
/// reason the child must not release the lock.
fn release(file: Option<File>, locked_by: Option<u32>) {
    if let Some(file) = file
        && locked_by == Some(process::id())
    {
        // Unlocking fails only on systems without file locks.
        let _ = file.unlock();
    }
}

/// Truncates the file after its last line break. A file without a line break becomes empty.
fn truncate_partial_line(mut file: &File) -> io::Result<()> {
    const CHUNK_BYTES: u64 = 64 << 10;
    let length = file.metadata()?.len();
    let mut end = length;
    let mut buffer = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(CHUNK_BYTES);
        buffer.clear();
        file.seek(SeekFrom::Start(start))?;
        file.take(end - start).read_to_end(&mut buffer)?;
        if let Some(index) = buffer.iter().rposition(|byte| *byte == b'\n') {
            end = start + index as u64 + 1;
            break;
        }
        end = start;
    }
    if end < length { file.set_len(end) } else { Ok(()) }
}
