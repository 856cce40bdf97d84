//! Writes the JavaScript glue of a compiled WebAssembly module and its types, as `wasm-bindgen --target web` does.
//!
//! ```text
//! cognigy-context-wasm-bindgen [--reset-state] MODULE.wasm OUTPUT_FOLDER
//! ```
//!
//! With `--reset-state` the glue has a function that starts the module anew after a panic.

use std::error::Error;
use std::path::PathBuf;

use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: cognigy-context-wasm-bindgen [--reset-state] MODULE.wasm OUTPUT_FOLDER";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let given = arguments.len();
    arguments.retain(|argument| argument != "--reset-state");
    let resets_state = arguments.len() < given;
    let [module, folder] = <[_; 2]>::try_from(arguments).map_err(|_| USAGE)?;
    Bindgen::new()
        .input_path(PathBuf::from(module))
        .web(true)?
        .typescript(true)
        .reset_state_function(resets_state)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(PathBuf::from(folder))?;
    Ok(())
}
