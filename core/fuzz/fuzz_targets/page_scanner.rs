//! The fast scanner of pages of variables against the general reader with serde.

#![cfg_attr(fuzzing, no_main)]

use cognigy_context::__fuzzing::{render_general_page, render_scanned_page};

/// Reads one page with both.
pub fn run(data: &[u8]) {
    if let Some(scanned) = render_scanned_page(data) {
        assert_eq!(render_general_page(data), Some(scanned));
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
