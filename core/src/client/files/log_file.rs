//! A file of lines that only grows. It stays valid when the process is killed and when the disk is full:
//! each line is one write, and a line never continues a partial one.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::regular_file::{
    FileIdentity, OpenedFile, open_for_appending, read_byte, read_start, sync_folder,
};
use crate::client::file_format::{FileFormat, FileStart};

/// The writing of a line takes some microseconds. A line that is still partial after these checks is one whose
/// writing failed.
const WRITE_CHECKS: u32 = 20;
const WRITE_CHECK_INTERVAL: Duration = Duration::from_millis(1);

/// An open file to which lines are appended. It has no state besides the file, so threads and forked
/// processes may share it.
#[derive(Debug)]
pub(super) struct LogFile {
    pub(super) file: File,
    path: PathBuf,
    identity: FileIdentity,
    format: &'static FileFormat,
    /// Whether each line is on the disk before it counts as appended.
    is_durable: bool,
}

impl LogFile {
    /// Opens or creates a file, whose format is not known yet. Never waits.
    ///
    /// # Errors
    /// `InvalidInput` when it is not a regular file, and any error of the file system.
    pub(super) fn open(
        path: &Path,
        format: &'static FileFormat,
        is_durable: bool,
    ) -> io::Result<Self> {
        // A later change of the working directory must not change the file.
        let path = std::path::absolute(path)?;
        let OpenedFile { file, identity } = open_for_appending(&path)?;
        if is_durable {
            // Also for an existing file: the run that created it may not have been durable.
            sync_folder(&path)?;
        }
        Ok(Self { file, path, identity, format, is_durable })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the length in bytes.
    ///
    /// # Errors
    /// Any error of the file system.
    pub(super) fn length(&self) -> io::Result<u64> {
        self.file.metadata().map(|metadata| metadata.len())
    }

    /// Returns whether the path of the file still leads to it.
    ///
    /// # Errors
    /// Any error of the file system, except that the path leads to nothing.
    pub(super) fn is_at_its_path(&self) -> io::Result<bool> {
        self.identity.is_at(&self.path)
    }

    /// Returns whether the file has its first line.
    ///
    /// # Errors
    /// `InvalidData` when the file has another format, and any error of the file system.
    pub(super) fn start(&self) -> io::Result<FileStart> {
        let start = read_start(&self.file)?;
        self.format
            .recognize(&start)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))
    }

    /// Writes the first line of an empty file. `is_locked` is whether no other process can write to it
    /// meanwhile, so that a failed write can be undone.
    ///
    /// # Errors
    /// Any error of the file system.
    pub(super) fn write_header(&self, is_locked: bool) -> io::Result<()> {
        let line = format!("{}\n", self.format.header());
        self.write(line.as_bytes(), is_locked.then_some(0))
    }

    /// Appends a line. After `Ok` the operating system has the line, so the line is not lost when the
    /// process is killed. A durable file has it on the disk, so it is not lost in a power cut either.
    ///
    /// `min_length` is the length after the last append to a file that no other process writes to. Such a
    /// file must not become shorter, and a failed write is undone.
    ///
    /// # Errors
    /// Any error of the file system. An error when the file was deleted, replaced or truncated.
    pub(super) fn append(&self, line: &str, min_length: Option<u64>) -> io::Result<()> {
        let length = self.length()?;
        if min_length.is_some_and(|min_length| length < min_length) {
            return Err(io::Error::other("the file was truncated while it was in use"));
        }
        let mut text = String::with_capacity(line.len() + 2);
        if length == 0 {
            // A shared file was emptied, for example by a log rotation.
            text.push_str(self.format.header());
            text.push('\n');
        } else if self.ends_within_a_line(length, min_length.is_none())? {
            text.push('\n');
        }
        text.push_str(line);
        text.push('\n');
        self.write(text.as_bytes(), min_length.map(|_| length))?;
        // After the write, so that no line counts that went into a deleted file.
        if self.is_at_its_path()? { Ok(()) } else { Err(replaced()) }
    }

    /// Returns whether the last line of a file of `length` bytes is partial. In a shared file another process may
    /// just be writing it, so the answer waits for at most `WRITE_CHECKS * WRITE_CHECK_INTERVAL`.
    fn ends_within_a_line(&self, mut length: u64, is_shared: bool) -> io::Result<bool> {
        let mut checks = if is_shared { WRITE_CHECKS } else { 0 };
        while read_byte(&self.file, length.saturating_sub(1))? != Some(b'\n') {
            if checks == 0 {
                return Ok(true);
            }
            checks -= 1;
            thread::sleep(WRITE_CHECK_INTERVAL);
            length = self.length()?;
        }
        Ok(false)
    }

    /// Writes bytes to the end of the file. After a failure the file gets the length `undo`, if any.
    fn write(&self, bytes: &[u8], undo: Option<u64>) -> io::Result<()> {
        // A single write to a file opened for appending does not mix with the writes of other processes.
        let written = (&self.file)
            .write_all(bytes)
            .and_then(|()| if self.is_durable { self.file.sync_data() } else { Ok(()) });
        if written.is_err()
            && let Some(length) = undo
        {
            // If this fails as well, the next line begins on a new line.
            let _ = self.file.set_len(length);
        }
        written
    }
}

/// Returns the error for a file that another process uses.
pub(super) fn in_use() -> io::Error {
    let message = "another process uses the file. Wait for it, or use another file.";
    io::Error::new(io::ErrorKind::WouldBlock, message)
}

/// Returns the error for a path that no longer leads to the open file.
pub(super) fn replaced() -> io::Error {
    io::Error::other("the file was deleted or replaced while it was in use")
}
