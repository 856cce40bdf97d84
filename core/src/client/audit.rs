//! Records of what was done, without what was in it, and where they go.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::transport::{MaybeSend, MaybeSync};

/// What came of one operation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditRecord {
    /// When it ended, as RFC 3339 text.
    pub timestamp: String,
    /// Which operation, for example `inject`.
    pub operation: &'static str,
    /// What came of it.
    pub status: AuditStatus,
    /// The SHA-256 of the session's or dialog's id; the id itself where the client was told so.
    pub session: Option<String>,
    /// How many variables were sent or read.
    pub variable_count: u64,
    /// Milliseconds from its beginning to its end, waits included.
    pub latency_ms: f64,
    /// More of it.
    pub details: AuditDetails,
}

/// What came of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditStatus {
    /// It succeeded.
    Success,
    /// It was sent, or tried to be, and failed.
    ApiError,
    /// Its data was refused, and nothing was sent.
    Refused,
    /// Its caller gave it up.
    Cancelled,
}

/// More of an operation.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AuditDetails {
    /// How many requests were sent for it.
    pub attempts: u32,
    /// The status of the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// The kind of error: the name of a [`ApiErrorKind`](crate::ApiErrorKind), or `validation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'static str>,
    /// The platform's trace id of the failed request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The SHA-256 of the canonical payload (RFC 8785), for updates of a dialog's state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload_sha256: Option<String>,
    /// What it came to in a few words, for updates of a dialog's state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_summary: Option<String>,
}

/// Takes records. It is called at the end of each operation, so it must be quick.
pub trait AuditSink: MaybeSend + MaybeSync {
    /// Takes one record.
    ///
    /// # Errors
    /// In words, when it cannot be kept. The error is logged, and the operation is what it was.
    fn record(&self, record: &AuditRecord) -> Result<(), String>;
}

/// Any function of a record is a sink.
impl<F: Fn(&AuditRecord) + MaybeSend + MaybeSync> AuditSink for F {
    fn record(&self, record: &AuditRecord) -> Result<(), String> {
        self(record);
        Ok(())
    }
}

/// The newest records, in memory.
#[derive(Debug)]
pub(super) struct Ring {
    records: Mutex<VecDeque<AuditRecord>>,
    capacity: usize,
}

impl Ring {
    pub(super) fn new(capacity: usize) -> Self {
        Self { records: Mutex::default(), capacity }
    }

    pub(super) fn push(&self, record: AuditRecord) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if self.capacity == 0 {
            return;
        }
        while records.len() >= self.capacity {
            records.pop_front();
        }
        records.push_back(record);
    }

    /// The newest `count` for which `is_wanted`, oldest first.
    pub(super) fn last(
        &self,
        count: usize,
        is_wanted: impl Fn(&AuditRecord) -> bool,
    ) -> Vec<AuditRecord> {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let mut last: Vec<AuditRecord> =
            records.iter().rev().filter(|record| is_wanted(record)).take(count).cloned().collect();
        last.reverse();
        last
    }
}
