//! The clock of the rules that depend on the time, and RFC 3339 text. Except for the
//! transport of a client, the crate reads no other clock.

use std::sync::Mutex;
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::sync::lock;

/// A source of the current time.
pub trait Clock: Send + Sync {
    /// Returns the duration since 1970-01-01T00:00:00Z.
    fn now(&self) -> Duration;
}

/// The system's clock; zero for times before 1970. On `wasm32-unknown-unknown`, which has no clock,
/// it returns zero: implement [`Clock`] with the host's clock there.
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

/// A clock for tests that changes only when [`advance`](Self::advance) is called. The default starts
/// at 1970-01-01T00:00:00Z.
///
/// ```
/// use std::time::Duration;
///
/// use cognigy_context::{Clock, ManualClock};
///
/// let clock = ManualClock::at(Duration::from_secs(60));
/// clock.advance(Duration::from_secs(5));
/// assert_eq!(clock.now(), Duration::from_secs(65));
/// ```
#[derive(Debug, Default)]
pub struct ManualClock(Mutex<Duration>);

impl ManualClock {
    /// Creates a clock at `now`, the duration since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn at(now: Duration) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves the clock forward by `duration`.
    pub fn advance(&self, duration: Duration) {
        let mut now = lock(&self.0);
        *now = now.saturating_add(duration);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        *lock(&self.0)
    }
}

/// Parses RFC 3339 text into seconds since 1970-01-01T00:00:00Z, negative for times before; `None` for any
/// other text.
pub(crate) fn parse_rfc3339(text: &str) -> Option<f64> {
    // The parser accepts any separator after the 10 bytes of the date; the grammar requires a T.
    if !matches!(text.as_bytes().get(10), Some(b'T' | b't')) {
        return None;
    }
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(time.unix_timestamp_nanos() as f64 / 1e9)
}

/// Formats a time as RFC 3339 text in UTC, to the microsecond. A time after the year 9999 becomes the
/// last second of that year.
pub(crate) fn format_rfc3339(since_1970: Duration) -> String {
    const LAST_SECOND: Duration = Duration::from_secs(253_402_300_799);
    let nanos = since_1970.min(LAST_SECOND).as_micros() as i128 * 1_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}
