//! The kept input buffer, into which JavaScript writes the text of each call.

use std::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Makes the input buffer at least `length` bytes long and answers where it is; what was in it
/// stays. 0 when there is no memory for it.
#[wasm_bindgen(js_name = inputBuffer)]
pub fn input_buffer(length: usize) -> usize {
    INPUT.with_borrow_mut(|input| {
        // Zeroed once as it grows, never shrunk: a call pays only for the text it writes.
        let wanted = length.max(1);
        if input.len() < wanted {
            if input.try_reserve(wanted - input.len()).is_err() {
                return 0;
            }
            input.resize(input.capacity(), 0);
        }
        input.as_mut_ptr() as usize
    })
}

/// Works on `length` bytes of the input buffer, from byte `from` on.
pub(crate) fn with_input<T>(from: usize, length: usize, work: impl FnOnce(&[u8]) -> T) -> T {
    INPUT.with_borrow(|input| {
        let text = from.checked_add(length).and_then(|end| input.get(from..end));
        work(text.unwrap_or_default())
    })
}
