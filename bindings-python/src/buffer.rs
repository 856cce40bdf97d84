//! A reusable buffer per thread for request bodies.

use std::cell::Cell;

/// Bytes of a new buffer: enough for most bodies, so that few have to grow it.
const INITIAL_CAPACITY: usize = 8 << 10;

/// Maximum bytes of a buffer that is kept. A larger one is freed, so that one large body does not occupy
/// memory from then on.
const MAX_KEPT_CAPACITY: usize = 256 << 10;

thread_local! {
    /// The buffer that the next body of this thread uses; empty while a body is written.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Returns an empty buffer of at least [`INITIAL_CAPACITY`] bytes.
pub(crate) fn take() -> Vec<u8> {
    let mut buffer = SPARE.try_with(Cell::take).unwrap_or_default();
    buffer.clear();
    buffer.reserve(INITIAL_CAPACITY);
    buffer
}

/// Keeps the buffer for the next body of this thread, unless it exceeds [`MAX_KEPT_CAPACITY`].
pub(crate) fn recycle(buffer: Vec<u8>) {
    if buffer.capacity() <= MAX_KEPT_CAPACITY {
        // Fails while the thread ends, when no body follows.
        let _ = SPARE.try_with(|spare| spare.set(buffer));
    }
}
