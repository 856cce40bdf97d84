//! Checks and measures of the text in the input buffer.

use cognigy_context::__bindings;
use cognigy_context::{CheckOptions, Report, measure_json};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::buffer::with_input;
use crate::injection::existing;
use crate::outcome::leave;
use crate::policy::PolicyHandle;

#[wasm_bindgen]
impl PolicyHandle {
    /// Checks the first `length` bytes of the input buffer; `marked` when the text may hold marks
    /// for what has no JSON form. Answers the findings as JSON, or nothing.
    #[must_use]
    pub fn check(&self, length: usize, marked: bool) -> Option<String> {
        let check = CheckOptions::new(self.policy());
        leave(&with_input(0, length, |text| report(&check, text, marked)))
    }

    /// The same, written on_top_of the context that is there already, whose text follows the other.
    #[must_use]
    #[wasm_bindgen(js_name = checkOnto)]
    pub fn check_onto(
        &self,
        length: usize,
        marked: bool,
        existing_length: usize,
        existing_marked: bool,
    ) -> Option<String> {
        let existing = with_input(length, existing_length, |text| existing(text, existing_marked));
        leave(&match existing {
            Ok(existing) => {
                let check = CheckOptions::new(self.policy()).existing(&existing);
                with_input(0, length, |text| report(&check, text, marked))
            }
            Err(error) => error.into_report(),
        })
    }
}

/// Measures the first `length` bytes of the input buffer. Answers the findings as JSON, or nothing.
#[must_use]
#[wasm_bindgen(js_name = measureInput)]
pub fn measure_input(length: usize, marked: bool) -> Option<String> {
    let sizes = with_input(0, length, |text| {
        if marked { __bindings::measure_json_with_sentinels(text) } else { measure_json(text) }
    });
    leave(&match sizes {
        Ok(sizes) => {
            let mut report = Report::default();
            report.sizes = sizes;
            report
        }
        Err(error) => error.into_report(),
    })
}

fn report(check: &CheckOptions<'_>, text: &[u8], marked: bool) -> Report {
    if marked { __bindings::check_json_with_sentinels(check, text) } else { check.json(text) }
}
