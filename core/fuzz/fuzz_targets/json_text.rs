//! JSON text against `serde_json`: the check accepts the same texts, counts the same sizes as for the parsed value, and
//! writes the same value.

#![cfg_attr(fuzzing, no_main)]

#[path = "support.rs"]
mod support;

use cognigy_context::__bindings::check_json_with_sentinels;
use cognigy_context::{CheckOptions, Code, Preset, Report};
use support::{has_only_safe_integers, parse};

/// Compares the check of one text under all presets with serde.
pub fn run(data: &[u8]) {
    let parsed = serde_json::from_slice::<serde_json::Value>(data);
    let has_internal_key = has_internal_key(data);
    for preset in Preset::ALL {
        // The check reads internal keys, and skips their values.
        let skips_values = *preset == Preset::Context && has_internal_key;
        let options = CheckOptions::new(preset.policy());
        let report = options.json(data);
        check_issues(&report);
        let is_json = !has(&report, Code::InvalidJson);
        match &parsed {
            Ok(value) => {
                assert!(is_json, "{preset}: serde accepts the text: {report:?}");
                // A parsed value has no duplicate keys, and other numbers than its text if they are not safe integers.
                if !has(&report, Code::DuplicateKey)
                    && has_only_safe_integers(value)
                    && !has_minus_zero(data)
                {
                    assert_eq!(report, options.value(value), "{preset}");
                }
            }
            // Serde rejects these texts, too, but they have codes of their own. It does not read below level 127.
            Err(error) => assert!(
                !is_json
                    || [Code::LoneSurrogate, Code::NonFiniteNumber, Code::UnsafeInteger, Code::NestingTooDeep].iter().any(|code| has(&report, *code))
                    || error.to_string().contains("recursion limit")
                    || skips_values,
                "{preset}: serde rejects the text: {error}"
            ),
        }
        if !data.contains(&1) {
            assert_eq!(report, check_json_with_sentinels(&options, data), "{preset}");
        }
        let written = options.json_to_json(data);
        assert_eq!(report.ok(), written.is_ok(), "{preset}");
        if let (Ok(written), Ok(value)) = (written, &parsed) {
            assert_eq!(written.body.len() as u64, report.sizes.json_bytes, "{preset}");
            if !skips_values {
                assert_eq!(parse(&written.body).as_ref(), Some(value), "{preset}");
            }
        }
    }
}

/// Checks what is true of every report.
fn check_issues(report: &Report) {
    for issue in &report.issues {
        assert!(issue.path.is_empty() || issue.path.starts_with('/'), "{issue:?}");
        assert!(!issue.message.is_empty(), "{issue:?}");
    }
    assert!(!report.ok() || report.errors().next().is_none());
}

fn has(report: &Report, code: Code) -> bool {
    report.issues.iter().any(|issue| issue.code == code)
}

/// Returns whether the data may contain a key that starts with two underscores, which may be escaped.
fn has_internal_key(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    text.replace("\\u005f", "_").replace("\\u005F", "_").contains("\"__")
}

fn has_minus_zero(data: &[u8]) -> bool {
    data.windows(2).any(|bytes| bytes == b"-0")
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
