//! On macOS the linker leaves Python's symbols open, to be found when the extension module is loaded.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
