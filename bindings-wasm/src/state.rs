//! Updates of a dialog's state, whose maps of variables are in the input buffer.

use cognigy_context::__bindings::{Checker, JsonWriter, Path, visit_with_sentinels_at};
use cognigy_context::__bindings::{StateSplitter, StateWriter};
use cognigy_context::check::CheckedBody;
use cognigy_context::{Policy, ValidationError};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::args::{lone_surrogate, merge_issues};
use crate::buffer::with_input;
use crate::errors::to_js_error;
use crate::injection_payload::report_json;
use crate::json::{from_json, to_json};

/// One part: the ranges of its session and user variables, and whether it contains the transition.
type Part = ([usize; 2], [usize; 2], bool);

/// An update whose maps are in the input buffer.
#[derive(Clone, Copy)]
pub(crate) struct Update<'u> {
    /// The number of bytes of the session's variables, which start the buffer.
    pub(crate) session: usize,
    /// The number of bytes of the user's variables, which follow.
    pub(crate) user: usize,
    /// The next step as a JSON string.
    pub(crate) next_step: Option<&'u str>,
}

impl Update<'_> {
    /// Returns the next step. Half of a surrogate pair, which the core cannot read, becomes U+FFFD and an error.
    fn next_step(&self) -> (Option<String>, Option<ValidationError>) {
        match self.next_step.map(from_json::<String>) {
            None => (None, None),
            Some(Ok(step)) => (Some(step), None),
            Some(Err(_)) => {
                let transition = Path::ROOT.key("transition");
                let error = lone_surrogate(&transition.key("nextStep"));
                (Some(char::REPLACEMENT_CHARACTER.to_string()), error)
            }
        }
    }

    /// Checks the update and writes its body.
    ///
    /// # Errors
    /// [`ValidationError`] with every issue.
    pub(crate) fn write(self) -> Result<CheckedBody, ValidationError> {
        let (next_step, invalid) = self.next_step();
        let mut writer = StateWriter::new(Policy::state(), Vec::new());
        writer.session(is_empty(0, self.session), visit(0, self.session));
        writer.user(is_empty(self.session, self.user), visit(self.session, self.user));
        merge_issues(invalid, writer.finish(next_step.as_deref()))
    }

    fn split(self) -> Result<Vec<Part>, ValidationError> {
        let (next_step, invalid) = self.next_step();
        if let Some(invalid) = invalid {
            return Err(invalid);
        }
        let mut splitter = StateSplitter::new(Policy::state());
        splitter.session(is_empty(0, self.session), visit(0, self.session));
        splitter.user(is_empty(self.session, self.user), visit(self.session, self.user));
        let parts = splitter.split(next_step.as_deref())?;
        let bounds = |range: &std::ops::Range<usize>| [range.start, range.end];
        Ok(parts
            .iter()
            .map(|part| (bounds(&part.session), bounds(&part.user), part.has_transition))
            .collect())
    }
}

/// Returns whether a map in the input buffer is empty.
fn is_empty(from: usize, length: usize) -> bool {
    with_input(from, length, |text| text == b"{}")
}

/// Returns a function that visits a map in the input buffer.
fn visit<'c, O: JsonWriter>(
    from: usize,
    length: usize,
) -> impl FnOnce(&mut Checker<'c, O>, &Path<'_>) {
    move |checker, path| {
        with_input(from, length, |text| visit_with_sentinels_at(text, checker, path))
    }
}

/// Returns the body of an update as compact JSON. `session` and `user`: the byte length of each map.
///
/// # Errors
/// JSON of the error with every issue.
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = stateBody)]
pub fn state_body(
    session: usize,
    user: usize,
    next_step: Option<String>,
) -> Result<String, JsValue> {
    let update = Update { session, user, next_step: next_step.as_deref() };
    let written = update.write().map_err(to_js_error)?;
    Ok(String::from_utf8(written.body).unwrap_or_default())
}

/// Checks the update and returns JSON: `{report, text}`. The arguments are those of [`state_body`].
#[must_use]
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = stateReport)]
pub fn state_report(session: usize, user: usize, next_step: Option<String>) -> String {
    report_json(&Update { session, user, next_step: next_step.as_deref() }.write())
}

/// Splits the update. The arguments are those of [`state_body`]. Returns JSON: a list of parts, each with the
/// ranges of its session and user variables (`[from, to]`, by position in the map) and whether it contains the
/// transition.
///
/// # Errors
/// JSON of the error when the update cannot be split.
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = stateParts)]
pub fn state_parts(
    session: usize,
    user: usize,
    next_step: Option<String>,
) -> Result<String, JsValue> {
    let update = Update { session, user, next_step: next_step.as_deref() };
    update.split().map(|parts| to_json(&parts)).map_err(to_js_error)
}
