//! Both size measures against simple implementations, and the written text against the measured one.

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use cognigy_context::__bindings::{TextSize, measure_json_with_sentinels};
use cognigy_context::check::read_json;
use cognigy_context::{canonical_json, measure, measure_json, serialize_context};
use support::{nesting, parse, platform_bytes, text_of};

/// Measures one text.
pub fn run(data: &[u8]) {
    if let Some(text) = text_of(data) {
        let size = TextSize::of(text);
        assert_eq!(size.utf16, text.encode_utf16().count());
        assert_eq!(size.json + 2, serde_json::to_string(text).unwrap_or_default().len());
    }
    let sizes = measure_json(data);
    if !data.contains(&1) {
        assert_eq!(sizes, measure_json_with_sentinels(data));
    }
    let (Ok(sizes), Some(value)) = (&sizes, parse(data)) else { return };
    assert_eq!(sizes.platform_bytes, platform_bytes(&value));
    let members = value.as_object().map_or(0, serde_json::Map::len);
    assert_eq!(sizes.variables, members as u64);
    assert_eq!(
        sizes.depth,
        value
            .as_object()
            .map_or_else(|| nesting(&value), |map| map.values().map(nesting).max().unwrap_or(0))
    );
    if let Ok(read) = read_json(data) {
        assert_eq!(read, value);
        assert_eq!(
            measure(&value).map(|sizes| sizes.json_bytes).ok(),
            Some(value.to_string().len() as u64)
        );
        let canonical = canonical_json(data).expect("what can be read has a canonical form");
        // A float from 2^64 on becomes an integer beyond 64 bits, which cannot be read again.
        if let Ok(again) = canonical_json(&canonical) {
            assert_eq!(again, canonical);
        }
    }
    if let Ok(text) = serialize_context(&value) {
        let again = parse(text.as_bytes()).map(|value| serialize_context(&value));
        assert!(matches!(again, Some(Ok(again)) if again == text));
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
