//! Generates the JavaScript glue and the types of a compiled WebAssembly module, like `wasm-bindgen --target web`.
//!
//! ```text
//! cognigy-context-wasm-bindgen [--reset-state] MODULE.wasm OUTPUT_FOLDER
//! ```
//!
//! With `--reset-state` the glue contains a function that restarts the module after a panic. The sections with
//! debug names and build tools are removed from the module.

use std::error::Error;
use std::path::PathBuf;

use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: cognigy-context-wasm-bindgen [--reset-state] MODULE.wasm OUTPUT_FOLDER";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let argument_count = arguments.len();
    arguments.retain(|argument| argument != "--reset-state");
    let has_reset_state = arguments.len() < argument_count;
    let [module, folder] = <[_; 2]>::try_from(arguments).map_err(|_| USAGE)?;
    Bindgen::new()
        .input_path(PathBuf::from(module))
        .web(true)?
        .typescript(true)
        .reset_state_function(has_reset_state)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(PathBuf::from(folder))?;
    Ok(())
}
