//! The lock of a journal that Node uses. Node cannot lock a file itself, so it creates the file
//! `<journal>.lock` with the line `<process id> <start of the process> <host name>` and removes it afterwards.
//! `bindings-wasm/ts/client/journal-lock.ts` writes and removes lock files; this module only reads them.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::regular_file::open_for_reading;

/// More bytes than any lock file has.
const MAX_LOCK_BYTES: u64 = 1_024;

/// Returns whether a process of Node uses a journal.
///
/// A lock file of a process that has ended is ignored. The process is known to have ended only if it ran on this
/// host; any other lock file counts.
pub(super) fn is_locked_by_node(path: &Path) -> bool {
    // A symbolic link and its file have one lock file.
    let lock_path = lock_path(&std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()));
    if !lock_path.exists() {
        return false;
    }
    let mut text = String::new();
    let is_read = open_for_reading(&lock_path)
        .and_then(|file| file.take(MAX_LOCK_BYTES).read_to_string(&mut text));
    is_read.is_err() || !has_ended(&text)
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".lock");
    PathBuf::from(name)
}

/// Returns whether the process of a lock file certainly has ended.
fn has_ended(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let (Some(process), Some(start), Some(host)) = (words.next(), words.next(), words.next())
    else {
        return false;
    };
    let Ok(process) = process.parse::<u32>() else { return false };
    host_name().is_some_and(|name| name == host) && !is_running(process, start)
}

#[cfg(unix)]
fn host_name() -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().map(str::to_owned)
}

#[cfg(not(unix))]
fn host_name() -> Option<String> {
    None
}

/// Returns whether the process runs. A process that started at another time is another process.
#[cfg(unix)]
fn is_running(process: u32, start: &str) -> bool {
    use rustix::process::{Pid, test_kill_process};

    let Some(id) = i32::try_from(process).ok().and_then(Pid::from_raw) else { return false };
    if test_kill_process(id) == Err(rustix::io::Errno::SRCH) {
        return false;
    }
    start_of(process).is_none_or(|actual| actual == start)
}

#[cfg(not(unix))]
fn is_running(_: u32, _: &str) -> bool {
    true
}

/// Returns the start of a process in clock ticks since the start of the system, as Linux states it; `None` on
/// other systems.
#[cfg(unix)]
fn start_of(process: u32) -> Option<String> {
    /// The position of the start time behind the name of the process, which may contain spaces.
    const START_FIELD: usize = 19;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(START_FIELD).map(str::to_owned)
}
