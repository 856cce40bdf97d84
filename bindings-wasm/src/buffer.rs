//! The input buffer, into which JavaScript writes text before a call. All calls use the same buffer.

use std::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Grows the input buffer to at least `length` bytes, keeps its content, and returns its address.
/// Returns 0 when there is not enough memory.
#[wasm_bindgen(js_name = inputBuffer)]
pub fn input_buffer(length: usize) -> usize {
    INPUT.with_borrow_mut(|input| {
        // New bytes are zeroed once, and the buffer never shrinks, so a call pays only for the
        // text that it writes.
        let required = length.max(1);
        if input.len() < required {
            if input.try_reserve(required - input.len()).is_err() {
                return 0;
            }
            input.resize(input.capacity(), 0);
        }
        input.as_mut_ptr() as usize
    })
}

/// Calls `read` with `length` bytes of the input buffer, starting at byte `from`. Passes an empty slice when
/// the range does not lie in the buffer.
pub(crate) fn with_input<T>(from: usize, length: usize, read: impl FnOnce(&[u8]) -> T) -> T {
    INPUT.with_borrow(|input| {
        let text = from.checked_add(length).and_then(|end| input.get(from..end));
        read(text.unwrap_or_default())
    })
}
