//! The name rules. Each function returns the error of a name, or `None`.

use unicode_general_category::{GeneralCategory, get_general_category};

/// The maximum length of an injected name.
const MAX_CODE_POINTS: usize = 128;

/// The prefixes of the platform's own variables in a dialog's state.
const RESERVED_PREFIXES: [&str; 4] = ["_cognigy", "_session", "_user", "cognigy_"];

/// Checks the name of a variable to inject into a session.
pub(crate) fn check_injected_name(name: &str) -> Option<&'static str> {
    let length = name.chars().count();
    if length == 0 {
        return Some("must not be empty");
    }
    if length > MAX_CODE_POINTS {
        return Some("must have at most 128 code points");
    }
    if !name.chars().all(|it| matches!(it, '_' | '-') || is_letter_or_number(it)) {
        return Some("must contain only letters, digits, _ and -");
    }
    if !name.chars().any(is_letter_or_number) {
        return Some("must contain a letter or a digit");
    }
    None
}

/// Checks the name of a variable in a dialog's state.
pub(crate) fn check_state_name(name: &str) -> Option<&'static str> {
    let mut characters = name.chars();
    let has_valid_start =
        characters.next().is_some_and(|first| first == '_' || unicode_ident::is_xid_start(first));
    if !has_valid_start || !characters.all(unicode_ident::is_xid_continue) {
        return Some("must be a Unicode identifier");
    }
    if RESERVED_PREFIXES.iter().any(|reserved| name.starts_with(reserved)) {
        return Some("must not begin with _cognigy, _session, _user or cognigy_");
    }
    None
}

fn is_letter_or_number(character: char) -> bool {
    use GeneralCategory::{
        DecimalNumber, LetterNumber, LowercaseLetter, ModifierLetter, OtherLetter, OtherNumber,
        TitlecaseLetter, UppercaseLetter,
    };
    matches!(
        get_general_category(character),
        LowercaseLetter
            | ModifierLetter
            | OtherLetter
            | TitlecaseLetter
            | UppercaseLetter
            | DecimalNumber
            | LetterNumber
            | OtherNumber
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_injected_name_has_letters_digits_underscores_and_hyphens() {
        let longest = "é".repeat(128);
        for good in ["a", "7", "user-tier", "_x", "Größe", "名前", "ⅷ", "½", &longest] {
            assert_eq!(check_injected_name(good), None, "{good}");
        }
        let too_long = "a".repeat(129);
        for bad in ["", "_", "-", "a b", "a.b", "a\u{301}", "😀", "a\0", &too_long] {
            assert!(check_injected_name(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_state_name_is_an_identifier_without_a_reserved_prefix() {
        for good in ["a", "_a", "_", "größe", "名前", "a7", "cognigy", "user_x", "_use"] {
            assert_eq!(check_state_name(good), None, "{good}");
        }
        for bad in [
            "",
            "7a",
            "a-b",
            "a.b",
            "a b",
            "😀",
            "_cognigy",
            "_cognigyX",
            "_session1",
            "_user",
            "_user_id",
            "cognigy_",
            "cognigy_x",
        ] {
            assert!(check_state_name(bad).is_some(), "{bad}");
        }
    }
}
