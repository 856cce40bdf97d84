//! Variables: from responses of the API, and from JavaScript.

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

/// Writes values as JSON text into one buffer, which JavaScript parses. Numbers keep their digits.
struct JsonText(Vec<u8>);

/// A value whose JSON text is in the buffer.
struct EncodedValue {
    /// The bytes of the text.
    range: Range<usize>,
    /// The name of the value's type.
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
        let range = from..self.0.len();
        EncodedValue { value_type: type_of(self.get(&range)), range }
    }

    fn get(&self, range: &Range<usize>) -> &[u8] {
        self.0.get(range.clone()).unwrap_or_default()
    }
}

/// Returns the name of a value's type. The first byte determines most types.
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

/// Parses the pages in the input buffer, which have these lengths. Returns three JSON texts with a
/// [`BODY_PLACEHOLDER`] between them: the resolved variables, the shadowed ones, and
/// `{metas, order, next_cursor, issues}`.
///
/// The resolved variables are `[{name: value}, [index in metas]]`, because `JSON.parse` builds the
/// object much faster than a program. The shadowed ones are a flat list: name, value, index in
/// `metas` and the scope of the variable that shadows it.
///
/// # Errors
/// JSON of the error for an unknown mode, or for a response of another form.
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
/// An error for a page of another form.
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
    // The indexes of the variables, in the order in which a JavaScript object has its keys.
    let mut keys: Vec<usize> = (0..resolved.len()).collect();
    keys.sort_by_key(|&index| {
        resolved.get(index).map_or(NO_INDEX, |variable| array_index(&variable.name))
    });
    let mut metas = Vec::new();
    let mut text = b"[{".to_vec();
    let mut meta_indexes = Vec::with_capacity(resolved.len());
    for variable in keys.iter().filter_map(|&index| resolved.get(index)) {
        append_json(&mut text, variable.name.as_ref());
        text.push(b':');
        text.extend_from_slice(values.get(&variable.value.range));
        text.push(b',');
        meta_indexes.push(meta_index(variable, &mut metas));
    }
    close_list(&mut text, b'}');
    text.push(b',');
    append_json(&mut text, &meta_indexes);
    text.extend([b']', BODY_PLACEHOLDER as u8, b'[']);
    for (variable, by) in shadowed {
        append_json(&mut text, variable.name.as_ref());
        text.push(b',');
        text.extend_from_slice(values.get(&variable.value.range));
        text.push(b',');
        append_json(&mut text, &meta_index(variable, &mut metas));
        text.push(b',');
        append_json(&mut text, by.as_ref());
        text.push(b',');
    }
    close_list(&mut text, b']');
    text.push(BODY_PLACEHOLDER as u8);
    let order = (!keys.is_sorted()).then(|| {
        let mut order = vec![0; keys.len()];
        for (key, &index) in keys.iter().enumerate() {
            if let Some(entry) = order.get_mut(index) {
                *entry = key;
            }
        }
        order
    });
    append_json(&mut text, &Trailer { metas: &metas, order, next_cursor, issues });
    Ok(String::from_utf8(text).unwrap_or_default())
}

/// Closes a list or an object whose entries each end with a comma.
fn close_list(text: &mut Vec<u8>, bracket: u8) {
    if text.last() == Some(&b',') {
        text.pop();
    }
    text.push(bracket);
}

/// The result of [`array_index`] for a key that is not an array index.
const NO_INDEX: u32 = u32::MAX;

/// Returns the array index that a key represents. JavaScript objects have these keys first, by
/// index.
fn array_index(name: &str) -> u32 {
    let is_index = matches!(name.as_bytes(), [b'0'] | [b'1'..=b'9', ..]);
    name.parse().ok().filter(|_| is_index).unwrap_or(NO_INDEX)
}

/// Metadata that several variables share.
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

/// The number of entries that [`meta_index`] searches. Responses have fewer; after these, entries
/// may repeat.
const MAX_SEARCHED_METAS: usize = 24;

/// Returns the index of the variable's metadata in `metas`, and adds it if needed.
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

/// Resolves the JSON list of name and scope pairs in the input buffer. Returns the indexes of the
/// resolved ones.
#[must_use]
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = resolveScopes)]
pub fn resolve_scopes(length: usize) -> Vec<u32> {
    with_input(0, length, |text| {
        let pairs: Vec<(String, String)> = serde_json::from_slice(text).unwrap_or_default();
        let pairs = pairs.iter().map(|(name, scope)| (name.as_str(), scope));
        scope::resolve(pairs).resolved.into_iter().map(|index| index as u32).collect()
    })
}

/// A variable for the debug view. The values are in the input buffer, one after another.
#[derive(Deserialize)]
struct ViewInput {
    name: String,
    scope: String,
    /// Bytes of the value.
    length: usize,
}

/// Returns the debug view of variables as JSON. `variables` is a JSON list of
/// `{name, scope, length}`.
///
/// # Errors
/// JSON of the error when a value contains something that has no JSON form.
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = debugView)]
pub fn debug_view(variables: &str) -> Result<String, JsValue> {
    let variables: Vec<ViewInput> = from_json(variables).unwrap_or_default();
    view(&variables).map_err(to_js_error)
}

fn view(variables: &[ViewInput]) -> Result<String, ValidationError> {
    /// An entry of the core's debug view whose numbers keep their digits.
    #[derive(Serialize)]
    struct Entry<'v> {
        value: &'v RawValue,
        scope: &'v str,
        #[serde(rename = "type")]
        value_type: &'static str,
        is_system: bool,
    }
    let mut entries: Vec<(&str, Box<RawValue>)> = Vec::new();
    let mut from = 0;
    for (index, variable) in variables.iter().enumerate() {
        let ViewInput { name, scope, length } = variable;
        let entry = with_input(from, *length, |text| {
            let entry = Entry {
                value_type: type_name(&value_at(text, index)?),
                value: serde_json::from_slice(text).unwrap_or(RawValue::NULL),
                scope,
                is_system: is_system(name),
            };
            Ok(serde_json::value::to_raw_value(&entry).unwrap_or_default())
        })?;
        entries.push((name, entry));
        from += length;
    }
    Ok(to_json(&View(entries)))
}

/// The entries by name, in order.
struct View<'v>(Vec<(&'v str, Box<RawValue>)>);

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, entry)| (name, entry)))
    }
}

/// Parses the value of the variable at this index, which an error names in its path.
fn value_at(text: &[u8], index: usize) -> Result<Value, ValidationError> {
    parse_value(text).map_err(|error| {
        let list = Path::ROOT.key("variables");
        let variable = list.index(index);
        let path = variable.key("value");
        measure_with(|checker| visit_with_sentinels_at(text, checker, &path)).err().unwrap_or(error)
    })
}

/// Returns the URL of a session's variables. `address` is JSON:
/// `{base_url, session_id, name?, scope?, include_system}`. `session_id` is a JSON string in a
/// string.
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
