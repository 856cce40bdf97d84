//! Updates of a dialog's state, whose two maps are in the input buffer.

use cognigy_context::__bindings::{Checker, JsonWriter, Path, visit_with_sentinels_at};
use cognigy_context::__bindings::{StateSplitter, StateWriter};
use cognigy_context::check::CheckedBody;
use cognigy_context::{Policy, ValidationError};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::buffer::with_input;
use crate::failure::thrown;
use crate::json::json;
use crate::payload::report_of;
use crate::text::id_of;

/// The wire's name of the next step, as a place in the body.
const NEXT_STEP: &str = "transition/nextStep";

/// The places of a part's variables, of the session and of the user, and whether the transition is in
/// it.
type Part = ([usize; 2], [usize; 2], bool);

/// An update: how many bytes of the input buffer are the session's map, how many behind them the
/// user's, and the next step as a JSON string.
#[derive(Clone, Copy)]
pub(crate) struct Update<'u> {
    pub(crate) session: usize,
    pub(crate) user: usize,
    pub(crate) next_step: Option<&'u str>,
}

impl Update<'_> {
    fn next_step(&self) -> Result<Option<String>, ValidationError> {
        self.next_step.map(|step| id_of(step, NEXT_STEP)).transpose()
    }

    pub(crate) fn write(self) -> Result<CheckedBody, ValidationError> {
        let next_step = self.next_step()?;
        let mut writer = StateWriter::new(Policy::state(), Vec::new());
        writer.session(is_empty(0, self.session), visit(0, self.session));
        writer.user(is_empty(self.session, self.user), visit(self.session, self.user));
        writer.finish(next_step.as_deref())
    }

    fn split(self) -> Result<Vec<Part>, ValidationError> {
        let next_step = self.next_step()?;
        let mut sizer = StateSplitter::new(Policy::state());
        sizer.session(is_empty(0, self.session), visit(0, self.session));
        sizer.user(is_empty(self.session, self.user), visit(self.session, self.user));
        let parts = sizer.split(next_step.as_deref())?;
        let place = |range: &std::ops::Range<usize>| [range.start, range.end];
        Ok(parts
            .iter()
            .map(|part| (place(&part.session), place(&part.user), part.has_transition))
            .collect())
    }
}

fn is_empty(from: usize, length: usize) -> bool {
    with_input(from, length, |text| text == b"{}")
}

fn visit<'c, O: JsonWriter>(
    from: usize,
    length: usize,
) -> impl FnOnce(&mut Checker<'c, O>, &Path<'_>) {
    move |checker, at| with_input(from, length, |text| visit_with_sentinels_at(text, checker, at))
}

/// The body of an update as compact JSON.
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
    let written = update.write().map_err(thrown)?;
    Ok(String::from_utf8(written.body).unwrap_or_default())
}

/// What a check of the update finds, warnings too, as JSON of a report.
#[must_use]
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = stateReport)]
pub fn state_report(session: usize, user: usize, next_step: Option<String>) -> String {
    report_of(&Update { session, user, next_step: next_step.as_deref() }.write())
}

/// How the update is to be split, as JSON: a list of parts, each the places of the session's
/// variables, `[from, to]`, those of the user's, and whether the transition is in it.
///
/// # Errors
/// JSON of the error when it cannot be split.
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = stateParts)]
pub fn state_parts(
    session: usize,
    user: usize,
    next_step: Option<String>,
) -> Result<String, JsValue> {
    let update = Update { session, user, next_step: next_step.as_deref() };
    update.split().map(|parts| json(&parts)).map_err(thrown)
}
