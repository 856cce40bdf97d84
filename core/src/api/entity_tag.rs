//! Entity tags (RFC 9110, section 8.8.3): the header `ETag` of a response, and the condition `If-Match` of a
//! request.

use std::borrow::Cow;

use crate::display_text::grouped;
use crate::issue::{Code, Issue};
use crate::report::ValidationError;

/// The maximum length of a tag in bytes. The usual limit of servers for one line of a request is 8 KiB, so a
/// longer tag may not come back as `If-Match`.
pub(crate) const MAX_TAG_BYTES: usize = 4_096;

/// The header `ETag` of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntityTag<'a> {
    /// The response has no such header.
    Absent,
    /// A strong tag as it was sent, quotes included. One character is one byte of the header.
    Strong(&'a str),
    /// A weak tag, which `If-Match` does not accept.
    Weak,
    /// No tag: `*`, text without quotes, a list, empty, or longer than [`MAX_TAG_BYTES`].
    Malformed,
}

impl<'a> EntityTag<'a> {
    /// Parses the value of the header; `None` is an absent header.
    pub(crate) fn parse(header: Option<&'a str>) -> Self {
        let Some(text) = header else { return Self::Absent };
        // HTTP libraries remove the white space around a value (RFC 9110, section 5.5).
        match text.strip_prefix("W/") {
            Some(weak) if is_opaque_tag(weak) => Self::Weak,
            None if is_opaque_tag(text) => Self::Strong(text),
            _ => Self::Malformed,
        }
    }

    /// Returns the tag if it is strong.
    pub(crate) const fn strong(self) -> Option<&'a str> {
        match self {
            Self::Strong(tag) => Some(tag),
            _ => None,
        }
    }

    /// Returns why a header that is present cannot be used as a condition; `None` for an absent header and a
    /// strong tag.
    pub(crate) const fn unusable_reason(self) -> Option<&'static str> {
        match self {
            Self::Absent | Self::Strong(_) => None,
            Self::Weak => Some("it is weak"),
            Self::Malformed => Some("it is not an entity tag"),
        }
    }
}

/// Returns whether a text is an `opaque-tag` within [`MAX_TAG_BYTES`]: a quoted text of `!`, `#` to `~` and
/// the bytes 80 to FF, each of which is one character here.
fn is_opaque_tag(text: &str) -> bool {
    let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.is_some_and(|inner| {
        header_len(text) <= MAX_TAG_BYTES
            && inner.chars().all(|c| matches!(c, '!' | '#'..='~' | '\u{80}'..='\u{ff}'))
    })
}

/// Checks a tag that the caller passes as `if_match`.
///
/// # Errors
/// [`ValidationError`] with an `invalid_id` issue when it is not a strong tag.
pub(crate) fn check_if_match(tag: &str) -> Result<(), ValidationError> {
    let issue = |message: Cow<'static, str>| {
        Issue::error(Code::InvalidId, "/ifMatch".to_owned(), message)
            .with_hint("Pass the tag that the server returned, with its quotes.")
    };
    let issue = match EntityTag::parse(Some(tag)) {
        EntityTag::Strong(_) => return Ok(()),
        EntityTag::Weak => issue("the tag is weak; `If-Match` needs a strong tag".into()),
        _ if header_len(tag) > MAX_TAG_BYTES => {
            let (limit, actual) = (MAX_TAG_BYTES as u64, header_len(tag) as u64);
            issue(
                format!("the tag is {} bytes, the limit is {}", grouped(actual), grouped(limit))
                    .into(),
            )
            .with_figures(limit, actual)
        }
        _ => issue("the tag is not one entity tag: a quoted text without spaces".into()),
    };
    Err(ValidationError::of(vec![issue]))
}

/// Returns the length of a text as the value of a header, where each character is one byte.
fn header_len(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_accepts_the_strong_tags_of_the_rfc() {
        for tag in
            ["\"\"", "\"xyzzy\"", "\"!\"", "\"a,b\"", "\"W/x\"", "\"v\u{e9}\"", "\"\u{80}\u{ff}\""]
        {
            assert_eq!(EntityTag::parse(Some(tag)), EntityTag::Strong(tag));
            assert!(check_if_match(tag).is_ok());
        }
    }

    #[test]
    fn parse_separates_weak_malformed_and_absent_tags() {
        assert_eq!(EntityTag::parse(None), EntityTag::Absent);
        assert_eq!(EntityTag::parse(Some("W/\"1\"")), EntityTag::Weak);
        let too_long = format!("\"{}\"", "a".repeat(MAX_TAG_BYTES - 1));
        for text in [
            "",
            "*",
            "1",
            "\"",
            "\"1",
            "1\"",
            "\"1\", \"2\"",
            "\"a\"b\"",
            "\"a b\"",
            "\"a\tb\"",
            "\"\u{7f}\"",
            "w/\"1\"",
            "W/1",
            "W/",
            "W/W/\"1\"",
            "\"\u{100}\"",
            " \"1\"",
            "'1'",
            &too_long,
        ] {
            assert_eq!(EntityTag::parse(Some(text)), EntityTag::Malformed, "{text:?}");
        }
    }

    #[test]
    fn a_tag_of_the_maximum_length_counts_characters_and_not_utf8() {
        let tag = format!("\"{}\"", "\u{e9}".repeat(MAX_TAG_BYTES - 2));
        assert_eq!(EntityTag::parse(Some(&tag)), EntityTag::Strong(tag.as_str()));
        let error = check_if_match(&format!("{tag}\"")).unwrap_err();
        let issue = &error.report().issues[0];
        assert_eq!((issue.limit, issue.actual), (Some(4_096), Some(4_097)));
    }
}
