//! Files of lines that survive a kill: each line is written in one piece, and one that was torn all
//! the same is taken away when the file is opened again.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::audit::{AuditRecord, AuditSink};

/// A file that lines are added to.
#[derive(Debug)]
pub(super) struct Lines(Mutex<File>);

impl Lines {
    /// Opens or makes the file, and takes a torn last line away.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        file.lock()?;
        let mended = mend(&file);
        file.unlock()?;
        mended.map(|()| Self(Mutex::new(file)))
    }

    /// The same for a file that one process alone may write to while it is open.
    pub(super) fn open_alone(path: &Path) -> io::Result<(Self, File)> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        file.try_lock()?;
        mend(&file)?;
        let reader = File::open(path)?;
        Ok((Self(Mutex::new(file)), reader))
    }

    /// Adds a line. It is with the system when this returns, so that a kill cannot take it away.
    pub(super) fn push(&self, line: &str) -> io::Result<()> {
        let mut text = String::with_capacity(line.len() + 1);
        text.push_str(line);
        text.push('\n');
        // One write to a file opened for appending: no other process can write in between.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(text.as_bytes())
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
