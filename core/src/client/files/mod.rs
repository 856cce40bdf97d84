//! Files of lines that are only appended to: journals and audit files.
//!
//! ```text
//!  append_log      appends lines, undoes failed writes, holds the lock
//!       ├──▶ regular_file   opens a regular file without waiting, and compares it with its path
//!       └──▶ lock_file      the lock of a journal that Node uses
//! ```

mod append_log;
mod lock_file;
mod regular_file;

pub(super) use append_log::AppendLog;
pub(super) use regular_file::{open_for_reading, read_start, replace_file};
