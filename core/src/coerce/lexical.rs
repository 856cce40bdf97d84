//! Lexical rules that all modes of coercion use.

/// Parses `true` and `false`, in any case; `None` for any other text.
pub(super) fn parse_boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Removes the white space of JSON, and no other white space, from both ends.
pub(super) fn trim_json(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}

/// Returns whether a text has the grammar of a JSON number, which is stricter than that of Rust.
pub(super) fn is_json_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (integer_part, fraction) = match mantissa.split_once('.') {
        Some((integer_part, fraction)) => (integer_part, Some(fraction)),
        None => (mantissa, None),
    };
    let is_integer_part_valid =
        is_digits(integer_part) && (integer_part == "0" || !integer_part.starts_with('0'));
    let exponent_digits =
        exponent.map(|exponent| exponent.strip_prefix(['-', '+']).unwrap_or(exponent));
    is_integer_part_valid && fraction.is_none_or(is_digits) && exponent_digits.is_none_or(is_digits)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(crate::seed::cases(1_024))]

        #[test]
        fn is_json_number_agrees_with_serde_json(text in "-?[0-9]{0,3}[.]?[0-9]{0,2}([eE][-+]?[0-9]{0,2})?[-. x]?") {
            let parsed = serde_json::from_str::<serde_json::Value>(&text);
            let is_number = !text.ends_with(' ') && parsed.is_ok_and(|value| value.is_number());
            prop_assert_eq!(is_json_number(&text), is_number, "{}", text);
        }
    }
}
