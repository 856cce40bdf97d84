//! How many, how long: sums over the life of a client.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use hdrhistogram::Histogram;
use serde::Serialize;

/// How the injections of a client went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Metrics {
    /// How many there were, refused ones included.
    pub total_injections: u64,
    /// How many succeeded.
    pub success_count: u64,
    /// How many did not.
    pub failure_count: u64,
    /// Per cent that succeeded; 0 before the first.
    pub success_rate_percent: f64,
    /// Milliseconds that those took on average which were sent, waits included.
    pub average_latency_ms: f64,
    /// Milliseconds within which half of them were done.
    pub p50_latency_ms: f64,
    /// Milliseconds within which 95 of 100 were done.
    pub p95_latency_ms: f64,
    /// Milliseconds within which 99 of 100 were done.
    pub p99_latency_ms: f64,
    /// Notices to webhooks that were dropped because too many were waiting.
    pub dropped_notices: u64,
}

/// How the updates of dialogs' states went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct StateMetrics {
    /// Successes by attempts, 0 to 1; 0 before the first.
    pub persistence_rate: f64,
    /// Seconds that an update took on average, of those that were sent.
    pub average_latency: f64,
}

/// How the reads of variables went.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RetrievalMetrics {
    /// Seconds that the last ten reads took on average.
    pub avg_latency: f64,
    /// How many variables were read in all.
    pub total_retrieved: u64,
    /// The records of the last five reads.
    pub audit_trail: Vec<super::AuditRecord>,
}

/// How many latencies of reads count.
const RECENT: usize = 10;

#[derive(Debug)]
pub(super) struct Meter(Mutex<State>);

#[derive(Debug)]
struct State {
    injections: Sum,
    /// Latencies of injections, in microseconds.
    latencies: Option<Histogram<u64>>,
    updates: Sum,
    recent_reads: VecDeque<f64>,
    retrieved: u64,
}

#[derive(Debug, Default)]
struct Sum {
    successes: u64,
    failures: u64,
    sent: u64,
    latency_ms: f64,
}

impl Sum {
    fn add(&mut self, is_success: bool, latency_ms: Option<f64>) {
        if is_success {
            self.successes += 1;
        } else {
            self.failures += 1;
        }
        if let Some(latency_ms) = latency_ms {
            self.sent += 1;
            self.latency_ms += latency_ms;
        }
    }

    fn total(&self) -> u64 {
        self.successes + self.failures
    }

    fn average_ms(&self) -> f64 {
        ratio(self.latency_ms, self.sent)
    }
}

fn ratio(part: f64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part / whole as f64 }
}

impl Meter {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State {
            injections: Sum::default(),
            // Three digits are kept.
            latencies: Histogram::new(3).ok(),
            updates: Sum::default(),
            recent_reads: VecDeque::new(),
            retrieved: 0,
        }))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An injection is over; there is a latency when it was sent.
    pub(super) fn injected(&self, is_success: bool, latency_ms: Option<f64>) {
        let mut state = self.state();
        state.injections.add(is_success, latency_ms);
        if let (Some(latencies), Some(latency_ms)) = (&mut state.latencies, latency_ms) {
            // It grows with what it is given; a day is longer than any call.
            let _ = latencies.record(((latency_ms * 1_000.0) as u64).min(86_400_000_000));
        }
    }

    /// An update of a dialog's state is over.
    pub(super) fn updated(&self, is_success: bool, latency_ms: Option<f64>) {
        self.state().updates.add(is_success, latency_ms);
    }

    /// Variables were read.
    pub(super) fn retrieved(&self, count: u64, latency_ms: f64) {
        let mut state = self.state();
        if state.recent_reads.len() == RECENT {
            state.recent_reads.pop_front();
        }
        state.recent_reads.push_back(latency_ms / 1_000.0);
        state.retrieved += count;
    }

    pub(super) fn injections(&self) -> Metrics {
        let state = self.state();
        let within = |share: f64| {
            let latencies = state.latencies.as_ref();
            latencies.map_or(0.0, |latencies| latencies.value_at_quantile(share) as f64 / 1_000.0)
        };
        Metrics {
            total_injections: state.injections.total(),
            success_count: state.injections.successes,
            failure_count: state.injections.failures,
            success_rate_percent: 100.0
                * ratio(state.injections.successes as f64, state.injections.total()),
            average_latency_ms: state.injections.average_ms(),
            p50_latency_ms: within(0.50),
            p95_latency_ms: within(0.95),
            p99_latency_ms: within(0.99),
            dropped_notices: 0,
        }
    }

    pub(super) fn updates(&self) -> StateMetrics {
        let state = self.state();
        StateMetrics {
            persistence_rate: ratio(state.updates.successes as f64, state.updates.total()),
            average_latency: state.updates.average_ms() / 1_000.0,
        }
    }

    /// The average of the last reads, and how many variables were read in all.
    pub(super) fn reads(&self) -> (f64, u64) {
        let state = self.state();
        let sum: f64 = state.recent_reads.iter().sum();
        (ratio(sum, state.recent_reads.len() as u64), state.retrieved)
    }
}
