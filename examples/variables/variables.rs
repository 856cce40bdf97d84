//! An answer of variables, typed and resolved: which value a flow would see, and what it hides.

use cognigy_context::coerce::Mode;
use cognigy_context::parse_variables;

fn main() -> Result<(), cognigy_context::Error> {
    let answer = br#"{"variables": [
        {"name": "tier", "value": "gold", "scope": "bot"},
        {"name": "tier", "value": "platinum", "scope": "user"},
        {"name": "visits", "value": "42", "scope": "session"},
        {"name": "phone", "value": "0049170", "scope": "user"},
        {"name": "_turn", "value": "7", "scope": "session"}]}"#;

    let variables = parse_variables([answer], Mode::Lossless)?;
    for (name, entry) in variables.debug_view().iter() {
        println!("{name} = {} ({}, {})", entry.value, entry.value_type, entry.scope);
    }
    for (variable, by) in &variables.shadowed {
        println!("{} in scope {} is shadowed by scope {by}", variable.name, variable.scope);
    }
    Ok(())
}
