//! The time of day, given and never taken: no rule reads a clock of its own.

use std::sync::Mutex;
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::sync::lock;

/// Tells the time, as what has passed since 1970-01-01T00:00:00Z.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Duration;
}

/// The system's clock. Not on `wasm32-unknown-unknown`, which has none: give one of the host's.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[cfg(not(target_arch = "wasm32"))]
    fn now(&self) -> Duration {
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
    }

    #[cfg(target_arch = "wasm32")]
    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

/// A clock that stands until it is moved, for tests.
#[derive(Debug, Default)]
pub struct ManualClock(Mutex<Duration>);

impl ManualClock {
    /// A clock that stands at this time.
    #[must_use]
    pub fn at(now: Duration) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        let mut now = lock(&self.0);
        *now = now.saturating_add(by);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        *lock(&self.0)
    }
}

/// The time that RFC 3339 text says, since 1970; negative before. None for any other text.
pub(crate) fn parse_rfc3339(text: &str) -> Option<f64> {
    // The parser takes any separator between date and time; the grammar takes a T.
    if !matches!(text.as_bytes().get(10), Some(b'T' | b't')) {
        return None;
    }
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(time.unix_timestamp_nanos() as f64 / 1e9)
}

/// A time as RFC 3339 text in UTC, to the microsecond; one beyond the year 9999 as its last second.
pub(crate) fn format_rfc3339(since_1970: Duration) -> String {
    const LAST_SECOND: Duration = Duration::from_secs(253_402_300_799);
    let nanos = since_1970.min(LAST_SECOND).as_micros() as i128 * 1_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}
