//! Variables from responses, and variables that JavaScript already has.

use std::ops::Range;

use cognigy_context::__bindings::{BODY_PLACEHOLDER, Path, measure_with, visit_with_sentinels_at};
use cognigy_context::__bindings::{
    BorrowedVariable, Resolved, ValueBuilder, resolve_variables_with, type_name,
};
use cognigy_context::__bindings::{Coerced, IntegerRange};
use cognigy_context::api::BaseUrl;
use cognigy_context::api::botsessions::{VariablesQuery, variables_url};
use cognigy_context::coerce::Mode;
use cognigy_context::variables::is_system;
use cognigy_context::{Error, ValidationError, scope};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::args::{Args, parse_id, parse_value};
use crate::buffer::with_input;
use crate::coerce::append_coerced;
use crate::errors::to_js_error;
use crate::json::{append_json, from_json, to_json};

/// Builds values as JSON text in one buffer, which JavaScript parses. Numbers keep their digits.
struct JsonText(Vec<u8>);

/// The position of a value's JSON text, and the name of its type.
struct EncodedValue {
    place: Range<usize>,
    value_type: &'static str,
}

impl ValueBuilder for JsonText {
    type Value = EncodedValue;

    fn coerced(&mut self, coerced: &Coerced<'_>) -> Option<EncodedValue> {
        let from = self.0.len();
        append_coerced(&mut self.0, coerced).then(|| self.encoded_from(from))
    }

    fn text(&mut self, text: &str) -> EncodedValue {
        let from = self.0.len();
        append_json(&mut self.0, text);
        self.encoded_from(from)
    }

    fn json(&mut self, json: &str) -> EncodedValue {
        let from = self.0.len();
        self.0.extend_from_slice(json.as_bytes());
        self.encoded_from(from)
    }

    fn supports(&self, range: IntegerRange) -> bool {
        range == IntegerRange::Safe
    }
}

impl JsonText {
    fn encoded_from(&self, from: usize) -> EncodedValue {
        let place = from..self.0.len();
        EncodedValue { value_type: type_of(self.at(&place)), place }
    }

    fn at(&self, place: &Range<usize>) -> &[u8] {
        self.0.get(place.clone()).unwrap_or_default()
    }
}

/// Returns the name of a value's type. Most types are clear from the first byte.
fn type_of(json: &[u8]) -> &'static str {
    let json = json.trim_ascii_start();
    match json.first() {
        Some(b'"') => type_name(&Value::String(String::new())),
        Some(b'{') => type_name(&Value::Object(Map::new())),
        Some(b'[') => type_name(&Value::Array(Vec::new())),
        Some(b'0'..=b'9') if json.iter().all(u8::is_ascii_digit) => type_name(&Value::from(0)),
        _ => type_name(&serde_json::from_slice(json).unwrap_or_default()),
    }
}

/// Reads the pages in the input buffer, which have these lengths. Returns three JSON texts with a
/// [`BODY_PLACEHOLDER`] between them: the resolved variables, the shadowed ones, and
/// `{metas, order, next_cursor, issues}`.
///
/// The resolved variables are `[{name: value}, [index in metas]]`, because JavaScript's parser builds the object much
/// faster than a program. The shadowed ones are a flat list: name, value, index in `metas` and the scope of the
/// variable that shadows it.
///
/// # Errors
/// JSON of the error: an unknown mode, or a response of another shape.
#[wasm_bindgen(js_name = parseVariables)]
pub fn parse_pages(lengths: &[u32], mode: &str) -> Result<String, JsValue> {
    let mode = mode.parse::<Mode>().map_err(to_js_error)?;
    let total = lengths.iter().map(|&length| length as usize).sum();
    with_input(0, total, |mut rest| {
        let pages = lengths.iter().map(|&length| {
            let (page, after) = rest.split_at_checked(length as usize).unwrap_or((rest, &[]));
            rest = after;
            page
        });
        pages_json(pages, mode)
    })
    .map_err(to_js_error)
}

/// Does the same for the pages of a response with lossless coercion.
///
/// # Errors
/// An error for a page of another shape.
#[cfg(feature = "client")]
pub(crate) fn lossless_pages_json(pages: &[Vec<u8>]) -> Result<String, Error> {
    pages_json(pages.iter().map(Vec::as_slice), Mode::Lossless)
}

fn pages_json<'p>(pages: impl IntoIterator<Item = &'p [u8]>, mode: Mode) -> Result<String, Error> {
    #[derive(Serialize)]
    struct Trailer<'t> {
        metas: &'t [VariableMeta<'t>],
        /// The index of each variable among the keys; `None` when the order is the same.
        order: Option<Vec<usize>>,
        next_cursor: &'t Option<String>,
        issues: &'t [cognigy_context::Issue],
    }
    let mut values = JsonText(Vec::new());
    let resolved = resolve_variables_with(pages, mode, &mut values)?;
    let Resolved { resolved, shadowed, next_cursor, issues } = &resolved;
    let mut keys: Vec<usize> = (0..resolved.len()).collect();
    keys.sort_by_key(|&place| {
        resolved.get(place).map_or(NO_INDEX, |winner| index_of(&winner.name))
    });
    let mut metas = Vec::new();
    let mut text = b"[{".to_vec();
    let mut places = Vec::with_capacity(resolved.len());
    for winner in keys.iter().filter_map(|&place| resolved.get(place)) {
        append_json(&mut text, winner.name.as_ref());
        text.push(b':');
        text.extend_from_slice(values.at(&winner.value.place));
        text.push(b',');
        places.push(meta_index(winner, &mut metas));
    }
    end(&mut text, b'}');
    text.push(b',');
    append_json(&mut text, &places);
    text.extend([b']', BODY_PLACEHOLDER as u8, b'[']);
    for (variable, by) in shadowed {
        append_json(&mut text, variable.name.as_ref());
        text.push(b',');
        text.extend_from_slice(values.at(&variable.value.place));
        text.push(b',');
        append_json(&mut text, &meta_index(variable, &mut metas));
        text.push(b',');
        append_json(&mut text, by.as_ref());
        text.push(b',');
    }
    end(&mut text, b']');
    text.push(BODY_PLACEHOLDER as u8);
    let order = (!keys.is_sorted()).then(|| {
        let mut order = vec![0; keys.len()];
        for (key, &place) in keys.iter().enumerate() {
            if let Some(entry) = order.get_mut(place) {
                *entry = key;
            }
        }
        order
    });
    append_json(&mut text, &Trailer { metas: &metas, order, next_cursor, issues });
    Ok(String::from_utf8(text).unwrap_or_default())
}

/// Ends a list whose entries each end with a comma.
fn end(text: &mut Vec<u8>, bracket: u8) {
    if text.last() == Some(&b',') {
        text.pop();
    }
    text.push(bracket);
}

/// The index of a key that is not an array index.
const NO_INDEX: u32 = u32::MAX;

/// Returns the array index of a key: JavaScript objects order such keys first, by index.
fn index_of(name: &str) -> u32 {
    let is_index = matches!(name.as_bytes(), [b'0'] | [b'1'..=b'9', ..]);
    name.parse().ok().filter(|_| is_index).unwrap_or(NO_INDEX)
}

/// Metadata that variables share, written once.
#[derive(PartialEq, Serialize)]
struct VariableMeta<'v> {
    scope: &'v str,
    /// The declared type.
    stated: Option<&'v str>,
    /// As in the debug view.
    #[serde(rename = "type")]
    value_type: &'static str,
    is_system: bool,
}

/// The number of entries to search. Responses have few; beyond this number entries may repeat.
const MAX_SEARCHED_METAS: usize = 24;

fn meta_index<'v>(
    variable: &'v BorrowedVariable<'_, EncodedValue>,
    metas: &mut Vec<VariableMeta<'v>>,
) -> usize {
    let meta = VariableMeta {
        scope: &variable.scope,
        stated: variable.stated_type.as_deref(),
        value_type: variable.value.value_type,
        is_system: is_system(&variable.name),
    };
    let seen = metas.iter().take(MAX_SEARCHED_METAS).position(|seen| *seen == meta);
    seen.unwrap_or_else(|| {
        metas.push(meta);
        metas.len() - 1
    })
}

/// Resolves the JSON list of name and scope pairs in the input buffer. Returns the indexes of the resolved ones.
#[must_use]
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = resolveScopes)]
pub fn resolve_scopes(length: usize) -> Vec<u32> {
    with_input(0, length, |text| {
        let pairs: Vec<(String, String)> = serde_json::from_slice(text).unwrap_or_default();
        let pairs = pairs.iter().map(|(name, scope)| (name.as_str(), scope));
        scope::resolve(pairs).resolved.into_iter().map(|place| place as u32).collect()
    })
}

/// One variable of a view. The values are in the input buffer, one after another.
#[derive(Deserialize)]
struct ViewInput {
    name: String,
    scope: String,
    /// Bytes of the value.
    length: usize,
}

/// Returns the debug view of variables as JSON. `variables` is JSON: a list of `{name, scope, length}`.
///
/// # Errors
/// JSON of the error when a part of a value has no JSON form.
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = debugView)]
pub fn debug_view(variables: &str) -> Result<String, JsValue> {
    let variables: Vec<ViewInput> = from_json(variables).unwrap_or_default();
    view(&variables).map_err(to_js_error)
}

fn view(variables: &[ViewInput]) -> Result<String, ValidationError> {
    /// An entry of the core's debug view whose numbers keep their digits.
    #[derive(Serialize)]
    struct Line<'v> {
        value: &'v RawValue,
        scope: &'v str,
        #[serde(rename = "type")]
        value_type: &'static str,
        is_system: bool,
    }
    let raw = |line: &Line<'_>| serde_json::value::to_raw_value(line).unwrap_or_default();
    let mut lines: Vec<(&str, Box<RawValue>)> = Vec::new();
    let mut from = 0;
    for (index, variable) in variables.iter().enumerate() {
        let ViewInput { name, scope, length } = variable;
        let line = with_input(from, *length, |text| {
            let line = Line {
                value_type: type_name(&value_at(text, index)?),
                value: serde_json::from_slice(text).unwrap_or(RawValue::NULL),
                scope,
                is_system: is_system(name),
            };
            Ok(raw(&line))
        })?;
        lines.push((name, line));
        from += length;
    }
    Ok(to_json(&View(lines)))
}

/// The entries by name, in order.
struct View<'v>(Vec<(&'v str, Box<RawValue>)>);

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, line)| (name, line)))
    }
}

/// Returns the value of the variable at this index.
fn value_at(text: &[u8], index: usize) -> Result<Value, ValidationError> {
    parse_value(text).map_err(|error| {
        let list = Path::ROOT.key("variables");
        let entry = list.index(index);
        let place = entry.key("value");
        measure_with(|checker| visit_with_sentinels_at(text, checker, &place))
            .err()
            .unwrap_or(error)
    })
}

/// Returns the URL of a session's variables. `address` is JSON: `{base_url, session_id, name?, scope?,
/// include_system}`; `session_id` is itself a JSON string.
///
/// # Errors
/// JSON of the error for an invalid base URL or id.
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = variablesUrl)]
pub fn url_of_variables(address: &str) -> Result<String, JsValue> {
    url(address).map_err(to_js_error)
}

fn url(address: &str) -> Result<String, Error> {
    let mut address = Args::parse(address)?;
    let base: BaseUrl = address.required("base_url")?.parse()?;
    let session_id = parse_id(&address.required("session_id")?, "sessionId")?;
    let (name, scope) = (address.optional("name"), address.optional("scope"));
    let query = VariablesQuery {
        name: name.as_deref(),
        scope: scope.as_deref(),
        include_system: address.is_set("include_system"),
    };
    Ok(variables_url(&base, &session_id, &query)?)
}
