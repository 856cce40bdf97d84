//! A file of lines that only one process appends to. The file is locked while it is open.

use std::fs::{File, TryLockError};
use std::io::{self, Seek, SeekFrom};
use std::path::Path;
use std::process;
use std::sync::{Mutex, MutexGuard};

use super::lock_file::is_locked_by_node;
use super::log_file::{LogFile, in_use, replaced};
use crate::client::file_format::{FileFormat, FileStart};
use crate::sync::{get_mut, lock};

/// A file of lines that this process has locked.
#[derive(Debug)]
pub(in crate::client) struct ExclusiveLog {
    /// `None` once the file is closed.
    file: Mutex<Option<LockedFile>>,
    /// The id of the process that locked the file.
    locked_by: u32,
}

#[derive(Debug)]
struct LockedFile {
    log: LogFile,
    /// The length after the last append.
    length: u64,
}

/// The number of times that the opening of a file is repeated when the file is replaced meanwhile.
const OPEN_ATTEMPTS: u32 = 5;

impl ExclusiveLog {
    /// Opens or creates a file and locks it. Never waits.
    ///
    /// # Errors
    /// `WouldBlock` when another process has locked the file, `InvalidData` when it has another format,
    /// `InvalidInput` when it is not a regular file, and any error of the file system. After an error an
    /// existing file is unchanged.
    pub(in crate::client) fn open(
        path: &Path,
        format: &'static FileFormat,
        is_durable: bool,
    ) -> io::Result<Self> {
        for _ in 0..OPEN_ATTEMPTS {
            let file = LogFile::open(path, format, is_durable)?;
            file.file.try_lock().map_err(|error| match error {
                TryLockError::WouldBlock => in_use(),
                TryLockError::Error(error) => error,
            })?;
            let file = Mutex::new(Some(LockedFile { log: file, length: 0 }));
            // From here on dropping `log` releases the lock, also on an error.
            let log = Self { file, locked_by: process::id() };
            // A repair may have replaced the file between its opening and its locking.
            if log.with_file(LockedFile::begin)? {
                return Ok(log);
            }
        }
        Err(replaced())
    }

    /// Calls `read` with the file, which is at its start.
    ///
    /// # Errors
    /// Any error of the file system, and an error when the file is closed.
    pub(in crate::client) fn read<R>(
        &self,
        read: impl FnOnce(&File) -> io::Result<R>,
    ) -> io::Result<R> {
        self.with_file(|locked| {
            locked.log.file.seek(SeekFrom::Start(0))?;
            read(&locked.log.file)
        })
    }

    /// Truncates the file to `length`. Only for a partial last line: if this fails, the next line begins on
    /// a new line.
    pub(in crate::client) fn truncate(&self, length: u64) {
        let _ = self.with_file(|locked| {
            locked.log.file.set_len(length)?;
            locked.length = length;
            Ok(())
        });
    }

    /// Appends a line. After `Ok` the line survives a kill of the process, and in a durable file a power cut.
    ///
    /// # Errors
    /// Any error of the file system, after which the line is removed again. An error when the file is closed,
    /// and when it was deleted, replaced or truncated.
    pub(in crate::client) fn push(&self, line: &str) -> io::Result<()> {
        // Before the mutex, which in a forked child may be a copy that nothing unlocks.
        if self.locked_by != process::id() {
            return Err(io::Error::other("the file belongs to the parent process"));
        }
        self.with_file(|locked| {
            locked.log.append(line, Some(locked.length))?;
            locked.length = locked.log.length()?;
            Ok(())
        })
    }

    /// Closes the file and releases its lock. Does nothing the second time, and nothing in a process that was
    /// forked from the one that locked the file.
    pub(in crate::client) fn close(&self) {
        // In a forked child the mutex may be a copy that a thread of the parent had locked. That thread
        // does not exist in the child, so nothing unlocks the copy.
        if self.locked_by == process::id() {
            release(self.file().take(), self.locked_by);
        }
    }

    fn file(&self) -> MutexGuard<'_, Option<LockedFile>> {
        lock(&self.file)
    }

    fn with_file<R>(&self, work: impl FnOnce(&mut LockedFile) -> io::Result<R>) -> io::Result<R> {
        match &mut *self.file() {
            Some(locked) => work(locked),
            None => Err(io::Error::other("the file is closed")),
        }
    }
}

impl LockedFile {
    /// Writes the first line if the file has none. Returns `false` when the path leads to another file.
    fn begin(&mut self) -> io::Result<bool> {
        if !self.log.is_at_its_path()? {
            return Ok(false);
        }
        if is_locked_by_node(self.log.path()) {
            return Err(locked_by_node());
        }
        match self.log.start()? {
            FileStart::Header => {}
            FileStart::Empty => self.log.write_header(true)?,
            FileStart::PartialHeader => {
                self.log.file.set_len(0)?;
                self.log.write_header(true)?;
            }
        }
        self.length = self.log.length()?;
        Ok(true)
    }
}

impl Drop for ExclusiveLog {
    fn drop(&mut self) {
        release(get_mut(&mut self.file).take(), self.locked_by);
    }
}

/// Releases the lock if this process has locked the file, then closes the file. The lock belongs to the
/// open file and not to the descriptor: a child process that was forked meanwhile has a copy of the
/// descriptor, which would keep the lock until the child ends. For the same
/// reason the child must not release the lock.
fn release(file: Option<LockedFile>, locked_by: u32) {
    if let Some(LockedFile { log, .. }) = file
        && locked_by == process::id()
    {
        // Unlocking fails only on systems without file locks.
        let _ = log.file.unlock();
    }
}

/// Returns the error for a journal with a lock file, which remains if its process was killed on another host.
fn locked_by_node() -> io::Error {
    let message = "a Node process uses the file. Wait for it; if no process uses the file, delete its lock \
                   file, which has the same name with `.lock` at the end.";
    io::Error::new(io::ErrorKind::WouldBlock, message)
}
