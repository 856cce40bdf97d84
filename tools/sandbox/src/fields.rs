//! Reads the fields of a body and collects all errors.

use crate::problem::{Detail, Problem};
use axum::http::HeaderValue;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The fields of a body that were not read yet, and the errors so far. A read method returns `None` for a
/// missing or invalid field; [`Fields::finish`] returns the errors. A field that is `null` is invalid, unless
/// its method accepts it. Unknown fields are ignored, unless [`Fields::reject_unknown`] is called.
pub(crate) struct Fields {
    body: Map<String, Value>,
    /// The path of the object, with a trailing dot; empty for the body itself.
    prefix: String,
    missing: Vec<Detail>,
    invalid: Vec<Detail>,
}

impl Fields {
    /// Starts to read the fields of a body.
    pub(crate) fn of(body: Map<String, Value>) -> Self {
        Self { body, prefix: String::new(), missing: Vec::new(), invalid: Vec::new() }
    }

    /// Starts to read the fields of the object at `path` in a body.
    pub(crate) fn within(path: &str, object: Map<String, Value>) -> Self {
        Self { prefix: format!("{path}."), ..Self::of(object) }
    }

    /// Rejects the remaining fields that are not in the list, so that a misspelt field is an error.
    pub(crate) fn reject_unknown(&mut self, names: &[&str]) {
        let unknown = self.body.keys().filter(|key| !names.contains(&key.as_str()));
        self.invalid.extend(unknown.map(|key| Detail {
            path: format!("{}{key}", self.prefix),
            message: "is not a known field".into(),
        }));
    }

    /// Reads a required string, which can be empty.
    pub(crate) fn required_string(&mut self, name: &'static str) -> Option<String> {
        self.required(name, "must be a string", Self::into_string)
    }

    /// Reads a required string that must not be empty.
    pub(crate) fn required_nonempty_string(&mut self, name: &'static str) -> Option<String> {
        let text = self.required_string(name)?;
        if text.is_empty() {
            self.reject(name, "must not be empty");
            return None;
        }
        Some(text)
    }

    /// Reads a required value of any type, including `null`.
    pub(crate) fn required_value(&mut self, name: &'static str) -> Option<Value> {
        self.required(name, "is required", Some)
    }

    /// Reads a required list.
    pub(crate) fn required_list(&mut self, name: &'static str) -> Option<Vec<Value>> {
        self.required(name, "must be a list", Self::into_list)
    }

    /// Reads a required object.
    pub(crate) fn required_object(&mut self, name: &'static str) -> Option<Map<String, Value>> {
        self.required(name, "must be an object", Self::into_object)
    }

    /// Reads an optional string, which can be empty.
    pub(crate) fn optional_string(&mut self, name: &'static str) -> Option<String> {
        self.optional(name, "must be a string", Self::into_string)
    }

    /// Reads an optional object.
    pub(crate) fn optional_object(&mut self, name: &'static str) -> Option<Map<String, Value>> {
        self.optional(name, "must be an object", Self::into_object)
    }

    /// Reads an optional boolean.
    pub(crate) fn optional_boolean(&mut self, name: &'static str) -> Option<bool> {
        self.optional(name, "must be true or false", |value| value.as_bool())
    }

    /// Reads an optional list.
    pub(crate) fn optional_list(&mut self, name: &'static str) -> Option<Vec<Value>> {
        self.optional(name, "must be a list", Self::into_list)
    }

    /// Reads an optional word and returns its value in `choices`. `message` is the error for other values.
    pub(crate) fn optional_choice<T: Copy>(
        &mut self,
        name: &'static str,
        message: &'static str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        self.optional(name, message, |value| {
            let word = value.as_str()?;
            choices.iter().find(|(choice, _)| *choice == word).map(|(_, value)| *value)
        })
    }

    /// Reads an optional number from 0 to 1.
    pub(crate) fn optional_probability(&mut self, name: &'static str) -> Option<f64> {
        self.optional(name, "must be a number from 0 to 1", |value| {
            value.as_f64().filter(|probability| (0.0..=1.0).contains(probability))
        })
    }

    /// Reads a field that is `null` and returns `true`; otherwise leaves the field and returns `false`.
    pub(crate) fn take_null(&mut self, name: &'static str) -> bool {
        let is_null = self.body.get(name).is_some_and(Value::is_null);
        if is_null {
            self.body.remove(name);
        }
        is_null
    }

    /// Reads an optional list of strings.
    pub(crate) fn optional_strings(&mut self, name: &'static str) -> Option<Vec<String>> {
        self.optional(name, "must be a list of strings", |value| match value {
            Value::Array(items) => items.into_iter().map(Self::into_string).collect(),
            _ => None,
        })
    }

    /// Reads an optional header value: a text or a whole number.
    pub(crate) fn optional_header(&mut self, name: &'static str) -> Option<HeaderValue> {
        self.optional(name, "must be a valid header value", |value| match value {
            Value::String(text) => HeaderValue::try_from(text).ok(),
            value => value.as_u64().map(HeaderValue::from),
        })
    }

    /// Reads a required whole number of at least 1.
    pub(crate) fn required_count(&mut self, name: &'static str) -> Option<u64> {
        self.required(name, "must be a whole number of at least 1", |value| {
            value.as_u64().filter(|count| *count > 0)
        })
    }

    /// Reads an optional whole number from `min` to `max`.
    pub(crate) fn optional_count(&mut self, name: &'static str, min: u64, max: u64) -> Option<u64> {
        let value = self.body.remove(name)?;
        let count = value.as_u64().filter(|count| (min..=max).contains(count));
        if count.is_none() {
            let message = if max == u64::MAX {
                format!("must be a whole number of at least {min}")
            } else {
                format!("must be a whole number from {min} to {max}")
            };
            self.reject(name, message);
        }
        count
    }

    /// Adds the error of a field.
    pub(crate) fn reject(&mut self, name: &str, message: impl Into<Cow<'static, str>>) {
        let path = format!("{}{name}", self.prefix);
        self.invalid.push(Detail { path, message: message.into() });
    }

    /// Adds the errors of an inner object.
    pub(crate) fn add(&mut self, details: impl IntoIterator<Item = Detail>) {
        self.invalid.extend(details);
    }

    /// Returns all errors: missing fields first, then invalid ones.
    pub(crate) fn into_details(self) -> Vec<Detail> {
        let mut details = self.missing;
        details.extend(self.invalid);
        details
    }

    /// Fails if a field is missing or invalid.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        if self.missing.is_empty() && self.invalid.is_empty() {
            Ok(())
        } else {
            Err(self.into_problem())
        }
    }

    /// Returns a problem with the missing fields or, if no field is missing, with the invalid ones.
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
            let path = format!("{}{name}", self.prefix);
            self.missing.push(Detail { path, message: "is required".into() });
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
        let value = read(self.body.remove(name)?);
        if value.is_none() {
            self.reject(name, message);
        }
        value
    }

    fn into_string(value: Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    fn into_list(value: Value) -> Option<Vec<Value>> {
        match value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    fn into_object(value: Value) -> Option<Map<String, Value>> {
        match value {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }
}
