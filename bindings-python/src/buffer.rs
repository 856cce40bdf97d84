//! A reusable buffer per thread for request bodies.

use std::cell::Cell;

/// Large enough for most bodies, so that few have to grow it.
const INITIAL_CAPACITY: usize = 8 << 10;

/// A larger buffer is freed and not kept, so that one large body does not occupy memory from then on.
const MAX_KEPT_CAPACITY: usize = 256 << 10;

thread_local! {
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Returns an empty buffer with at least [`INITIAL_CAPACITY`].
pub(crate) fn take() -> Vec<u8> {
    let mut buffer = SPARE.try_with(Cell::take).unwrap_or_default();
    buffer.clear();
    buffer.reserve(INITIAL_CAPACITY);
    buffer
}

/// Keeps the buffer for the next body of this thread.
pub(crate) fn recycle(buffer: Vec<u8>) {
    if buffer.capacity() <= MAX_KEPT_CAPACITY {
        // Fails while the thread ends, when no body follows.
        let _ = SPARE.try_with(|spare| spare.set(buffer));
    }
}
