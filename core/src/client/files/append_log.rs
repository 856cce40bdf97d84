//! A file of lines that only grows. It stays valid when the process is killed and when the disk is full:
//! each line is one write, a failed write is undone, and a line never continues a partial one.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;
use std::{process, thread};

use super::lock_file::is_locked_by_node;
use super::regular_file::{FileIdentity, OpenedFile, open_for_appending, read_start, sync_folder};
use crate::client::file_format::{FileFormat, FileStart};
use crate::sync::{get_mut, lock};

/// A file to which lines are appended.
#[derive(Debug)]
pub(in crate::client) struct AppendLog {
    path: PathBuf,
    identity: FileIdentity,
    format: &'static FileFormat,
    /// Whether each line is on the disk before it counts as appended.
    is_durable: bool,
    /// `None` once the file is closed.
    file: Mutex<Option<LockedFile>>,
    /// The id of the process that locked the file; `None` for a shared file.
    locked_by: Option<u32>,
}

#[derive(Debug)]
struct LockedFile {
    file: File,
    /// The length after the last append. Only a locked file cannot become shorter.
    length: u64,
}

/// A shared file is locked only while its first line is written. Its opening waits for this at most
/// `LOCK_ATTEMPTS * LOCK_INTERVAL`, because any program that can read the file can lock it for any time.
const LOCK_ATTEMPTS: u32 = 25;
const LOCK_INTERVAL: Duration = Duration::from_millis(10);

/// The number of times that the opening of a file is repeated when the file is replaced meanwhile.
const OPEN_ATTEMPTS: u32 = 5;

impl AppendLog {
    /// Opens or creates a file that several processes may append to. Waits at most 0.25 s.
    ///
    /// # Errors
    /// `InvalidData` when the file has another format, `InvalidInput` when it is not a regular file, and
    /// any error of the file system.
    pub(in crate::client) fn open_shared(
        path: &Path,
        format: &'static FileFormat,
        is_durable: bool,
    ) -> io::Result<Self> {
        let path = std::path::absolute(path)?;
        let opened = open_for_appending(&path)?;
        if recognize(&opened.file, format)? != FileStart::Header {
            let is_locked = try_lock_for_a_moment(&opened.file);
            let result = begin(&opened.file, format, is_locked);
            if is_locked {
                opened.file.unlock()?;
            }
            result?;
        }
        Self::new(path, opened, format, is_durable, None)
    }

    /// Opens or creates a file and locks it for this process while it is open. Never waits.
    ///
    /// # Errors
    /// `WouldBlock` when another process has locked the file, and the errors of
    /// [`open_shared`](Self::open_shared).
    pub(in crate::client) fn open_exclusive(
        path: &Path,
        format: &'static FileFormat,
        is_durable: bool,
    ) -> io::Result<Self> {
        let path = std::path::absolute(path)?;
        for _ in 0..OPEN_ATTEMPTS {
            let opened = open_for_appending(&path)?;
            opened.file.try_lock().map_err(|error| match error {
                TryLockError::WouldBlock => in_use(),
                TryLockError::Error(error) => error,
            })?;
            // From here on dropping `log` releases the lock, also on an error.
            let log = Self::new(path.clone(), opened, format, is_durable, Some(process::id()))?;
            // A repair may have replaced the file between its opening and its locking.
            if !log.identity.is_at(&log.path)? {
                continue;
            }
            if is_locked_by_node(&log.path) {
                return Err(in_use());
            }
            log.with_file(|locked| {
                if recognize(&locked.file, format)? != FileStart::Header {
                    begin(&locked.file, format, true)?;
                    if is_durable {
                        locked.file.sync_data()?;
                    }
                }
                locked.length = locked.file.metadata()?.len();
                Ok(())
            })?;
            return Ok(log);
        }
        Err(replaced())
    }

    fn new(
        path: PathBuf,
        opened: OpenedFile,
        format: &'static FileFormat,
        is_durable: bool,
        locked_by: Option<u32>,
    ) -> io::Result<Self> {
        let OpenedFile { file, identity, is_new } = opened;
        // Owned before anything can fail, so that an error releases the lock.
        let file = Mutex::new(Some(LockedFile { file, length: 0 }));
        let log = Self { path, identity, format, is_durable, file, locked_by };
        if is_durable && is_new {
            sync_folder(&log.path)?;
        }
        Ok(log)
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
            locked.file.seek(SeekFrom::Start(0))?;
            read(&locked.file)
        })
    }

    /// Truncates a locked file to `length`. Only for a partial last line: if this fails, the next line
    /// begins on a new line.
    pub(in crate::client) fn truncate(&self, length: u64) {
        let _ = self.with_file(|locked| {
            locked.file.set_len(length)?;
            locked.length = length;
            Ok(())
        });
    }

    /// Appends a line. After `Ok` the operating system has the line, so the line is not lost when the
    /// process is killed. A durable file has it on the disk, so it is not lost in a power cut either.
    ///
    /// # Errors
    /// Any error of the file system, after which the line is removed again from a locked file. An error
    /// when the file is closed, and when it was deleted, replaced or truncated.
    pub(in crate::client) fn push(&self, line: &str) -> io::Result<()> {
        // Before the mutex, which in a forked child may be a copy that nothing unlocks.
        if self.locked_by.is_some_and(|process| process != process::id()) {
            return Err(io::Error::other("the file belongs to the parent process"));
        }
        self.with_file(|locked| {
            let is_exclusive = self.locked_by.is_some();
            let length = locked.file.metadata()?.len();
            if is_exclusive && length < locked.length {
                return Err(io::Error::other("the file was truncated while it was in use"));
            }
            let mut text = String::with_capacity(line.len() + 2);
            if length == 0 {
                // A shared file was emptied, for example by a log rotation.
                text.push_str(self.format.header());
                text.push('\n');
            } else if !ends_with_line_break(&locked.file, length)? {
                text.push('\n');
            }
            text.push_str(line);
            text.push('\n');
            // A single write to a file opened for appending does not mix with the writes of other processes.
            if let Err(error) = locked.file.write_all(text.as_bytes()) {
                // Another process may have appended to a shared file meanwhile. There, and when this
                // fails as well, the next line begins on a new line.
                if is_exclusive {
                    let _ = locked.file.set_len(length);
                }
                return Err(error);
            }
            locked.length = length.saturating_add(text.len() as u64);
            if self.is_durable {
                locked.file.sync_data()?;
            }
            // After the write, so that no line counts that went into a deleted file.
            if self.identity.is_at(&self.path)? { Ok(()) } else { Err(replaced()) }
        })
    }

    /// Closes the file and releases its lock, if any. Does nothing the second time, and nothing in a
    /// process that was forked from the one that locked the file.
    pub(in crate::client) fn close(&self) {
        // In a forked child the mutex may be a copy that a thread of the parent had locked. That thread
        // does not exist in the child, so nothing unlocks the copy.
        if self.locked_by.is_none_or(|process| process == process::id()) {
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

impl Drop for AppendLog {
    fn drop(&mut self) {
        release(get_mut(&mut self.file).take(), self.locked_by);
    }
}

/// Releases the lock if this process has locked the file, then closes the file. The lock belongs to the
/// open file and not to the descriptor: a child process that was forked meanwhile has a copy of the
/// descriptor, which would keep the lock until the child ends. For the same
/// reason the child must not release the lock.
fn release(file: Option<LockedFile>, locked_by: Option<u32>) {
    if let Some(LockedFile { file, .. }) = file
        && locked_by == Some(process::id())
    {
        // Unlocking fails only on systems without file locks.
        let _ = file.unlock();
    }
}

fn recognize(file: &File, format: &FileFormat) -> io::Result<FileStart> {
    let start = read_start(file)?;
    format
        .recognize(&start)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))
}

/// Locks a file if it can be locked within [`LOCK_ATTEMPTS`]. Returns whether it is locked.
fn try_lock_for_a_moment(file: &File) -> bool {
    for _ in 0..LOCK_ATTEMPTS {
        match file.try_lock() {
            Ok(()) => return true,
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_INTERVAL),
            // The file system has no locks.
            Err(TryLockError::Error(_)) => return false,
        }
    }
    false
}

/// Writes the first line if the file has none.
fn begin(mut file: &File, format: &FileFormat, is_locked: bool) -> io::Result<()> {
    match recognize(file, format)? {
        // Another process has written it meanwhile.
        FileStart::Header => return Ok(()),
        // Without the lock another process may be writing the rest.
        FileStart::PartialHeader if !is_locked => return Err(in_use()),
        FileStart::PartialHeader => file.set_len(0)?,
        // Without the lock two processes may write the line. Readers ignore the second one.
        FileStart::Empty => {}
    }
    let line = format!("{}\n", format.header());
    let written = file.write_all(line.as_bytes());
    if written.is_err() && is_locked {
        // Otherwise the partial line would remain, which the next opening removes.
        let _ = file.set_len(0);
    }
    written
}

fn ends_with_line_break(mut file: &File, length: u64) -> io::Result<bool> {
    let mut last = [0];
    file.seek(SeekFrom::Start(length.saturating_sub(1)))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

fn in_use() -> io::Error {
    let message = "another process uses the file. Wait for it, or use another file.";
    io::Error::new(io::ErrorKind::WouldBlock, message)
}

fn replaced() -> io::Error {
    io::Error::other("the file was deleted or replaced while it was in use")
}
