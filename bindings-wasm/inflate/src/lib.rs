//! Decompresses DEFLATE data (RFC 1951) in the Code-node script, whose host has no decompressor.
//!
//! The module has less than 3 kB. In JavaScript, which runs only once and is never optimised, the
//! decompression would take longer than the rest of the start. The decompressor validates almost
//! nothing, because its only input is data that the build writes into the same script.
//!
//! The crate uses `std`, because a `thread_local` is the only safe way to keep state between
//! exports. The linker removes the rest of `std`.

mod decoder;
mod huffman;

use std::cell::RefCell;

use decoder::Decoder;

thread_local! {
    static DECODER: RefCell<Decoder> = const { RefCell::new(Decoder::EMPTY) };
}

/// Returns the address at which the caller writes the input: at most 100,000 units of 16 bits, each with
/// 14 data bits, lowest bits first.
#[cfg_attr(
    target_arch = "wasm32",
    expect(
        unsafe_code,
        reason = "an export needs its name, and wasm-bindgen's glue is larger than this module"
    ),
    unsafe(no_mangle)
)]
pub extern "C" fn input() -> usize {
    DECODER.with_borrow_mut(|decoder| decoder.input.as_mut_ptr() as usize)
}

/// Decompresses the input and returns the address of the output. An instance can do this only once.
#[cfg_attr(
    target_arch = "wasm32",
    expect(unsafe_code, reason = "an export needs its name"),
    unsafe(no_mangle)
)]
pub extern "C" fn inflate() -> usize {
    DECODER.with_borrow_mut(|decoder| {
        decoder.decode();
        decoder.output.as_ptr() as usize
    })
}

/// Returns the element at `index`, or the default beyond the end.
fn get<T: Copy + Default>(elements: &[T], index: usize) -> T {
    elements.get(index).copied().unwrap_or_default()
}

/// Sets the element at `index`; does nothing beyond the end.
fn set<T>(elements: &mut [T], index: usize, value: T) {
    if let Some(element) = elements.get_mut(index) {
        *element = value;
    }
}

#[cfg(test)]
mod tests;
