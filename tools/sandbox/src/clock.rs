//! The time of day, as the tenant writes and reads it.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The time now.
pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// A time as RFC 3339 text, to the millisecond, as JavaScript's `toISOString` writes it.
pub(crate) fn to_rfc3339(time: OffsetDateTime) -> String {
    let millisecond = time.millisecond();
    let whole = time.replace_nanosecond(0).unwrap_or(time);
    let text = whole.format(&Rfc3339).unwrap_or_default();
    match text.strip_suffix('Z') {
        Some(start) => format!("{start}.{millisecond:03}Z"),
        None => text,
    }
}

/// Parses RFC 3339 text; `None` for any other text.
pub(crate) fn parse(text: &str) -> Option<OffsetDateTime> {
    // The parser takes other characters than a T between date and time; RFC 3339 does not.
    if !matches!(text.as_bytes().get(10), Some(b'T' | b't')) {
        return None;
    }
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_javascript_writes_it() {
        for (time, written) in [
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"),
            ("2026-01-02T03:04:05.0789Z", "2026-01-02T03:04:05.078Z"),
        ] {
            assert_eq!(to_rfc3339(parse(time).unwrap()), written);
        }
    }

    #[test]
    fn only_rfc_3339_is_a_time() {
        for good in ["2026-01-02T03:04:05Z", "2026-01-02t03:04:05.5z", "2026-01-02T03:04:05-08:00"]
        {
            assert!(parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "2026-01-02",
            "2026-01-02 03:04:05Z",
            "2026-01-02T03:04:05",
            "2026-13-02T03:04:05Z",
            "2026-02-30T03:04:05Z",
            "1767323045",
            "2026-01-02T03:04:05+0100",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
