//! Audit records, which describe each call without its data, and the sinks that store them.

use std::collections::VecDeque;
#[cfg(not(target_arch = "wasm32"))]
use std::io;
#[cfg(not(target_arch = "wasm32"))]
use std::path::Path;
use std::sync::Mutex;

use serde::Serialize;

#[cfg(not(target_arch = "wasm32"))]
use super::file_format::AUDIT;
#[cfg(not(target_arch = "wasm32"))]
use super::files::SharedLog;
use super::transport::{MaybeSend, MaybeSync};
use crate::sync::lock;

/// The record of one call. It contains no values of variables. Session and dialog ids are hashed, except
/// with [`log_raw_session_ids`](super::ClientBuilder::log_raw_session_ids).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditRecord {
    /// The time at which the call ended, in RFC 3339.
    pub timestamp: String,
    /// The operation, for example `inject`.
    pub operation: &'static str,
    /// How the call ended.
    pub status: AuditStatus,
    /// The SHA-256 of the id of the session or dialog, or the id itself with
    /// [`log_raw_session_ids`](super::ClientBuilder::log_raw_session_ids). `None` when the operation
    /// concerns neither.
    pub session: Option<String>,
    /// The number of variables that the call sends or has read; 0 for a rejected call.
    pub variable_count: u64,
    /// The duration of the call in milliseconds, waits included; 0 for a rejected call.
    pub latency_ms: f64,
    /// Further details.
    pub details: AuditDetails,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditStatus {
    /// The call succeeded.
    Success,
    /// The call was attempted and failed.
    Failure,
    /// The data was rejected, and nothing was sent.
    Refused,
    /// The caller cancelled the call.
    Cancelled,
}

/// Further details of a call.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AuditDetails {
    /// The number of requests that were sent, without those for tokens.
    pub attempts: u32,
    /// The HTTP status of the response to the last request; `None` without a response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// The kind of error: the name of an [`ApiErrorKind`](crate::ApiErrorKind), `validation` or
    /// `configuration`; `None` without an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'static str>,
    /// The platform's trace id of the failed request, if the response contained one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The SHA-256 of the canonical payload (RFC 8785), for updates of a dialog's state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload_sha256: Option<String>,
    /// A summary of the result, for updates of a dialog's state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_summary: Option<String>,
}

/// Stores audit records. The client calls it at the end of each call, so it must be fast.
pub trait AuditSink: MaybeSend + MaybeSync {
    /// Stores one record.
    ///
    /// # Errors
    /// A message, when the record cannot be stored. The client logs it; the call's result stays the
    /// same.
    fn record(&self, record: &AuditRecord) -> Result<(), String>;
}

/// Uses any function with a record as its argument as a sink that never fails.
impl<F: Fn(&AuditRecord) + MaybeSend + MaybeSync> AuditSink for F {
    fn record(&self, record: &AuditRecord) -> Result<(), String> {
        self(record);
        Ok(())
    }
}

/// Appends audit records to a file in JSON Lines format: one record per line. Several processes may write
/// to the same file. Only its owner can read a new file.
///
/// The first line is not a record; it names the format: `{"format":"cognigy-context audit","version":1}`. A
/// reader skips lines without `operation`, for example with `jq 'select(.operation)'`.
///
/// A record survives a kill of the process. It survives a power cut or a crash of the operating system only
/// in a [durable](Self::open_durable) file. After a failed write, for example to a full disk, the next record
/// begins on a new line, so a partial line may remain. If the file is deleted or replaced, recording fails,
/// which the client logs; a log rotation must truncate the file instead (`copytruncate`).
///
/// ```no_run
/// use cognigy_context::client::JsonLinesAudit;
///
/// let audit = JsonLinesAudit::open("audit.jsonl")?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug)]
pub struct JsonLinesAudit(SharedLog);

#[cfg(not(target_arch = "wasm32"))]
impl JsonLinesAudit {
    /// Opens or creates the file. Waits at most 0.25 s, for another process that creates the file.
    ///
    /// # Errors
    /// `InvalidData` when the file is not an audit file, or one of another version; `InvalidInput` when it
    /// is not a regular file; and any error of the file system. After an error the file is unchanged.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        SharedLog::open(path.as_ref(), &AUDIT, false).map(Self)
    }

    /// Opens the file as [`open`](Self::open) does. Each record is on the disk before the call that it
    /// describes returns, so it survives a power cut. This takes the time of an `fsync` for each call, which
    /// may be several milliseconds.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_durable(path: impl AsRef<Path>) -> io::Result<Self> {
        SharedLog::open(path.as_ref(), &AUDIT, true).map(Self)
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl AuditSink for JsonLinesAudit {
    fn record(&self, record: &AuditRecord) -> Result<(), String> {
        let line = serde_json::to_string(record).map_err(|error| error.to_string())?;
        self.0.push(&line).map_err(|error| error.to_string())
    }
}

/// The newest records, in memory: at most `capacity`.
#[derive(Debug)]
pub(super) struct AuditBuffer {
    records: Mutex<VecDeque<AuditRecord>>,
    capacity: usize,
}

impl AuditBuffer {
    pub(super) fn new(capacity: usize) -> Self {
        Self { records: Mutex::default(), capacity }
    }

    /// Adds a record, and evicts the oldest one when the buffer is full. A buffer of capacity 0 stores
    /// nothing.
    pub(super) fn push(&self, record: AuditRecord) {
        if self.capacity == 0 {
            return;
        }
        let mut records = lock(&self.records);
        while records.len() >= self.capacity {
            records.pop_front();
        }
        records.push_back(record);
    }

    /// Returns the newest `count` records for which `is_included` returns `true`, oldest first.
    pub(super) fn newest(
        &self,
        count: usize,
        is_included: impl Fn(&AuditRecord) -> bool,
    ) -> Vec<AuditRecord> {
        let records = lock(&self.records);
        let included = records.iter().rev().filter(|record| is_included(record));
        let mut newest: Vec<AuditRecord> = included.take(count).cloned().collect();
        newest.reverse();
        newest
    }
}
