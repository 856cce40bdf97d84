//! Times as RFC 3339 text.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Returns the current time in UTC.
pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// Returns a UTC time as RFC 3339 text with milliseconds, as JavaScript's `toISOString` does. Fractions
/// of a millisecond are cut off. A time with another offset has whole seconds.
pub(crate) fn to_rfc3339(time: OffsetDateTime) -> String {
    let millisecond = time.millisecond();
    let seconds = time.replace_nanosecond(0).unwrap_or(time);
    let text = seconds.format(&Rfc3339).unwrap_or_default();
    match text.strip_suffix('Z') {
        Some(start) => format!("{start}.{millisecond:03}Z"),
        None => text,
    }
}

/// Parses RFC 3339 text; `None` for any other text.
pub(crate) fn parse(text: &str) -> Option<OffsetDateTime> {
    // RFC 3339 requires a T between date and time; the parser accepts other characters.
    if !matches!(text.as_bytes().get(10), Some(b'T' | b't')) {
        return None;
    }
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_rfc3339_writes_milliseconds_as_javascript_does() {
        for (time, expected) in [
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"),
            ("2026-01-02T03:04:05.0789Z", "2026-01-02T03:04:05.078Z"),
        ] {
            assert_eq!(to_rfc3339(parse(time).unwrap()), expected);
        }
    }

    #[test]
    fn parse_accepts_only_rfc_3339() {
        for valid in ["2026-01-02T03:04:05Z", "2026-01-02t03:04:05.5z", "2026-01-02T03:04:05-08:00"]
        {
            assert!(parse(valid).is_some(), "{valid}");
        }
        for invalid in [
            "",
            "2026-01-02",
            "2026-01-02 03:04:05Z",
            "2026-01-02T03:04:05",
            "2026-13-02T03:04:05Z",
            "2026-02-30T03:04:05Z",
            "1767323045",
            "2026-01-02T03:04:05+0100",
        ] {
            assert!(parse(invalid).is_none(), "{invalid}");
        }
    }
}
