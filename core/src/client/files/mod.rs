//! Files of lines that are only appended to: journals and audit files.
//!
//! ```text
//!  exclusive_log: one process      shared_log: any number of processes
//!       │      └─────────┬──────────────┘
//!       │          log_file       appends lines, undoes failed writes
//!       ▼                ▼
//!  lock_file: Node's   regular_file   opens a file without waiting, compares it with its path
//! ```

mod exclusive_log;
mod lock_file;
mod log_file;
mod regular_file;
mod shared_log;

pub(super) use exclusive_log::ExclusiveLog;
pub(super) use regular_file::{open_for_reading, read_start, replace_file};
pub(super) use shared_log::SharedLog;
