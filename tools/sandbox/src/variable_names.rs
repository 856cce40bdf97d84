//! The rules for the names of variables. Each rule returns an error message, or `None` for a valid name.

use unicode_general_category::{GeneralCategory, get_general_category};

/// The maximum length of the name of an injected variable, in Unicode code points.
const MAX_INJECTED_NAME_CODE_POINTS: usize = 128;

/// The prefixes of the platform's own variables in a dialog's state.
const RESERVED_PREFIXES: [&str; 4] = ["_cognigy", "_session", "_user", "cognigy_"];

/// Checks the name of a variable to inject into a session. Returns an error message, or `None` for a
/// valid name.
pub(crate) fn check_injected_name(name: &str) -> Option<&'static str> {
    let length = name.chars().count();
    if length == 0 {
        return Some("must not be empty");
    }
    if length > MAX_INJECTED_NAME_CODE_POINTS {
        return Some("must have at most 128 code points");
    }
    if !name.chars().all(|c| matches!(c, '_' | '-') || is_letter_or_number(c)) {
        return Some("must contain only letters, numbers, _ and -");
    }
    if !name.chars().any(is_letter_or_number) {
        return Some("must contain a letter or a number");
    }
    None
}

/// Checks the name of a variable in a dialog's state. Returns an error message, or `None` for a valid
/// name.
pub(crate) fn check_state_name(name: &str) -> Option<&'static str> {
    // A Unicode identifier (UAX 31). The message names the usual characters; combining marks may follow, too.
    let mut characters = name.chars();
    let has_valid_start =
        characters.next().is_some_and(|first| first == '_' || unicode_ident::is_xid_start(first));
    if !has_valid_start || !characters.all(unicode_ident::is_xid_continue) {
        return Some("must start with a letter or _, followed by letters, digits and _ only");
    }
    if RESERVED_PREFIXES.iter().any(|reserved| name.starts_with(reserved)) {
        return Some("must not begin with _cognigy, _session, _user or cognigy_");
    }
    None
}

/// Returns whether Unicode classifies the character as a letter (`L*`) or a number (`N*`), in any script.
/// Numbers include `½` and `ⅷ`. Combining marks (`M*`) are neither.
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
    fn an_injected_name_has_letters_numbers_underscores_and_hyphens() {
        let longest = "é".repeat(MAX_INJECTED_NAME_CODE_POINTS);
        for valid in ["a", "7", "user-tier", "_x", "Größe", "名前", "ⅷ", "½", &longest] {
            assert_eq!(check_injected_name(valid), None, "{valid}");
        }
        let too_long = "a".repeat(MAX_INJECTED_NAME_CODE_POINTS + 1);
        // U+0301 is a combining mark, which is neither a letter nor a number.
        for invalid in ["", "_", "-", "a b", "a.b", "a\u{301}", "😀", "a\0", &too_long] {
            assert!(check_injected_name(invalid).is_some(), "{invalid}");
        }
    }

    #[test]
    fn a_state_name_is_an_identifier_without_a_reserved_prefix() {
        for valid in ["a", "_a", "_", "größe", "名前", "a7", "cognigy", "user_x", "_use"] {
            assert_eq!(check_state_name(valid), None, "{valid}");
        }
        for invalid in [
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
            assert!(check_state_name(invalid).is_some(), "{invalid}");
        }
    }
}
