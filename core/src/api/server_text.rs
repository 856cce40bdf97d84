//! Texts of a server that enter errors and logs: limited in length and characters, and without the credentials that
//! the client sent.

use crate::display_text::is_plain;

/// The maximum length of an error code that is a word.
pub(crate) const MAX_CODE_BYTES: usize = 64;

/// The maximum length of a trace id.
pub(crate) const MAX_TRACE_ID_BYTES: usize = 128;

/// The number of consecutive characters that a text must share with a credential to count as a part of it. Shorter
/// runs occur by chance.
const SHARED_RUN: usize = 8;

/// Returns the text if it has the form of an id: 1 to `max` letters, digits, `-`, `_`, `.` and `:`. Errors contain no
/// other text of a response, because it may be data.
pub(crate) fn plain_id(text: &str, max: usize) -> Option<String> {
    ((1..=max).contains(&text.len()) && text.bytes().all(is_plain)).then(|| text.to_owned())
}

/// Returns whether a text is `credential`, or shares at least [`SHARED_RUN`] consecutive characters with it, in upper
/// or lower case.
pub(crate) fn reveals(text: &str, credential: &str) -> bool {
    let (text, credential) = (text.as_bytes(), credential.as_bytes());
    if text.eq_ignore_ascii_case(credential) {
        return true;
    }
    text.windows(SHARED_RUN)
        .any(|run| credential.windows(SHARED_RUN).any(|part| part.eq_ignore_ascii_case(run)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_id_rejects_long_and_unsafe_texts() {
        assert_eq!(plain_id("a-B_1.:", 7).as_deref(), Some("a-B_1.:"));
        for text in ["", "12345678", "a b", "a\n", "\u{1b}[31m", "é", "<b>", "a/b"] {
            assert_eq!(plain_id(text, 7), None, "{text:?}");
        }
    }

    #[test]
    fn reveals_finds_a_credential_and_its_parts() {
        let key = "sk-0123456789abcdef";
        for text in [key, "x:sk-0123456789abcdef:y", "SK-01234", "9abcdef.sk-01234", "456789AB"] {
            assert!(reveals(text, key), "{text}");
        }
        for text in ["", "sk-0123", "1005", "trace-1", "abcdef012"] {
            assert!(!reveals(text, key), "{text}");
        }
        // A short credential is only found as a whole.
        assert!(reveals("k", "k") && !reveals("token", "k") && !reveals("token", ""));
    }
}
