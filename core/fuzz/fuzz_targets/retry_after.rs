//! `Retry-After`: a wait is never longer than a year, also for a date.

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use std::time::Duration;

use cognigy_context::api::RetryAfter;
use support::text_of;

const YEAR: Duration = Duration::from_secs(365 * 86_400);
const NOW: Duration = Duration::from_secs(1_700_000_000);

/// Parses one value of the header.
pub fn run(data: &[u8]) {
    let Some(text) = text_of(data) else { return };
    let parsed = RetryAfter::parse(text);
    assert_eq!(parsed, RetryAfter::parse(text.trim()));
    match parsed {
        Some(RetryAfter::For(wait)) => {
            assert!(wait <= YEAR);
            let seconds: f64 = text.trim().parse().expect("only a number is a duration");
            assert!(seconds >= 0.0);
            if seconds < YEAR.as_secs_f64() {
                assert!((wait.as_secs_f64() - seconds).abs() < 1e-6);
            }
        }
        Some(until @ RetryAfter::Until(time)) => {
            assert!(until.wait(NOW) <= YEAR);
            assert_eq!(until.wait(time), Duration::ZERO);
            assert_eq!(until.wait(Duration::MAX), Duration::ZERO);
        }
        // A number of seconds is always understood.
        None => assert!(text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit())),
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
