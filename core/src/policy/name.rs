//! The rules for the names of variables.

use super::unicode::{is_letter_or_number, is_xid_continue, is_xid_start};
use super::{NameRule, Policy};
use crate::display_text::grouped;
use crate::issue::{Code, Issue};
use crate::path::Path;

/// The keys of the context that the platform itself writes.
const PLATFORM_KEYS: [&str; 6] =
    ["ai", "shortTermMemory", "lastTopic", "lastMaleTopic", "lastFemaleTopic", "_cognigy"];

/// Checks the names of variables against the rules of one policy.
#[derive(Clone, Copy)]
pub(crate) struct NameCheck<'c> {
    policy: &'c Policy,
    /// The first bytes of the reserved prefixes as a set of 64 bits: the lowest six bits of a byte select its bit. A
    /// name whose first byte is not in the set has no reserved prefix, so nearly no name needs a comparison.
    first_bytes: u64,
}

impl<'c> NameCheck<'c> {
    pub(crate) fn new(policy: &'c Policy) -> Self {
        let first_bytes = policy.reserved_prefixes.iter().map(|prefix| {
            // Every name starts with the empty prefix.
            prefix.as_bytes().first().map_or(u64::MAX, |&first| 1 << (first & 63))
        });
        Self { policy, first_bytes: first_bytes.fold(0, |all, one| all | one) }
    }

    /// Checks one name; `at` is the path for the issues.
    #[inline]
    pub(crate) fn check(&self, name: &str, at: &Path<'_>, mut report: impl FnMut(Issue)) {
        match self.policy.names {
            NameRule::Any => {}
            NameRule::Injection if is_injection_name(name) => {}
            NameRule::Injection => report(invalid_name(
                at,
                "a name may contain letters, numbers, `_` and `-`, and needs at least one letter or number",
            )),
            NameRule::Identifier if is_identifier(name) => {}
            NameRule::Identifier => report(invalid_name(
                at,
                "a name must be a Unicode identifier: a letter or `_` first, then letters, digits and `_`",
            )),
            NameRule::Platform => check_platform_key(name, at, &mut report),
        }
        // A name has at most as many code points as bytes, so the code points of most names need no counting.
        if let Some(limit) = self.policy.max_name_length
            && name.len() as u64 > limit
            && let Some(issue) = check_length(name, limit, at)
        {
            report(issue);
        }
        let first = name.as_bytes().first().copied().unwrap_or_default();
        if self.first_bytes >> (first & 63) & 1 != 0
            && let Some(issue) = check_prefixes(self.policy, name, at)
        {
            report(issue);
        }
    }
}

#[cold]
fn check_length(name: &str, limit: u64, at: &Path<'_>) -> Option<Issue> {
    let actual = name.chars().count() as u64;
    (actual > limit).then(|| {
        let (figure, maximum) = (grouped(actual), grouped(limit));
        let message = format!("the name has {figure} code points, the limit is {maximum}");
        Issue::error(Code::NameTooLong, at.to_pointer(), message)
            .with_figures(limit, actual)
            .with_hint("Shorten the name.")
    })
}

fn check_prefixes(policy: &Policy, name: &str, at: &Path<'_>) -> Option<Issue> {
    let mut prefixes = policy.reserved_prefixes.iter();
    prefixes.any(|prefix| name.starts_with(prefix.as_ref())).then(|| {
        Issue::error(
            Code::ReservedPrefix,
            at.to_pointer(),
            "the name starts with a prefix that is reserved for the platform",
        )
        .with_hint("Choose a name without the prefix.")
    })
}

#[cold]
fn invalid_name(at: &Path<'_>, message: &'static str) -> Issue {
    Issue::error(Code::InvalidName, at.to_pointer(), message).with_hint("Rename the variable.")
}

/// The class of a byte of a name, as one bit. Nearly all names are ASCII, and an ASCII name needs only one table lookup
/// per byte.
mod class {
    pub(super) const LETTER: u8 = 1;
    pub(super) const DIGIT: u8 = 2;
    pub(super) const UNDERSCORE: u8 = 4;
    pub(super) const HYPHEN: u8 = 8;
    pub(super) const DOT: u8 = 16;
    /// Any other ASCII byte.
    pub(super) const OTHER: u8 = 32;
    /// A byte of a character that is not ASCII; the name has to be decoded.
    pub(super) const NON_ASCII: u8 = 64;

    static OF_BYTES: [u8; 256] = {
        let mut classes = [NON_ASCII; 256];
        let (mut rest, mut byte) = (classes.as_mut_slice(), 0_u8);
        while let Some((class, after)) = rest.split_first_mut() {
            *class = match byte {
                b'a'..=b'z' | b'A'..=b'Z' => LETTER,
                b'0'..=b'9' => DIGIT,
                b'_' => UNDERSCORE,
                b'-' => HYPHEN,
                b'.' => DOT,
                0x80.. => NON_ASCII,
                _ => OTHER,
            };
            byte = byte.wrapping_add(1);
            rest = after;
        }
        classes
    };

    #[inline(always)]
    pub(super) fn of(byte: u8) -> u8 {
        OF_BYTES.get(usize::from(byte)).copied().unwrap_or(OTHER)
    }

    /// Returns the union of the classes of all bytes of a name.
    #[inline(always)]
    pub(super) fn of_all(name: &str) -> u8 {
        name.bytes().fold(0, |seen, byte| seen | of(byte))
    }
}

#[inline]
fn is_injection_name(name: &str) -> bool {
    let seen = class::of_all(name);
    if seen & class::NON_ASCII != 0 {
        return is_non_ascii_injection_name(name);
    }
    seen & (class::DOT | class::OTHER) == 0 && seen & (class::LETTER | class::DIGIT) != 0
}

fn is_non_ascii_injection_name(name: &str) -> bool {
    let mut has_letter_or_number = false;
    for c in name.chars() {
        if is_letter_or_number(c) {
            has_letter_or_number = true;
        } else if c != '_' && c != '-' {
            return false;
        }
    }
    has_letter_or_number
}

#[inline]
fn is_identifier(name: &str) -> bool {
    let seen = class::of_all(name);
    if seen & class::NON_ASCII != 0 {
        let mut chars = name.chars();
        return chars.next().is_some_and(|first| first == '_' || is_xid_start(first))
            && chars.all(is_xid_continue);
    }
    let first = name.bytes().next().map_or(class::OTHER, class::of);
    seen & (class::HYPHEN | class::DOT | class::OTHER) == 0
        && first & (class::LETTER | class::UNDERSCORE) != 0
}

#[inline]
fn check_platform_key(name: &str, at: &Path<'_>, report: &mut impl FnMut(Issue)) {
    if name.is_empty() {
        report(invalid_name(at, "the key is empty"));
    }
    if class::of_all(name) & (class::DOT | class::HYPHEN) != 0 {
        report(
            Issue::warning(
                Code::UnreadableKey,
                at.to_pointer(),
                "a flow cannot read this key: it reads a dot as a path, and Add To Context allows no hyphen",
            )
            .with_hint("Use `_`, or nest the value in an object."),
        );
    }
    if PLATFORM_KEYS.contains(&name) {
        report(
            Issue::warning(
                Code::PlatformKey,
                at.to_pointer(),
                "the platform writes this key itself",
            )
            .with_hint("Choose another name, or expect the platform to overwrite the value."),
        );
    }
}
