//! Times: RFC 3339 text against a simple parser, and the text that the library writes.

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use std::time::Duration;

use cognigy_context::__fuzzing::{format_rfc3339, parse_rfc3339};
use cognigy_context::{InjectionPayload, InjectionVariable, ManualClock};
use support::text_of;

const NOW: Duration = Duration::from_secs(1_700_000_000);

/// Parses one text, and formats its first bytes as a time.
pub fn run(data: &[u8]) {
    if let Some(bytes) = data.first_chunk::<8>() {
        // Up to the year 9999, in microseconds.
        let time = Duration::from_micros(u64::from_le_bytes(*bytes) % 253_402_300_800_000_000);
        let text = format_rfc3339(time);
        let read = parse_rfc3339(&text).expect("a written time can be read");
        assert!((read - time.as_secs_f64()).abs() < 1e-3, "{text}");
        let expected = reference(&text).expect("a written time has the form of RFC 3339");
        assert!((expected - time.as_secs_f64()).abs() < 1e-3, "{text}");
    }
    let Some(text) = text_of(data) else { return };
    let parsed = parse_rfc3339(text);
    match (parsed, reference(text)) {
        (Some(parsed), Some(expected)) => assert!((parsed - expected).abs() < 1e-3, "{text:?}"),
        // A leap second is accepted only where one may occur, and the reference knows none.
        (Some(_), None) => assert_eq!(text.get(17..19), Some("60"), "{text:?}"),
        (None, Some(_)) => panic!("{text:?} is an RFC 3339 time"),
        (None, None) => {}
    }
    let variable = InjectionVariable::new("k", 1).expires_at(text);
    let body = InjectionPayload::new("s", [variable]).to_json(&ManualClock::at(NOW));
    assert_eq!(body.is_ok(), parsed.is_some(), "{text:?}");
    if let (Ok(body), Some(time)) = (body, parsed) {
        assert_eq!(body.report.issues.is_empty(), time > NOW.as_secs_f64());
    }
}

/// Returns the seconds since 1970 of an RFC 3339 text; `None` for other text and for a leap second.
fn reference(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        let digits = text.get(range)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
    };
    let has = |at: usize, allowed: &[u8]| bytes.get(at).is_some_and(|byte| allowed.contains(byte));
    if !(has(4, b"-") && has(7, b"-") && has(10, b"Tt") && has(13, b":") && has(16, b":")) {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let mut end = 19;
    let mut fraction = 0.0;
    if has(19, b".") {
        let digits = bytes.get(20..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        end = 20 + digits;
        fraction =
            format!("0.{}", text.get(20..end).filter(|digits| !digits.is_empty())?).parse().ok()?;
    }
    let zone = text.get(end..)?;
    let offset = if zone.eq_ignore_ascii_case("z") {
        0
    } else {
        let sign = if has(end, b"+") {
            1
        } else if has(end, b"-") {
            -1
        } else {
            return None;
        };
        let (hours, minutes) = (number(end + 1..end + 3)?, number(end + 4..end + 6)?);
        if !has(end + 3, b":") || bytes.len() != end + 6 || hours > 23 || minutes > 59 {
            return None;
        }
        sign * (hours * 3_600 + minutes * 60)
    };
    let is_leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_in_month = match month {
        2 => 28 + i64::from(is_leap_year),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days_in_month).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_since_1970(year, month, day);
    Some((days * 86_400 + hour * 3_600 + minute * 60 + second - offset) as f64 + fraction)
}

/// Counts the days from 1970-01-01 one year and one month at a time.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // Days before the year `year` of the proleptic Gregorian calendar, from the year 0.
    let before = |year: i64| 365 * year + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
    let is_leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let months = [31, 28 + i64::from(is_leap_year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    before(year) - before(1_970) + months.iter().take(month as usize - 1).sum::<i64>() + day - 1
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
