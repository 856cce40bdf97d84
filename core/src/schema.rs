//! JSON Schema: compiled once, then defaults filled and every violation told.

use std::mem::size_of;

use jsonschema::{Draft, Validator};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::check::measure;
use crate::error::ConfigurationError;
use crate::issue::{Code, Issue};
use crate::policy::MAX_NESTING;
use crate::report::{Report, ValidationError};

/// A compiled JSON Schema. `$schema` decides the draft, else it is 2020-12; `format` is not asserted;
/// nothing is ever fetched.
///
/// ```
/// use cognigy_context::Schema;
/// use serde_json::json;
///
/// let schema = Schema::new(json!({
///     "type": "object",
///     "properties": {"age": {"type": "integer", "minimum": 0, "default": 0}},
/// }))?;
/// assert_eq!(schema.apply(json!({})).unwrap(), json!({"age": 0}));
/// let error = schema.apply(json!({"age": -1})).unwrap_err();
/// assert_eq!(error.report().issues[0].path, "/age");
/// # Ok::<(), cognigy_context::ConfigurationError>(())
/// ```
#[derive(Debug)]
pub struct Schema {
    validator: Validator,
    document: Value,
}

impl Schema {
    /// Compiles a schema document.
    ///
    /// # Errors
    /// [`ConfigurationError`] when it is no schema, or refers to something outside itself.
    pub fn new(document: Value) -> Result<Self, ConfigurationError> {
        measure(&document).map_err(|_| ConfigurationError::new("the schema is nested too deep"))?;
        let validator = jsonschema::options()
            .with_draft(draft_of(&document))
            .should_validate_formats(false)
            .with_retriever(NothingOutside)
            .build(&document)
            .map_err(|_| {
                ConfigurationError::new(
                    "the schema cannot be compiled: it is no valid JSON Schema, or it refers to something outside itself, which is never fetched",
                )
            })?;
        Ok(Self { validator, document })
    }

    /// Fills defaults, then validates; gives the filled document.
    ///
    /// # Errors
    /// [`ValidationError`] with a `schema_violation` for every violation.
    pub fn apply(&self, mut payload: Value) -> Result<Value, ValidationError> {
        measure(&payload)?;
        self.fill_defaults(&mut payload);
        let issues = self.violations(&payload);
        if issues.is_empty() { Ok(payload) } else { Err(ValidationError::of(issues)) }
    }

    /// The same for a document that is JSON text.
    ///
    /// # Errors
    /// As [`apply`](Self::apply), and when the text is not JSON or says what a value cannot hold
    /// ([`read_json`](crate::check::read_json)).
    pub fn apply_json(&self, text: impl AsRef<[u8]>) -> Result<Value, ValidationError> {
        self.apply(crate::check::read_json(text)?)
    }

    /// Whether a document has no violation.
    #[must_use]
    pub fn is_valid(&self, document: &Value) -> bool {
        measure(document).is_ok() && self.validator.is_valid(document)
    }

    /// The same for a document whose nesting is known to be sane.
    pub(crate) fn is_valid_measured(&self, document: &Value) -> bool {
        self.validator.is_valid(document)
    }

    /// Every violation of a document, by path, without filling anything; of a document that is
    /// nested without end only that.
    #[must_use]
    pub fn violations(&self, document: &Value) -> Vec<Issue> {
        // The validator recurses, so nesting is capped before.
        if let Err(error) = measure(document) {
            return error.into_report().issues;
        }
        let mut room = Report::ISSUE_BUDGET;
        let mut issues: Vec<Issue> = self
            .validator
            .iter_errors(document)
            .map(|error| violation(&error))
            .take_while(|issue| {
                let taken = issue.path.len() + issue.message.len() + size_of::<Issue>();
                room = room.saturating_sub(taken);
                room > 0
            })
            .collect();
        issues.sort_by(|a, b| a.path.cmp(&b.path));
        issues
    }

    /// Gives every missing property its default, an empty object where it is one without a default,
    /// and goes into each object.
    pub fn fill_defaults(&self, document: &mut Value) {
        let mut filling = Filling { root: &self.document, made: Vec::new(), filled: 0 };
        filling.fill(&self.document, document, 0);
    }

    /// Whether [`fill_defaults`](Self::fill_defaults) could change a document: false only where it
    /// would surely leave it as it is.
    pub(crate) fn lacks_defaults(&self, document: &Value) -> bool {
        self.lacks_below(&self.document, document, 0)
    }

    fn lacks_below(&self, schema: &Value, value: &Value, depth: u32) -> bool {
        let Value::Object(object) = value else { return false };
        if depth > MAX_NESTING {
            return true;
        }
        parts_of(&self.document, schema).into_iter().any(|part| {
            let properties = part.get("properties").and_then(Value::as_object);
            properties.into_iter().flatten().any(|(name, property)| match object.get(name) {
                Some(present) => self.lacks_below(property, present, depth + 1),
                None => parts_of(&self.document, property).into_iter().any(|part| {
                    part.get("default").is_some()
                        || part.get("type").is_some_and(|kind| kind == "object")
                }),
            })
        })
    }

    /// Whether the schema requires the property at this place, given as keys from the top.
    #[must_use]
    pub fn requires<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> bool {
        let mut schemas = vec![&self.document];
        let mut required = false;
        for key in keys {
            let parts: Vec<&Value> =
                schemas.iter().flat_map(|schema| parts_of(&self.document, schema)).collect();
            required = parts.iter().any(|part| {
                let names = part.get("required").and_then(Value::as_array);
                names.is_some_and(|names| names.iter().any(|name| name == key))
            });
            schemas = parts
                .iter()
                .filter_map(|part| part.get("properties").and_then(|below| below.get(key)))
                .collect();
        }
        required
    }
}

/// The draft that `$schema` names; 2020-12 where it names none, or one that nobody here knows: what
/// that says would have to be fetched.
fn draft_of(document: &Value) -> Draft {
    match Draft::Draft202012.detect(document) {
        Draft::Unknown => Draft::Draft202012,
        known => known,
    }
}

/// One violation, told by its rule: the crate's own sentences repeat values.
fn violation(error: &jsonschema::ValidationError<'_>) -> Issue {
    use jsonschema::error::ValidationErrorKind as Kind;

    let rule = error.schema_path().to_string();
    let message = match error.kind() {
        Kind::Required { property } => {
            format!("misses the property {property}, which the schema requires (at {rule})")
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            format!(
                "has properties that the schema does not know: {} (at {rule})",
                unexpected.join(", ")
            )
        }
        Kind::FalseSchema => format!("stands where the schema takes nothing (at {rule})"),
        _ => {
            let keyword = rule.rsplit('/').next().unwrap_or_default();
            format!("breaks the schema's `{keyword}` (at {rule})")
        }
    };
    Issue::error(Code::SchemaViolation, error.instance_path().to_string(), message)
        .hint("Change the value, or the schema.")
}

/// Refuses every reference that leaves the document.
struct NothingOutside;

impl jsonschema::Retrieve for NothingOutside {
    fn retrieve(
        &self,
        _: &jsonschema::Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Err("references outside the schema are not fetched".into())
    }
}

/// How many schemas one place may be made of, and how many members filling may make: a schema that
/// refers to itself could go on for ever.
const MOST_PARTS: usize = 64;
const MOST_FILLED: usize = 100_000;

/// The schemas that hold at one place: the one that stands there, what it refers to within the
/// document, and the parts of its `allOf`; the nearest first.
fn parts_of<'s>(root: &'s Value, schema: &'s Value) -> Vec<&'s Value> {
    let mut parts: Vec<&Value> = vec![schema];
    let mut next = 0;
    while let Some(&part) = parts.get(next) {
        next += 1;
        let referred = part.get("$ref").and_then(Value::as_str).and_then(|reference| {
            let pointer = percent_decode_str(reference.strip_prefix('#')?).decode_utf8().ok()?;
            root.pointer(&pointer)
        });
        let all_of = part.get("allOf").and_then(Value::as_array).into_iter().flatten();
        for found in referred.into_iter().chain(all_of) {
            if parts.len() < MOST_PARTS && !parts.iter().any(|part| std::ptr::eq(*part, found)) {
                parts.push(found);
            }
        }
    }
    parts
}

struct Filling<'s> {
    root: &'s Value,
    /// The schemas for which a value is being made, so that one that holds itself ends.
    made: Vec<&'s Value>,
    filled: usize,
}

impl<'s> Filling<'s> {
    fn fill(&mut self, schema: &'s Value, value: &mut Value, depth: u32) {
        let Value::Object(object) = value else { return };
        if depth > MAX_NESTING {
            return;
        }
        for part in parts_of(self.root, schema) {
            let properties = part.get("properties").and_then(Value::as_object);
            for (name, property) in properties.into_iter().flatten() {
                self.fill_property(property, object, name, depth);
            }
        }
    }

    fn fill_property(
        &mut self,
        property: &'s Value,
        object: &mut Map<String, Value>,
        name: &str,
        depth: u32,
    ) {
        if let Some(present) = object.get_mut(name) {
            self.fill(property, present, depth + 1);
            return;
        }
        let parts = parts_of(self.root, property);
        let default = parts.iter().find_map(|part| part.get("default"));
        let is_object = || parts.iter().any(|part| part.get("type").is_some_and(|t| t == "object"));
        let mut value = match default {
            Some(default) => default.clone(),
            None if is_object() => Value::Object(Map::new()),
            None => return,
        };
        // What a place is made of is known by its last part: a bare reference stands at many.
        let Some(&made_of) = parts.last() else { return };
        let makes_itself = self.made.iter().any(|made| std::ptr::eq(*made, made_of));
        if makes_itself || self.filled >= MOST_FILLED {
            return;
        }
        self.filled += 1;
        self.made.push(made_of);
        self.fill(property, &mut value, depth + 1);
        self.made.pop();
        object.insert(name.to_owned(), value);
    }
}
