//! Variables: reads them from API responses, resolves their scopes, and builds the debug view and the URL.

use std::ops::Range;

use cognigy_context::__bindings::{BODY_PLACEHOLDER, Path, measure_with, visit_with_sentinels_at};
use cognigy_context::__bindings::{
    BorrowedVariable, Resolved, ValueBuilder, resolve_variables_with, type_name,
};
use cognigy_context::__bindings::{Coerced, IntegerRange};
use cognigy_context::api::BaseUrl;
use cognigy_context::api::botsessions::{self, VariablesQuery};
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
    /// The position of the text in the buffer, in bytes.
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
        // A JavaScript number represents only these integers exactly: up to ±(2^53−1).
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

/// Returns the name of a value's JSON type. To be fast, parses the value only when neither its first byte
/// nor its digits show the type.
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

/// Separates the three parts of the text that [`parse_pages`] returns. TypeScript splits the text at this
/// character, because JSON text never contains it unescaped.
const PART_SEPARATOR: u8 = BODY_PLACEHOLDER as u8;

/// Parses the pages of a list-variables response, which are in the input buffer one after another.
/// `lengths`: the byte length of each page, in order.
///
/// Returns three JSON texts with a [`PART_SEPARATOR`] between them: the resolved variables, the shadowed
/// variables, and `{metas, order, next_cursor, issues}`.
///
/// The resolved variables are `[{name: value}, [index in metas]]`, because `JSON.parse` builds the
/// object much faster than JavaScript code that sets each property. The shadowed variables are a flat
/// list: name, value, index in `metas` and the scope of the variable that shadows it.
///
/// # Errors
/// JSON of the error for an unknown mode, or for a page that is not a list-variables response.
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

/// Parses the pages of a list-variables response, like [`parse_pages`] with [`Mode::Lossless`].
///
/// # Errors
/// An error for a page that is not a list-variables response.
#[cfg(feature = "client")]
pub(crate) fn lossless_pages_json(pages: &[Vec<u8>]) -> Result<String, Error> {
    pages_json(pages.iter().map(Vec::as_slice), Mode::Lossless)
}

fn pages_json<'p>(pages: impl IntoIterator<Item = &'p [u8]>, mode: Mode) -> Result<String, Error> {
    #[derive(Serialize)]
    struct Trailer<'t> {
        metas: &'t [VariableMeta<'t>],
        /// The position of each variable among the object's keys; `None` if both orders are equal.
        order: Option<Vec<usize>>,
        next_cursor: &'t Option<String>,
        issues: &'t [cognigy_context::Issue],
    }
    let mut values = JsonText(Vec::new());
    let resolved = resolve_variables_with(pages, mode, &mut values)?;
    let Resolved { resolved, shadowed, next_cursor, issues } = &resolved;
    // The indexes of the variables, in the order in which a JavaScript object lists its keys.
    let mut indexes_in_key_order: Vec<usize> = (0..resolved.len()).collect();
    indexes_in_key_order.sort_by_key(|&index| {
        resolved.get(index).map_or(NO_INDEX, |variable| array_index(&variable.name))
    });
    let mut metas = Vec::new();
    let mut text = b"[{".to_vec();
    let mut meta_indexes = Vec::with_capacity(resolved.len());
    for variable in indexes_in_key_order.iter().filter_map(|&index| resolved.get(index)) {
        append_json(&mut text, variable.name.as_ref());
        text.push(b':');
        text.extend_from_slice(values.get(&variable.value.range));
        text.push(b',');
        meta_indexes.push(meta_index(variable, &mut metas));
    }
    close_list(&mut text, b'}');
    text.push(b',');
    append_json(&mut text, &meta_indexes);
    text.extend([b']', PART_SEPARATOR, b'[']);
    for (variable, shadowing_scope) in shadowed {
        append_json(&mut text, variable.name.as_ref());
        text.push(b',');
        text.extend_from_slice(values.get(&variable.value.range));
        text.push(b',');
        append_json(&mut text, &meta_index(variable, &mut metas));
        text.push(b',');
        append_json(&mut text, shadowing_scope.as_ref());
        text.push(b',');
    }
    close_list(&mut text, b']');
    text.push(PART_SEPARATOR);
    let order = (!indexes_in_key_order.is_sorted()).then(|| {
        let mut order = vec![0; indexes_in_key_order.len()];
        for (position, &index) in indexes_in_key_order.iter().enumerate() {
            if let Some(entry) = order.get_mut(index) {
                *entry = position;
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

/// Returns the array index that a key represents, or [`NO_INDEX`]. JavaScript lists index keys before
/// other keys, in ascending order.
fn array_index(name: &str) -> u32 {
    let is_index = matches!(name.as_bytes(), [b'0'] | [b'1'..=b'9', ..]);
    name.parse().ok().filter(|_| is_index).unwrap_or(NO_INDEX)
}

/// The properties of a variable except its name and value. Variables with equal properties usually share one
/// entry.
#[derive(PartialEq, Serialize)]
struct VariableMeta<'v> {
    scope: &'v str,
    /// The type that the API declares for the variable.
    declared_type: Option<&'v str>,
    /// The name of the value's JSON type.
    #[serde(rename = "type")]
    value_type: &'static str,
    is_system: bool,
}

/// The number of entries that [`meta_index`] compares, to limit the time. Metadata that equals a later entry
/// is added again.
const MAX_COMPARED_METAS: usize = 24;

/// Returns the index of the variable's metadata in `metas`. Adds the metadata unless one of the first
/// [`MAX_COMPARED_METAS`] entries is equal.
fn meta_index<'v>(
    variable: &'v BorrowedVariable<'_, EncodedValue>,
    metas: &mut Vec<VariableMeta<'v>>,
) -> usize {
    let meta = VariableMeta {
        scope: &variable.scope,
        declared_type: variable.stated_type.as_deref(),
        value_type: variable.value.value_type,
        is_system: is_system(&variable.name),
    };
    let found = metas.iter().take(MAX_COMPARED_METAS).position(|existing| *existing == meta);
    found.unwrap_or_else(|| {
        metas.push(meta);
        metas.len() - 1
    })
}

/// Resolves the JSON list of `[name, scope]` pairs in the input buffer. `length`: the byte length of the
/// list.
///
/// Returns, for each name, the index of the variable whose scope has priority. Returns an empty list for
/// invalid JSON, which TypeScript never writes.
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
    /// The number of bytes of the value's text.
    length: usize,
}

/// Returns the debug view of variables as JSON. `variables` is a JSON list of
/// `{name, scope, length}`, where `length` is the number of bytes of the value's text. Returns an empty view
/// for invalid JSON, which TypeScript never writes.
///
/// # Errors
/// JSON of the error when a value, or a part of it, has no JSON form.
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = debugView)]
pub fn debug_view(variables: &str) -> Result<String, JsValue> {
    let variables: Vec<ViewInput> = from_json(variables).unwrap_or_default();
    view(&variables).map_err(to_js_error)
}

fn view(variables: &[ViewInput]) -> Result<String, ValidationError> {
    /// The fields of the core's `DebugEntry`. `value` is JSON text, so that its numbers keep their digits.
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
                value_type: type_name(&parse_variable_value(text, index)?),
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

/// The entries by name, in input order.
struct View<'v>(Vec<(&'v str, Box<RawValue>)>);

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, entry)| (name, entry)))
    }
}

/// Parses the value of the variable at `index`. The text may contain sentinels: U+0001 and a letter, in
/// place of a value that has no JSON form.
///
/// # Errors
/// [`ValidationError`] with one issue per sentinel. The paths start with `/variables/<index>/value`.
fn parse_variable_value(text: &[u8], index: usize) -> Result<Value, ValidationError> {
    parse_value(text).map_err(|error| {
        // Checks the text again, because the paths of the first error start at the value.
        let list = Path::ROOT.key("variables");
        let variable = list.index(index);
        let path = variable.key("value");
        measure_with(|checker| visit_with_sentinels_at(text, checker, &path)).err().unwrap_or(error)
    })
}

/// Returns the URL of a session's variables. `args` is JSON:
/// `{base_url, session_id, name?, scope?, include_system}`. The string `session_id` is itself encoded as
/// JSON, with its quotes, so that an id with a lone surrogate causes an issue with its path.
///
/// # Errors
/// JSON of the error for an invalid base URL or id.
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = variablesUrl)]
pub fn variables_url(args: &str) -> Result<String, JsValue> {
    variables_url_from_args(args).map_err(to_js_error)
}

fn variables_url_from_args(args: &str) -> Result<String, Error> {
    let mut args = Args::parse(args)?;
    let base: BaseUrl = args.required("base_url")?.parse()?;
    let session_id = parse_id(&args.required("session_id")?, "sessionId")?;
    let (name, scope) = (args.optional("name"), args.optional("scope"));
    let query = VariablesQuery {
        name: name.as_deref(),
        scope: scope.as_deref(),
        include_system: args.is_set("include_system"),
    };
    Ok(botsessions::variables_url(&base, &session_id, &query)?)
}
