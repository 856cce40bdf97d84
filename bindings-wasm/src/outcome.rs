//! The outcome of the last check: its figures at a fixed place, its findings as JSON.

use std::cell::Cell;

use cognigy_context::{Issue, Report};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::json::json;

/// JSON bytes, platform bytes, depth, variables, whether it is ok, issues not kept.
type Figures = [f64; 6];

thread_local! {
    static FIGURES: Cell<Figures> = const { Cell::new([0.0; 6]) };
}

/// Where the figures of the last check are: six 64-bit floats.
#[wasm_bindgen]
pub fn outcome() -> usize {
    FIGURES.with(|figures| figures.as_ptr() as usize)
}

/// What there is to say beside the figures.
#[derive(Serialize)]
struct Findings<'r> {
    issues: &'r [Issue],
    text: String,
}

/// Leaves the figures where JavaScript reads them; answers the findings, if there are any.
pub(crate) fn leave(report: &Report) -> Option<String> {
    let sizes = report.sizes;
    let figures = [
        sizes.json_bytes as f64,
        sizes.platform_bytes as f64,
        f64::from(sizes.depth),
        sizes.variables as f64,
        f64::from(u8::from(report.ok())),
        report.omitted as f64,
    ];
    FIGURES.set(figures);
    if report.issues.is_empty() {
        return None;
    }
    Some(json(&Findings { issues: &report.issues, text: report.to_string() }))
}
