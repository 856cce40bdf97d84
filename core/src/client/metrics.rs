//! Metrics: counts and latencies of a client's calls since it was created.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::sync::lock;

/// The metrics of a client's injections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Metrics {
    /// The number of injections, rejected and cancelled ones included.
    pub total_injections: u64,
    /// The number of injections that succeeded.
    pub success_count: u64,
    /// The number of injections that failed, were rejected or were cancelled.
    pub failure_count: u64,
    /// The percentage of injections that succeeded, 0 to 100; 0 before the first injection.
    pub success_rate_percent: f64,
    /// The mean latency in milliseconds, waits included, of all injections except rejected ones; 0 before
    /// the first.
    pub average_latency_ms: f64,
    /// The median latency of the same injections in milliseconds.
    pub p50_latency_ms: f64,
    /// The 95th percentile of the latency of the same injections in milliseconds.
    pub p95_latency_ms: f64,
    /// The 99th percentile of the latency of the same injections in milliseconds.
    pub p99_latency_ms: f64,
    /// The number of webhook deliveries that were dropped: because the queue was full (1,000 deliveries or 64 MiB),
    /// or because they were still queued or in flight when the client was closed or dropped, or the host's runtime
    /// ended.
    pub dropped_notices: u64,
}

/// The metrics of a client's updates of dialog states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct StateMetrics {
    /// The share of updates that succeeded, 0 to 1; 0 before the first update.
    pub persistence_rate: f64,
    /// The mean latency in seconds of all updates except rejected ones; 0 before the first.
    pub average_latency: f64,
}

/// The metrics of a client's reads of variables.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RetrievalMetrics {
    /// The mean latency in seconds of the last 10 reads that succeeded; 0 before the first.
    pub avg_latency: f64,
    /// The total number of variables in all reads that succeeded.
    pub total_retrieved: u64,
    /// The audit records of the last 5 reads, failed ones included, oldest first.
    pub audit_trail: Vec<super::AuditRecord>,
}

/// The number of reads over which the latency is averaged.
const RECENT_READS: usize = 10;

/// The maximum latency that the histogram records: one day.
const MAX_LATENCY_MICROS: u64 = 24 * 60 * 60 * 1_000_000;

/// Counts calls and their latencies.
#[derive(Debug)]
pub(super) struct MetricsRecorder(Mutex<State>);

#[derive(Debug)]
struct State {
    injections: OperationTotals,
    /// The latencies in microseconds.
    injection_latencies: Option<Histogram<u64>>,
    state_updates: OperationTotals,
    /// The latencies of the last reads in seconds.
    recent_reads: VecDeque<f64>,
    variables_read: u64,
}

#[derive(Debug, Default)]
struct OperationTotals {
    successes: u64,
    failures: u64,
    /// The number of operations that were not rejected, and the sum of their latencies.
    sent_count: u64,
    total_latency_ms: f64,
}

impl OperationTotals {
    fn add(&mut self, is_success: bool, latency_ms: Option<f64>) {
        if is_success {
            self.successes += 1;
        } else {
            self.failures += 1;
        }
        if let Some(latency_ms) = latency_ms {
            self.sent_count += 1;
            self.total_latency_ms += latency_ms;
        }
    }

    fn total(&self) -> u64 {
        self.successes + self.failures
    }

    fn average_ms(&self) -> f64 {
        ratio(self.total_latency_ms, self.sent_count)
    }
}

fn ratio(part: f64, total: u64) -> f64 {
    if total == 0 { 0.0 } else { part / total as f64 }
}

impl MetricsRecorder {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State {
            injections: OperationTotals::default(),
            // A precision of three digits, which the histogram accepts, so there is no error.
            injection_latencies: Histogram::new(3).ok(),
            state_updates: OperationTotals::default(),
            recent_reads: VecDeque::new(),
            variables_read: 0,
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }

    /// Records a finished injection. `latency_ms` is `None` for a rejected one.
    pub(super) fn record_injection(&self, is_success: bool, latency_ms: Option<f64>) {
        let mut state = self.state();
        state.injections.add(is_success, latency_ms);
        if let (Some(latencies), Some(latency_ms)) = (&mut state.injection_latencies, latency_ms) {
            // The histogram grows with its values, so they are capped.
            let _ = latencies.record(((latency_ms * 1_000.0) as u64).min(MAX_LATENCY_MICROS));
        }
    }

    /// Records a finished update of a dialog state. `latency_ms` is `None` for a rejected one.
    pub(super) fn record_state_update(&self, is_success: bool, latency_ms: Option<f64>) {
        self.state().state_updates.add(is_success, latency_ms);
    }

    /// Records a read of `count` variables that succeeded.
    pub(super) fn record_read(&self, count: u64, latency_ms: f64) {
        let mut state = self.state();
        if state.recent_reads.len() == RECENT_READS {
            state.recent_reads.pop_front();
        }
        state.recent_reads.push_back(latency_ms / 1_000.0);
        state.variables_read += count;
    }

    pub(super) fn injections(&self) -> Metrics {
        let state = self.state();
        let percentile = |share: f64| {
            let latencies = state.injection_latencies.as_ref();
            latencies.map_or(0.0, |latencies| latencies.value_at_quantile(share) as f64 / 1_000.0)
        };
        Metrics {
            total_injections: state.injections.total(),
            success_count: state.injections.successes,
            failure_count: state.injections.failures,
            success_rate_percent: 100.0
                * ratio(state.injections.successes as f64, state.injections.total()),
            average_latency_ms: state.injections.average_ms(),
            p50_latency_ms: percentile(0.50),
            p95_latency_ms: percentile(0.95),
            p99_latency_ms: percentile(0.99),
            dropped_notices: 0,
        }
    }

    pub(super) fn state_updates(&self) -> StateMetrics {
        let state = self.state();
        StateMetrics {
            persistence_rate: ratio(
                state.state_updates.successes as f64,
                state.state_updates.total(),
            ),
            average_latency: state.state_updates.average_ms() / 1_000.0,
        }
    }

    /// Returns the mean latency of the last reads in seconds, and the total of variables read.
    pub(super) fn reads(&self) -> (f64, u64) {
        let state = self.state();
        let sum: f64 = state.recent_reads.iter().sum();
        (ratio(sum, state.recent_reads.len() as u64), state.variables_read)
    }
}
