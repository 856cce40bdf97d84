//! Answers of variables, and variables that JavaScript has already.

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

use crate::buffer::with_input;
use crate::coerce::write_json;
use crate::failure::thrown;
use crate::json::{json, read, write};
use crate::text::{Fields, id_of, value_of};

/// Makes JSON text, which is what JavaScript makes its values of, in one buffer for all of them.
/// Numbers keep their digits.
struct JsonText(Vec<u8>);

/// Where the JSON text of a value is, and the name of its type.
struct Made {
    place: Range<usize>,
    value_type: &'static str,
}

impl ValueBuilder for JsonText {
    type Value = Made;

    fn coerced(&mut self, coerced: &Coerced<'_>) -> Option<Made> {
        let from = self.0.len();
        write_json(&mut self.0, coerced).then(|| self.made_from(from))
    }

    fn text(&mut self, text: &str) -> Made {
        let from = self.0.len();
        write(&mut self.0, text);
        self.made_from(from)
    }

    fn json(&mut self, json: &str) -> Made {
        let from = self.0.len();
        self.0.extend_from_slice(json.as_bytes());
        self.made_from(from)
    }

    fn supports(&self, width: IntegerRange) -> bool {
        width == IntegerRange::Safe
    }
}

impl JsonText {
    fn made_from(&self, from: usize) -> Made {
        let place = from..self.0.len();
        Made { value_type: type_of(self.at(&place)), place }
    }

    fn at(&self, place: &Range<usize>) -> &[u8] {
        self.0.get(place.clone()).unwrap_or_default()
    }
}

/// The name of a value's type, which of most needs only the beginning of their text.
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

/// Reads the pages in the input buffer, which follow each other with these lengths. Answers three
/// pieces of JSON, a [`BODY_PLACEHOLDER`] between each and the next: what counts, what is shadowed, and
/// `{heads, order, next_cursor, issues}`.
///
/// What counts is `[{name: value}, [place in heads]]`, because JavaScript's parser makes the names
/// keys in a fraction of the time that a program takes. What is shadowed is a flat list: of each its
/// name, its value, its place in `heads` and the scope of the one that hides it.
///
/// # Errors
/// JSON of the error: a mode that is none, an answer of another shape.
#[wasm_bindgen(js_name = parseVariables)]
pub fn parse_pages(lengths: &[u32], mode: &str) -> Result<String, JsValue> {
    let mode = mode.parse::<Mode>().map_err(thrown)?;
    let total = lengths.iter().map(|&length| length as usize).sum();
    with_input(0, total, |mut rest| {
        let pages = lengths.iter().map(|&length| {
            let (page, after) = rest.split_at_checked(length as usize).unwrap_or((rest, &[]));
            rest = after;
            page
        });
        told(pages, mode)
    })
    .map_err(thrown)
}

/// The same for pages as they were answered, coerced without loss.
///
/// # Errors
/// When a page is of another shape.
#[cfg(feature = "client")]
pub(crate) fn told_pages(pages: &[Vec<u8>]) -> Result<String, Error> {
    told(pages.iter().map(Vec::as_slice), Mode::Lossless)
}

fn told<'p>(pages: impl IntoIterator<Item = &'p [u8]>, mode: Mode) -> Result<String, Error> {
    #[derive(Serialize)]
    struct Rest<'t> {
        heads: &'t [Head<'t>],
        /// Which place each has among the keys; nothing where that is its own.
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
    let mut heads = Vec::new();
    let mut text = b"[{".to_vec();
    let mut places = Vec::with_capacity(resolved.len());
    for winner in keys.iter().filter_map(|&place| resolved.get(place)) {
        write(&mut text, winner.name.as_ref());
        text.push(b':');
        text.extend_from_slice(values.at(&winner.value.place));
        text.push(b',');
        places.push(place_of(winner, &mut heads));
    }
    end(&mut text, b'}');
    text.push(b',');
    write(&mut text, &places);
    text.extend([b']', BODY_PLACEHOLDER as u8, b'[']);
    for (variable, by) in shadowed {
        write(&mut text, variable.name.as_ref());
        text.push(b',');
        text.extend_from_slice(values.at(&variable.value.place));
        text.push(b',');
        write(&mut text, &place_of(variable, &mut heads));
        text.push(b',');
        write(&mut text, by.as_ref());
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
    write(&mut text, &Rest { heads: &heads, order, next_cursor, issues });
    Ok(String::from_utf8(text).unwrap_or_default())
}

/// Ends a list whose entries each have a comma behind them.
fn end(text: &mut Vec<u8>, bracket: u8) {
    if text.last() == Some(&b',') {
        text.pop();
    }
    text.push(bracket);
}

/// A key that is no index.
const NO_INDEX: u32 = u32::MAX;

/// An object of JavaScript has keys that are indexes of a list before all others, in their order.
fn index_of(name: &str) -> u32 {
    let is_index = matches!(name.as_bytes(), [b'0'] | [b'1'..=b'9', ..]);
    name.parse().ok().filter(|_| is_index).unwrap_or(NO_INDEX)
}

/// What many variables have in common: told once for all of them.
#[derive(PartialEq, Serialize)]
struct Head<'v> {
    scope: &'v str,
    /// The type that was stated.
    stated: Option<&'v str>,
    /// As in the debug view.
    #[serde(rename = "type")]
    value_type: &'static str,
    is_system: bool,
}

/// So many heads are looked through. Answers have few; those of one that has many are told again.
const HEADS_IN_SIGHT: usize = 24;

fn place_of<'v>(variable: &'v BorrowedVariable<'_, Made>, heads: &mut Vec<Head<'v>>) -> usize {
    let head = Head {
        scope: &variable.scope,
        stated: variable.stated_type.as_deref(),
        value_type: variable.value.value_type,
        is_system: is_system(&variable.name),
    };
    let seen = heads.iter().take(HEADS_IN_SIGHT).position(|seen| *seen == head);
    seen.unwrap_or_else(|| {
        heads.push(head);
        heads.len() - 1
    })
}

/// Resolves the JSON list of pairs of a name and a scope in the input buffer. Answers the places of
/// those that count.
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

/// One variable of a view, as TypeScript says of it; the values stand in the input buffer, one after
/// the other.
#[derive(Deserialize)]
struct Viewed {
    name: String,
    scope: String,
    /// Bytes of the value.
    length: usize,
}

/// The debug view of variables, as JSON. `variables` is JSON: a list of `{name, scope, length}`.
///
/// # Errors
/// JSON of the error when something in a value has no JSON form.
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = debugView)]
pub fn debug_view(variables: &str) -> Result<String, JsValue> {
    let variables: Vec<Viewed> = read(variables).unwrap_or_default();
    view(&variables).map_err(thrown)
}

fn view(variables: &[Viewed]) -> Result<String, ValidationError> {
    /// A line of the core's own view, but that numbers keep their digits.
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
        let Viewed { name, scope, length } = variable;
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
    Ok(json(&View(lines)))
}

/// Lines by their names, in order.
struct View<'v>(Vec<(&'v str, Box<RawValue>)>);

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, line)| (name, line)))
    }
}

/// The value of the variable at this place in the list.
fn value_at(text: &[u8], index: usize) -> Result<Value, ValidationError> {
    value_of(text).map_err(|error| {
        let list = Path::ROOT.key("variables");
        let entry = list.index(index);
        let place = entry.key("value");
        measure_with(|checker| visit_with_sentinels_at(text, checker, &place))
            .err()
            .unwrap_or(error)
    })
}

/// The address of a session's variables. `address` is JSON: `{base_url, session_id, name?, scope?,
/// include_system}`, of which `session_id` is a JSON string within the string.
///
/// # Errors
/// JSON of the error: an address or id that is none.
#[cfg(feature = "rules")]
#[wasm_bindgen(js_name = variablesUrl)]
pub fn url_of_variables(address: &str) -> Result<String, JsValue> {
    url(address).map_err(thrown)
}

fn url(address: &str) -> Result<String, Error> {
    let mut address = Fields::read(address)?;
    let base: BaseUrl = address.required("base_url")?.parse()?;
    let session_id = id_of(&address.required("session_id")?, "sessionId")?;
    let (name, scope) = (address.optional("name"), address.optional("scope"));
    let query = VariablesQuery {
        name: name.as_deref(),
        scope: scope.as_deref(),
        include_system: address.is_set("include_system"),
    };
    Ok(variables_url(&base, &session_id, &query)?)
}
