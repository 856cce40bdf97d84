//! Responses with variables: the pages, separated by zero bytes, are decoded, coerced and resolved.

#![cfg_attr(fuzzing, no_main)]

use cognigy_context::__bindings::type_name;
use cognigy_context::coerce::Mode;
use cognigy_context::{parse_variables, scope};

/// Reads the pages in both modes.
pub fn run(data: &[u8]) {
    let pages: Vec<&[u8]> = data.split(|byte| *byte == 0).collect();
    for mode in [Mode::Lossless, Mode::Compat] {
        let Ok(variables) = parse_variables(&pages, mode) else { continue };
        for variable in variables.iter() {
            assert_eq!(variables.get(&variable.name), Some(variable));
            let _ = type_name(&variable.value);
        }
        for (shadowed, by) in &variables.shadowed {
            let resolved = variables.get(&shadowed.name).expect("a shadowed name is resolved");
            assert_eq!(&resolved.scope, by);
            assert!(scope::precedence(by) >= scope::precedence(&shadowed.scope));
        }
        let view =
            serde_json::to_value(variables.debug_view()).expect("a debug view has a JSON form");
        assert!(view.as_object().is_some_and(|view| view.len() <= variables.len()));
        for issue in &variables.issues {
            assert!(issue.path.starts_with("/variables/"));
        }
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
