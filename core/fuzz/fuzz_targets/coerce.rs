//! Coercion in both modes and with all declared types.

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use cognigy_context::__bindings::{
    Coerced, Decimal, IntegerRange, coerce_text, coerce_text_within,
};
use cognigy_context::coerce::{Mode, TypeHint};
use cognigy_context::{canonical_json, coerce};
use serde_json::Value;
use support::{parse, text_of};

const HINTS: [TypeHint; 7] = [
    TypeHint::String,
    TypeHint::Number,
    TypeHint::Integer,
    TypeHint::Boolean,
    TypeHint::Object,
    TypeHint::Array,
    TypeHint::Json,
];

/// Coerces one text.
pub fn run(data: &[u8]) {
    let Some(text) = text_of(data) else { return };
    for mode in [Mode::Lossless, Mode::Compat] {
        let coerced =
            coerce_text(text, mode, None).expect("without a declared type every text has a value");
        check_without_type(text, mode, &coerced);
        let value = coerce(&Value::from(text), mode, None)
            .expect("without a declared type every text has a value");
        assert_eq!(value, coerced.to_value().unwrap_or_else(|| Value::from(text)));
        for hint in HINTS {
            let typed = coerce_text(text, mode, Some(hint));
            if let Ok(typed) = &typed {
                check_typed(text, mode, hint, typed);
            }
            let value = coerce(&Value::from(text), mode, Some(hint));
            assert_eq!(value.ok(), typed.ok().and_then(|typed| typed.to_value()));
        }
        for widest in [IntegerRange::Safe, IntegerRange::Bits64, IntegerRange::Beyond] {
            let within = coerce_text_within(text, mode, None, widest).expect("a text stays text");
            assert!(within.integer_range() <= widest);
            assert!(within == coerced || within == Coerced::Text(text.into()));
        }
    }
}

fn check_without_type(text: &str, mode: Mode, coerced: &Coerced<'_>) {
    match (mode, coerced) {
        // A number can be written back as the same text.
        (Mode::Lossless, Coerced::Integer(digits)) => assert_eq!(digits, text),
        (Mode::Lossless, Coerced::Float(value)) => {
            assert_eq!(ecmascript_text(*value), text);
        }
        (Mode::Lossless, Coerced::Text(result)) if !text.trim_start().starts_with('"') => {
            assert_eq!(result, text)
        }
        // A second coercion of a number changes nothing.
        (Mode::Compat, Coerced::Integer(digits)) => {
            assert_eq!(coerce_text(digits, mode, None).as_ref(), Ok(coerced));
        }
        (Mode::Compat, Coerced::Float(value)) => {
            let written = serde_json::to_string(value).unwrap_or_default();
            assert_eq!(coerce_text(&written, mode, None).as_ref(), Ok(coerced));
        }
        (_, Coerced::Boolean(value)) => {
            assert!(text.trim().eq_ignore_ascii_case(&value.to_string()))
        }
        (_, Coerced::Null) => assert_eq!(text.trim(), "null"),
        (_, Coerced::Json { text: json, integers }) => {
            assert_eq!(text.trim_matches([' ', '\t', '\n', '\r']), *json);
            if *integers != IntegerRange::Beyond && mode == Mode::Lossless {
                assert_eq!(
                    coerced.to_value(),
                    parse(json.as_bytes()).or_else(|| coerced.to_value())
                );
            }
        }
        _ => {}
    }
}

/// Returns the text of a float as ECMAScript writes it.
fn ecmascript_text(value: f64) -> String {
    let text = serde_json::to_string(&value).expect("a coerced float is finite");
    canonical_json(text).expect("a float has a canonical form")
}

fn check_typed(text: &str, mode: Mode, hint: TypeHint, typed: &Coerced<'_>) {
    let has_type = match hint {
        TypeHint::String => *typed == Coerced::Text(text.into()),
        TypeHint::Number => matches!(typed, Coerced::Integer(_) | Coerced::Float(_)),
        TypeHint::Integer => matches!(typed, Coerced::Integer(_)),
        TypeHint::Boolean => matches!(typed, Coerced::Boolean(_)),
        TypeHint::Object => matches!(typed, Coerced::Json { text, .. } if text.starts_with('{')),
        TypeHint::Array => matches!(typed, Coerced::Json { text, .. } if text.starts_with('[')),
        TypeHint::Json => true,
    };
    assert!(has_type, "{hint:?}: {typed:?}");
    // In lossless mode the decimal value of a number is preserved.
    if mode == Mode::Lossless && matches!(hint, TypeHint::Number | TypeHint::Integer) {
        let written = match typed {
            Coerced::Float(value) => ecmascript_text(*value),
            Coerced::Integer(digits) => digits.to_string(),
            _ => return,
        };
        assert_eq!(Decimal::of(&written), Decimal::of(text.trim_matches([' ', '\t', '\n', '\r'])));
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
