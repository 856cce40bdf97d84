//! One buffer for the bodies that are written on a thread, kept from one to the next.

use std::cell::Cell;

/// Room for a body of usual size, so that few bodies have to grow from nothing.
const FIRST_CAPACITY: usize = 8 << 10;

/// A buffer that had to be larger than this is not kept: one large body a day must not hold memory
/// for ever.
const MOST_KEPT: usize = 256 << 10;

thread_local! {
    static KEPT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// An empty buffer with room.
pub(crate) fn take() -> Vec<u8> {
    let mut buffer = KEPT.try_with(Cell::take).unwrap_or_default();
    buffer.clear();
    buffer.reserve(FIRST_CAPACITY);
    buffer
}

/// Keeps the buffer for the next body.
pub(crate) fn put_back(buffer: Vec<u8>) {
    if buffer.capacity() <= MOST_KEPT {
        // On a thread that is ending there is no next body.
        let _ = KEPT.try_with(|kept| kept.set(buffer));
    }
}
