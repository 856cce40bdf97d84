//! Taking the fields of a body one by one, and saying everything that is wrong with them at once.

use crate::problem::{Detail, Problem};
use axum::http::HeaderValue;
use serde_json::{Map, Value};

/// The fields of a body. Unknown names are ignored, unless [`Fields::reject_unknown`] is called.
pub(crate) struct Fields {
    body: Map<String, Value>,
    /// Where the fields stand, with a dot behind it; empty at the top of a body.
    position: String,
    missing: Vec<Detail>,
    invalid: Vec<Detail>,
}

impl Fields {
    pub(crate) fn of(body: Map<String, Value>) -> Self {
        Self { body, position: String::new(), missing: Vec::new(), invalid: Vec::new() }
    }

    /// The fields of an object inside a body.
    pub(crate) fn within(position: &str, object: Map<String, Value>) -> Self {
        Self { position: format!("{position}."), ..Self::of(object) }
    }

    /// Refuses names that are not in the list: a typing error must not pass for a setting.
    pub(crate) fn reject_unknown(&mut self, names: &[&str]) {
        let unknown = self.body.keys().filter(|key| !names.contains(&key.as_str()));
        self.invalid.extend(unknown.map(|key| Detail {
            path: format!("{}{key}", self.position),
            message: "is not a known field",
        }));
    }

    /// A string that must be there.
    pub(crate) fn required_string(&mut self, name: &'static str) -> Option<String> {
        self.required(name, "must be a string", Self::text_of)
    }

    /// A string that must be there and must not be empty.
    pub(crate) fn required_text(&mut self, name: &'static str) -> Option<String> {
        let text = self.required_string(name)?;
        if text.is_empty() {
            self.reject(name, "must not be empty");
            return None;
        }
        Some(text)
    }

    /// Any value, which must be there.
    pub(crate) fn required_value(&mut self, name: &'static str) -> Option<Value> {
        self.required(name, "is required", Some)
    }

    /// A list that must be there.
    pub(crate) fn required_list(&mut self, name: &'static str) -> Option<Vec<Value>> {
        self.required(name, "must be a list", Self::list_of)
    }

    /// An object that must be there.
    pub(crate) fn required_object(&mut self, name: &'static str) -> Option<Map<String, Value>> {
        self.required(name, "must be an object", Self::object_of)
    }

    pub(crate) fn optional_text(&mut self, name: &'static str) -> Option<String> {
        self.optional(name, "must be a string", Self::text_of)
    }

    pub(crate) fn optional_object(&mut self, name: &'static str) -> Option<Map<String, Value>> {
        self.optional(name, "must be an object", Self::object_of)
    }

    pub(crate) fn optional_flag(&mut self, name: &'static str) -> Option<bool> {
        self.optional(name, "must be true or false", |value| value.as_bool())
    }

    pub(crate) fn optional_list(&mut self, name: &'static str) -> Option<Vec<Value>> {
        self.optional(name, "must be a list", Self::list_of)
    }

    /// Returns the value of one of several words.
    pub(crate) fn optional_choice<T: Copy>(
        &mut self,
        name: &'static str,
        message: &'static str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        self.optional(name, message, |value| {
            let word = value.as_str()?;
            choices.iter().find(|(choice, _)| *choice == word).map(|(_, meaning)| *meaning)
        })
    }

    /// A number from 0 to 1.
    pub(crate) fn optional_probability(&mut self, name: &'static str) -> Option<f64> {
        self.optional(name, "must be a number from 0 to 1", |value| {
            value.as_f64().filter(|share| (0.0..=1.0).contains(share))
        })
    }

    /// Whether a field is there and `null`. If so it counts as read.
    pub(crate) fn is_null(&mut self, name: &'static str) -> bool {
        let null = self.body.get(name).is_some_and(Value::is_null);
        if null {
            self.body.remove(name);
        }
        null
    }

    pub(crate) fn optional_texts(&mut self, name: &'static str) -> Option<Vec<String>> {
        self.optional(name, "must be a list of strings", |value| match value {
            Value::Array(items) => items.into_iter().map(Self::text_of).collect(),
            _ => None,
        })
    }

    /// The text of a header; a whole number will do.
    pub(crate) fn optional_header(&mut self, name: &'static str) -> Option<HeaderValue> {
        self.optional(name, "must be a valid header value", |value| match value {
            Value::String(text) => HeaderValue::try_from(text).ok(),
            value => value.as_u64().map(HeaderValue::from),
        })
    }

    /// A whole number that must be there, at least 1.
    pub(crate) fn required_count(&mut self, name: &'static str) -> Option<u64> {
        self.required(name, "must be a whole number of at least 1", |value| {
            value.as_u64().filter(|count| *count > 0)
        })
    }

    /// A whole number between `least` and `most`.
    pub(crate) fn optional_count(
        &mut self,
        name: &'static str,
        least: u64,
        most: u64,
    ) -> Option<u64> {
        let count = self.optional(name, "must be a whole number", |value| value.as_u64())?;
        if !(least..=most).contains(&count) {
            self.reject(name, "is out of range");
            return None;
        }
        Some(count)
    }

    /// Records that a field is wrong.
    pub(crate) fn reject(&mut self, name: &str, message: &'static str) {
        self.invalid.push(Detail { path: format!("{}{name}", self.position), message });
    }

    /// Adds the errors inside one of the fields.
    pub(crate) fn add(&mut self, details: impl IntoIterator<Item = Detail>) {
        self.invalid.extend(details);
    }

    /// Everything that was missing or wrong.
    pub(crate) fn into_details(self) -> Vec<Detail> {
        let mut details = self.missing;
        details.extend(self.invalid);
        details
    }

    /// Ends the reading: an error when anything was missing or wrong.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        if self.missing.is_empty() && self.invalid.is_empty() {
            Ok(())
        } else {
            Err(self.into_problem())
        }
    }

    /// Returns the missing fields as an error, otherwise the invalid ones.
    pub(crate) fn into_problem(self) -> Problem {
        if self.missing.is_empty() {
            Problem::invalid("A field has an invalid value.", self.invalid)
        } else {
            Problem::missing(self.missing)
        }
    }

    fn required<T>(
        &mut self,
        name: &'static str,
        message: &'static str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Option<T> {
        if !self.body.contains_key(name) {
            let path = format!("{}{name}", self.position);
            self.missing.push(Detail { path, message: "is required" });
            return None;
        }
        self.optional(name, message, read)
    }

    fn optional<T>(
        &mut self,
        name: &'static str,
        message: &'static str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Option<T> {
        let read = read(self.body.remove(name)?);
        if read.is_none() {
            self.reject(name, message);
        }
        read
    }

    fn text_of(value: Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    fn list_of(value: Value) -> Option<Vec<Value>> {
        match value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    fn object_of(value: Value) -> Option<Map<String, Value>> {
        match value {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }
}
