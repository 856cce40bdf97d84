//! Text for messages: rounded durations, grouped figures, paths without unsafe characters, and the known name that is
//! most similar to an unknown one.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// Returns a duration as text for a message, rounded: `250 ms` below a second, `1.5 s` below ten
/// seconds, `60 s` from ten seconds on.
pub(crate) fn seconds_text(seconds: f64) -> String {
    let millis = (seconds * 1_000.0).round();
    if millis < 1_000.0 {
        format!("{millis} ms")
    // From 9.95 s on, one decimal would round to ten seconds.
    } else if millis < 9_950.0 {
        format!("{} s", (seconds * 10.0).round() / 10.0)
    } else {
        // Durations beyond the range of u64 do not occur in messages.
        format!("{} s", grouped(seconds.round() as u64))
    }
}

/// Returns a duration as text for a message, rounded as by [`seconds_text`].
pub(crate) fn duration_text(time: Duration) -> String {
    seconds_text(time.as_secs_f64())
}

/// Returns a number with commas between groups of three digits: `16,777,216`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The maximum length of a JSON path with keys of the server.
const MAX_PATH_BYTES: usize = 128;

/// Returns a JSON Pointer whose keys come from a server, up to the first key that is not plain; `…` stands for the
/// rest.
pub(crate) fn plain_path(path: &str) -> Cow<'_, str> {
    let is_plain_path = |byte| is_plain(byte) || matches!(byte, b'/' | b'~');
    if path.len() <= MAX_PATH_BYTES && path.bytes().all(is_plain_path) {
        return Cow::Borrowed(path);
    }
    let mut plain = String::new();
    for segment in path.split('/').skip(1) {
        let is_kept =
            plain.len() + segment.len() < MAX_PATH_BYTES && segment.bytes().all(is_plain_path);
        if !is_kept {
            break;
        }
        plain.push('/');
        plain.push_str(segment);
    }
    plain.push_str("/…");
    Cow::Owned(plain)
}

/// Returns whether a byte is a letter, a digit, `-`, `_`, `.` or `:`, which are safe in every log and terminal.
pub(crate) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte)
}

/// The end of a message about an unknown name: it suggests the most similar known name, or lists all known names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion(String);

impl Suggestion {
    /// Creates the text for an unknown `name`. The text contains the name only when a known name is similar, so that
    /// it does not contain a misplaced value.
    pub(crate) fn new(name: &str, known: &[&str]) -> Self {
        Self(match closest_name(name, known) {
            Some(closest) => format!(" \"{name}\"; did you mean \"{closest}\"?"),
            None => {
                let quoted: Vec<String> = known.iter().map(|name| format!("\"{name}\"")).collect();
                format!("; use one of {}", quoted.join(", "))
            }
        })
    }
}

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the candidate that is most similar to `name`: at most two edits (a letter added, removed or
/// replaced) apart. Returns `None` when there is none, and always with the feature `small`.
///
/// The crate `strsim` does the same, but the wasm modules would have to include it for this one use.
pub(crate) fn closest_name<'c>(name: &str, candidates: &[&'c str]) -> Option<&'c str> {
    if cfg!(feature = "small") {
        return None;
    }
    let close = candidates.iter().filter_map(|candidate| {
        let distance = edit_distance(name.as_bytes(), candidate.as_bytes());
        (distance <= MAX_EDITS).then_some((distance, *candidate))
    });
    close.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// The maximum edit distance of a similar name.
const MAX_EDITS: usize = 2;

/// Returns the Levenshtein distance of two short names, or more than [`MAX_EDITS`] when their lengths
/// alone differ by more.
fn edit_distance(a: &[u8], b: &[u8]) -> usize {
    if a.len().abs_diff(b.len()) > MAX_EDITS {
        return MAX_EDITS + 1;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, a_byte) in a.iter().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        for (above, b_byte) in row.iter_mut().skip(1).zip(b) {
            let after_replacement = diagonal + usize::from(a_byte != b_byte);
            diagonal = *above;
            *above = after_replacement.min(diagonal + 1).min(left + 1);
            left = *above;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_text_rounds_durations_for_people() {
        for (seconds, text) in [
            (0.0, "0 ms"),
            (0.25, "250 ms"),
            (0.999_9, "1 s"),
            (1.5, "1.5 s"),
            (1.0, "1 s"),
            (9.96, "10 s"),
            (59.983_673_605_999_996, "60 s"),
            (3_600.4, "3,600 s"),
        ] {
            assert_eq!(seconds_text(seconds), text);
        }
    }

    #[test]
    fn grouped_separates_thousands() {
        assert_eq!([0, 999, 1_000, 16 << 20].map(grouped), ["0", "999", "1,000", "16,777,216"]);
    }

    #[cfg(not(feature = "small"))]
    #[test]
    fn closest_name_allows_two_edits() {
        let names = ["session", "user", "global"];
        for (name, closest) in [
            ("sesion", Some("session")),
            ("Session", Some("session")),
            ("usre", Some("user")),
            ("globals", Some("global")),
            ("", None),
            ("tenant", None),
            ("sessionsss", None),
        ] {
            assert_eq!(closest_name(name, &names), closest, "{name}");
        }
    }

    #[test]
    fn plain_path_keeps_the_plain_start() {
        assert_eq!(plain_path(""), "");
        assert_eq!(plain_path("/a/0/b~1c"), "/a/0/b~1c");
        assert_eq!(plain_path("/a/max@example.org/b"), "/a/…");
        assert_eq!(plain_path("/\u{1b}[2J"), "/…");
        assert_eq!(plain_path(&format!("/a/{}", "b".repeat(128))), "/a/…");
        assert!(plain_path(&"/ab".repeat(1_000)).len() <= MAX_PATH_BYTES + "/…".len());
    }
}
