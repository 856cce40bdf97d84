//! A file of lines that several processes may append to.

use std::fs::TryLockError;
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::log_file::{LogFile, in_use};
use crate::client::file_format::{FileFormat, FileStart};

/// A file of lines that several threads and processes may append to.
#[derive(Debug)]
pub(in crate::client) struct SharedLog(LogFile);

/// The file is locked only while its first line is written. Its opening waits for this at most
/// `LOCK_ATTEMPTS * LOCK_INTERVAL`, because any program that can read the file can lock it for any time.
const LOCK_ATTEMPTS: u32 = 25;
const LOCK_INTERVAL: Duration = Duration::from_millis(10);

impl SharedLog {
    /// Opens or creates a file. Waits at most 0.25 s.
    ///
    /// # Errors
    /// `InvalidData` when the file has another format, `InvalidInput` when it is not a regular file, and
    /// any error of the file system. After an error an existing file is unchanged.
    pub(in crate::client) fn open(
        path: &Path,
        format: &'static FileFormat,
        is_durable: bool,
    ) -> io::Result<Self> {
        let log = LogFile::open(path, format, is_durable)?;
        if log.start()? != FileStart::Header {
            let is_locked = try_lock_for_a_moment(&log);
            let result = begin(&log, is_locked);
            if is_locked {
                log.file.unlock()?;
            }
            result?;
        }
        Ok(Self(log))
    }

    /// Appends a line. After `Ok` the line survives a kill of the process, and in a durable file a power cut.
    ///
    /// # Errors
    /// Any error of the file system, after which a part of the line may remain; the next line begins on a
    /// new line. An error when the file was deleted or replaced.
    pub(in crate::client) fn push(&self, line: &str) -> io::Result<()> {
        self.0.append(line, None)
    }
}

/// Locks a file if it can be locked within [`LOCK_ATTEMPTS`]. Returns whether it is locked.
fn try_lock_for_a_moment(log: &LogFile) -> bool {
    for _ in 0..LOCK_ATTEMPTS {
        match log.file.try_lock() {
            Ok(()) => return true,
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_INTERVAL),
            // The file system has no locks.
            Err(TryLockError::Error(_)) => return false,
        }
    }
    false
}

/// Writes the first line if the file has none.
fn begin(log: &LogFile, is_locked: bool) -> io::Result<()> {
    match log.start()? {
        // Another process has written it meanwhile.
        FileStart::Header => return Ok(()),
        // Without the lock another process may be writing the rest.
        FileStart::PartialHeader if !is_locked => return Err(in_use()),
        FileStart::PartialHeader => log.file.set_len(0)?,
        // Without the lock two processes may write the line. Readers ignore the second one.
        FileStart::Empty => {}
    }
    log.write_header(is_locked)
}
