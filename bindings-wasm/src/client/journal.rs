//! The format of a journal, for the journals in files of Node. TypeScript reads and writes the files.

use cognigy_context::__bindings::{FileStart, JOURNAL, JournalScanner};
use cognigy_context::ConfigurationError;
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::errors::to_js_error;
use crate::json::to_json;

/// Returns the first line of a journal, with its line break.
#[must_use]
#[wasm_bindgen(js_name = journalHeader)]
pub fn journal_header() -> String {
    format!("{}\n", JOURNAL.header())
}

/// Recognises a journal by its first bytes: at least 128, or the whole file. Returns `empty`, `partial` when only
/// a part of the first line was written, or `header`.
///
/// # Errors
/// JSON of the error when the file is not a journal, or one of another version.
#[wasm_bindgen(js_name = journalStart)]
pub fn journal_start(start: &[u8]) -> Result<String, JsValue> {
    match JOURNAL.recognize(start) {
        Ok(FileStart::Empty) => Ok("empty".to_owned()),
        Ok(FileStart::PartialHeader) => Ok("partial".to_owned()),
        Ok(FileStart::Header) => Ok("header".to_owned()),
        Err(error) => {
            Err(to_js_error(ConfigurationError::of_field("path", format!("path: {error}"))))
        }
    }
}

/// Reads the text of a journal in pieces.
#[derive(Debug, Default)]
#[wasm_bindgen]
pub struct JournalReader(JournalScanner);

/// The end of a journal's text, for TypeScript.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EndJson {
    damaged: u64,
    partial_bytes: u64,
}

#[wasm_bindgen]
impl JournalReader {
    /// Starts before the first line.
    #[must_use]
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next bytes. Returns the lines of items that end in them, each with a line break.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        let mut lines = String::new();
        self.0.push(bytes, |key| {
            lines.push_str(&key.to_line());
            lines.push('\n');
        });
        lines
    }

    /// Ends the text. Returns JSON: the number of damaged lines, and the length of the partial last line.
    #[must_use]
    pub fn finish(self) -> String {
        let end = self.0.finish();
        to_json(&EndJson { damaged: end.report.damaged, partial_bytes: end.partial_bytes })
    }
}
