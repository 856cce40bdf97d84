//! The lines of a journal: only a line that the library writes is an item.

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use cognigy_context::client::ItemKey;
use support::text_of;

/// Parses one line, and writes a key made of the first bytes.
pub fn run(data: &[u8]) {
    if let Some(text) = text_of(data)
        && let Some(key) = ItemKey::of_line(text)
    {
        assert_eq!(key.to_line(), text);
    }
    if let Some((index, rest)) = data.split_first_chunk::<8>()
        && let Some(digest) = rest.first_chunk::<16>()
    {
        let key = ItemKey { index: u64::from_le_bytes(*index), digest: *digest };
        let line = key.to_line();
        assert_eq!(ItemKey::of_line(&line), Some(key));
        assert!(!line.contains('\n'));
        // A line that lost its end is no other item.
        for end in 0..line.len() {
            assert_eq!(ItemKey::of_line(line.get(..end).unwrap_or_default()), None);
        }
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
