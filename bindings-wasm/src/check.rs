//! Checks and measurements of the text in the input buffer. The text may contain sentinels: U+0001 and a
//! letter, in place of a value that has no JSON form. The sizes are published in
//! [`check_result`](crate::check_result).

use cognigy_context::__bindings;
use cognigy_context::{CheckOptions, Report, measure_json};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::buffer::with_input;
use crate::check_result::publish;
use crate::context_injection::parse_existing;
use crate::policy::PolicyHandle;

#[wasm_bindgen]
impl PolicyHandle {
    /// Checks the first `length` bytes of the input buffer, which may contain sentinels when
    /// `has_sentinels` is set. Returns the issues as JSON, or `None` when there are none.
    #[must_use]
    pub fn check(&self, length: usize, has_sentinels: bool) -> Option<String> {
        let options = CheckOptions::new(self.policy());
        publish(&with_input(0, length, |text| check(&options, text, has_sentinels)))
    }

    /// Checks like [`check`](Self::check), on top of an existing context. The `existing_length` bytes
    /// of its text follow in the buffer.
    #[must_use]
    #[wasm_bindgen(js_name = checkOnTopOf)]
    pub fn check_on_top_of(
        &self,
        length: usize,
        has_sentinels: bool,
        existing_length: usize,
        existing_has_sentinels: bool,
    ) -> Option<String> {
        let existing = with_input(length, existing_length, |text| {
            parse_existing(text, existing_has_sentinels)
        });
        publish(&match existing {
            Ok(existing) => {
                let options = CheckOptions::new(self.policy()).existing(&existing);
                with_input(0, length, |text| check(&options, text, has_sentinels))
            }
            Err(error) => error.into_report(),
        })
    }
}

/// Measures the first `length` bytes of the input buffer, which may contain sentinels when
/// `has_sentinels` is set. Returns the issues as JSON, or `None` when there are none.
#[must_use]
#[wasm_bindgen(js_name = measureInput)]
pub fn measure_input(length: usize, has_sentinels: bool) -> Option<String> {
    let sizes = with_input(0, length, |text| {
        if has_sentinels {
            __bindings::measure_json_with_sentinels(text)
        } else {
            measure_json(text)
        }
    });
    publish(&match sizes {
        Ok(sizes) => {
            let mut report = Report::default();
            report.sizes = sizes;
            report
        }
        Err(error) => error.into_report(),
    })
}

fn check(options: &CheckOptions<'_>, text: &[u8], has_sentinels: bool) -> Report {
    if has_sentinels {
        __bindings::check_json_with_sentinels(options, text)
    } else {
        options.json(text)
    }
}
