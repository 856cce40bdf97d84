//! The result of the last check or measurement: its numbers at a fixed address, its issues as JSON.

use std::cell::Cell;

use cognigy_context::{Issue, Report};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::json::to_json;

/// JSON bytes, platform bytes, depth, variables, whether the report is ok (1 or 0), omitted issues.
type ResultArea = [f64; 6];

thread_local! {
    static RESULT: Cell<ResultArea> = const { Cell::new([0.0; 6]) };
}

/// Returns the address of the numbers of the last check or measurement: six 64-bit floats.
#[wasm_bindgen(js_name = checkResultAddress)]
pub fn check_result_address() -> usize {
    RESULT.with(|result| result.as_ptr() as usize)
}

#[derive(Serialize)]
struct Issues<'r> {
    issues: &'r [Issue],
    /// The report as text for a person.
    text: String,
}

/// Publishes the numbers of a report at the fixed address. Returns JSON `{issues, text}`, or `None`
/// when there are no issues.
pub(crate) fn publish(report: &Report) -> Option<String> {
    let sizes = report.sizes;
    RESULT.set([
        sizes.json_bytes as f64,
        sizes.platform_bytes as f64,
        f64::from(sizes.depth),
        sizes.variables as f64,
        f64::from(u8::from(report.ok())),
        report.omitted as f64,
    ]);
    if report.issues.is_empty() {
        return None;
    }
    Some(to_json(&Issues { issues: &report.issues, text: report.to_string() }))
}
