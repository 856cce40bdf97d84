//! Schema documents: compile a schema, fill its defaults and validate a document (after a zero byte).

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use cognigy_context::Schema;
use support::{parse, split_once};

/// The maximum bytes of a schema and its document. Larger ones only take longer.
const MAX_BYTES: usize = 2_048;

/// Applies one schema to one document.
pub fn run(data: &[u8]) {
    if data.len() > MAX_BYTES {
        return;
    }
    let (schema, document) = split_once(data);
    let Some(Ok(schema)) = parse(schema).map(Schema::new) else { return };
    let _ = schema.requires(["a", "b"]);
    let Some(document) = parse(document) else { return };
    let violations = schema.violations(&document);
    assert_eq!(schema.is_valid(&document), violations.is_empty());
    for issue in &violations {
        assert!(issue.path.is_empty() || issue.path.starts_with('/'), "{issue:?}");
    }
    match schema.apply(document) {
        Ok(filled) => assert!(schema.is_valid(&filled)),
        Err(error) => assert!(!error.report().ok()),
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
