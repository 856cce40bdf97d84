//! Regular files: opened without waiting, created for the owner only, and compared with their path.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::client::file_format::FILE_START_BYTES;

/// A file that was opened for reading and appending.
#[derive(Debug)]
pub(super) struct OpenedFile {
    pub(super) file: File,
    pub(super) identity: FileIdentity,
}

/// Opens a regular file for reading and appending, or creates one that only its owner can read. Never
/// waits, also not for the other end of a FIFO.
///
/// # Errors
/// `InvalidInput` for anything but a regular file, and any error of the file system.
pub(super) fn open_for_appending(path: &Path) -> io::Result<OpenedFile> {
    require_regular_path(path)?;
    let mut options = options();
    options.append(true);
    let file = match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => options.create(true).open(path)?,
        opened => opened?,
    };
    let metadata = require_regular(&file)?;
    Ok(OpenedFile { file, identity: FileIdentity::of(&metadata) })
}

/// Opens a regular file for reading. Never waits.
///
/// # Errors
/// As [`open_for_appending`], and `NotFound` when the file does not exist.
pub(in crate::client) fn open_for_reading(path: &Path) -> io::Result<File> {
    require_regular_path(path)?;
    let file = options().open(path)?;
    require_regular(&file)?;
    Ok(file)
}

/// Creates a file that only its owner can read.
///
/// # Errors
/// `AlreadyExists` when the file exists, and any other error of the file system.
fn create_new(path: &Path) -> io::Result<File> {
    options().write(true).create_new(true).open(path)
}

/// Replaces a file: `write` writes a new file next to it, which then takes its place. After an error the
/// file is either unchanged or replaced completely.
///
/// # Errors
/// `AlreadyExists` when the new file exists already, any error of `write` and of the file system.
pub(in crate::client) fn replace_file(
    path: &Path,
    new_path: &Path,
    write: impl FnOnce(&File) -> io::Result<()>,
) -> io::Result<()> {
    let file = create_new(new_path).map_err(|error| match error.kind() {
        kind @ io::ErrorKind::AlreadyExists => {
            let name = new_path.file_name().unwrap_or_default().display();
            io::Error::new(kind, format!("{name} exists. Move it away, and try again."))
        }
        _ => error,
    })?;
    let replaced = write(&file)
        // Otherwise a power cut could leave the new name with the data of neither file.
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(new_path, path));
    if replaced.is_err() {
        // The first error is the one that matters.
        let _ = fs::remove_file(new_path);
    }
    replaced?;
    sync_folder(path)
}

/// Waits until the name of a file is on the disk. Does nothing on systems without this function.
///
/// # Errors
/// Any error of the file system.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix)
        && let Some(folder) = path.parent()
    {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Returns the first bytes of a file, as many as [`FileFormat::recognize`] needs.
///
/// # Errors
/// Any error of the file system.
///
/// [`FileFormat::recognize`]: crate::client::file_format::FileFormat::recognize
pub(in crate::client) fn read_start(mut file: &File) -> io::Result<Vec<u8>> {
    let mut start = Vec::with_capacity(FILE_START_BYTES);
    file.seek(SeekFrom::Start(0))?;
    file.take(FILE_START_BYTES as u64).read_to_end(&mut start)?;
    Ok(start)
}

/// Returns the byte at an offset, `None` behind the end. Threads that share the file do not disturb each other.
///
/// # Errors
/// Any error of the file system.
pub(super) fn read_byte(file: &File, offset: u64) -> io::Result<Option<u8>> {
    let mut byte = [0];
    #[cfg(unix)]
    let count = std::os::unix::fs::FileExt::read_at(file, &mut byte, offset)?;
    #[cfg(windows)]
    let count = std::os::windows::fs::FileExt::seek_read(file, &mut byte, offset)?;
    #[cfg(not(any(unix, windows)))]
    let count = {
        let mut file = file;
        file.seek(SeekFrom::Start(offset))?;
        file.read(&mut byte)?
    };
    Ok(byte.first().copied().filter(|_| count > 0))
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        use rustix::fs::OFlags;

        // Without `NONBLOCK` a FIFO waits for its other end. A terminal must not become the
        // controlling terminal.
        let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
        options.mode(0o600).custom_flags(i32::try_from(flags).unwrap_or_default());
    }
    options
}

/// Rejects a path to anything but a regular file before it is opened, because opening a device may
/// have effects. A path to nothing is accepted.
fn require_regular_path(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => Err(not_regular()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn require_regular(file: &File) -> io::Result<Metadata> {
    let metadata = file.metadata()?;
    if metadata.is_file() { Ok(metadata) } else { Err(not_regular()) }
}

fn not_regular() -> io::Error {
    let message = "the path is not a regular file. Use the path of a file.";
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

/// Which file a path leads to. On systems without inodes, all files are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileIdentity {
    #[cfg(unix)]
    device: u64,
    #[cfg(unix)]
    inode: u64,
}

impl FileIdentity {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;

        Self { device: metadata.dev(), inode: metadata.ino() }
    }

    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Self {
        Self {}
    }

    /// Returns whether a path still leads to this file.
    ///
    /// # Errors
    /// Any error of the file system, except that the path leads to nothing.
    pub(super) fn is_at(self, path: &Path) -> io::Result<bool> {
        match fs::metadata(path) {
            Ok(metadata) => Ok(Self::of(&metadata) == self),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}
