//! Typed and resolved variables: the values that a flow sees, and the values that they shadow.

use cognigy_context::coerce::Mode;
use cognigy_context::parse_variables;

fn main() -> Result<(), cognigy_context::Error> {
    let response = br#"{"variables": [
        {"name": "tier", "value": "gold", "scope": "bot"},
        {"name": "tier", "value": "platinum", "scope": "user"},
        {"name": "visits", "value": "42", "scope": "session"},
        {"name": "phone", "value": "0049170", "scope": "user"},
        {"name": "_turn", "value": "7", "scope": "session"}]}"#;

    let variables = parse_variables([response], Mode::Lossless)?;
    for (name, entry) in variables.debug_view().iter() {
        println!("{name} = {} ({}, {})", entry.value, entry.value_type, entry.scope);
    }
    for (variable, by) in &variables.shadowed {
        println!("{} in scope {} is shadowed by scope {by}", variable.name, variable.scope);
    }
    Ok(())
}
