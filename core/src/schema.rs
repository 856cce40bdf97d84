//! JSON Schema: fills defaults and reports violations.

use jsonschema::{Draft, Validator};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::check::measure;
use crate::error::ConfigurationError;
use crate::issue::{Code, Issue};
use crate::policy::MAX_NESTING;
use crate::report::{Report, ValidationError};

/// A compiled JSON Schema.
///
/// `$schema` selects the draft of the standard. The default is 2020-12, also when the draft is unknown.
/// The keyword `format` is not validated. A schema with a reference to another document (also `file:`)
/// is rejected, because no document is fetched.
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
    /// [`ConfigurationError`] when the document is not a valid schema, contains a reference to another
    /// document, or is nested more than 128 levels deep.
    pub fn new(document: Value) -> Result<Self, ConfigurationError> {
        measure(&document).map_err(|_| {
            ConfigurationError::new("the schema is nested more than 128 levels deep")
        })?;
        let validator = jsonschema::options()
            .with_draft(draft_of(&document))
            .should_validate_formats(false)
            .with_retriever(RejectOtherDocuments)
            .build(&document)
            .map_err(|_| {
                ConfigurationError::new(
                    "the schema cannot be compiled: it is not a valid JSON Schema, or it contains a reference to another document, which is never fetched",
                )
            })?;
        Ok(Self { validator, document })
    }

    /// Fills defaults, then validates, and returns the filled document.
    ///
    /// # Errors
    /// [`ValidationError`] with the issues of [`violations`](Self::violations). For a document that is
    /// nested more than 128 levels deep it has only a `nesting_too_deep` issue.
    pub fn apply(&self, mut document: Value) -> Result<Value, ValidationError> {
        measure(&document)?;
        self.fill_defaults(&mut document);
        let issues = self.violations(&document);
        if issues.is_empty() { Ok(document) } else { Err(ValidationError::of(issues)) }
    }

    /// Parses JSON text, fills defaults, then validates, and returns the filled document.
    ///
    /// # Errors
    /// [`ValidationError`] for text that [`read_json`](crate::check::read_json) rejects, and for the same
    /// documents as [`apply`](Self::apply).
    pub fn apply_json(&self, text: impl AsRef<[u8]>) -> Result<Value, ValidationError> {
        self.apply(crate::check::read_json(text)?)
    }

    /// Returns whether a document has no violation and is nested at most 128 levels deep. Defaults are
    /// not filled.
    #[must_use]
    pub fn is_valid(&self, document: &Value) -> bool {
        measure(document).is_ok() && self.validator.is_valid(document)
    }

    /// Returns whether a document has no violation. The caller must have checked the nesting, because
    /// the validator recurses.
    pub(crate) fn is_valid_unchecked_nesting(&self, document: &Value) -> bool {
        self.validator.is_valid(document)
    }

    /// Returns the violations of a document, sorted by path, until their issues exceed
    /// [`Report::ISSUE_BUDGET`] bytes. Defaults are not filled. For a document that is nested more than 128
    /// levels deep, returns only a `nesting_too_deep` issue.
    #[must_use]
    pub fn violations(&self, document: &Value) -> Vec<Issue> {
        // The validator recurses, so the nesting is checked first.
        if let Err(error) = measure(document) {
            return error.into_report().issues;
        }
        let mut budget = Report::ISSUE_BUDGET;
        let mut issues: Vec<Issue> = self
            .validator
            .iter_errors(document)
            .map(|error| violation(&error))
            .take_while(|issue| {
                // Keeps the issue that spends the budget, so that a violation is never without an issue.
                let has_budget = budget > 0;
                budget = budget.saturating_sub(issue.budget_bytes());
                has_budget
            })
            .collect();
        issues.sort_by(|a, b| a.path.cmp(&b.path));
        issues
    }

    /// Sets missing properties to their defaults, recursively. A missing property of type `object`
    /// without a default becomes an empty object, whose own defaults are filled.
    ///
    /// Finds properties through `properties`, local `$ref`s and `allOf`, but not inside array items or
    /// through other keywords, for example `anyOf`.
    pub fn fill_defaults(&self, document: &mut Value) {
        let mut filler = DefaultFiller { root: &self.document, in_progress: Vec::new(), filled: 0 };
        filler.fill(&self.document, document, 0);
    }

    /// Returns whether [`fill_defaults`](Self::fill_defaults) may change a document. If this returns
    /// `false`, it changes nothing.
    pub(crate) fn may_need_defaults(&self, document: &Value) -> bool {
        self.may_need_defaults_at(&self.document, document, 0)
    }

    fn may_need_defaults_at(&self, schema: &Value, value: &Value, depth: u32) -> bool {
        let Value::Object(object) = value else { return false };
        if depth > MAX_NESTING {
            return true;
        }
        applicable_schemas(&self.document, schema).into_iter().any(|schema| {
            let properties = schema.get("properties").and_then(Value::as_object);
            properties.into_iter().flatten().any(|(name, property)| match object.get(name) {
                Some(present) => self.may_need_defaults_at(property, present, depth + 1),
                None => applicable_schemas(&self.document, property).into_iter().any(|schema| {
                    schema.get("default").is_some()
                        || schema.get("type").is_some_and(|type_name| type_name == "object")
                }),
            })
        })
    }

    /// Returns whether the schema requires the property at a path of keys from the root. Only the last
    /// key counts: its parent object must list it in `required`, and the parents themselves may be
    /// optional. Returns `false` for an empty path.
    #[must_use]
    pub fn requires<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> bool {
        let mut schemas = vec![&self.document];
        let mut required = false;
        for key in keys {
            let applicable: Vec<&Value> = schemas
                .iter()
                .flat_map(|schema| applicable_schemas(&self.document, schema))
                .collect();
            required = applicable.iter().any(|schema| {
                let names = schema.get("required").and_then(Value::as_array);
                names.is_some_and(|names| names.iter().any(|name| name == key))
            });
            schemas = applicable
                .iter()
                .filter_map(|schema| {
                    schema.get("properties").and_then(|properties| properties.get(key))
                })
                .collect();
        }
        required
    }
}

/// Returns the draft that `$schema` selects. Returns 2020-12 if `$schema` is missing, or if the draft is
/// unknown: the document that defines an unknown draft would have to be fetched.
fn draft_of(document: &Value) -> Draft {
    match Draft::Draft202012.detect(document) {
        Draft::Unknown => Draft::Draft202012,
        known => known,
    }
}

/// Describes a violation by its rule. The messages of `jsonschema` are not used, because they contain
/// values, which may be private.
fn violation(error: &jsonschema::ValidationError<'_>) -> Issue {
    use jsonschema::error::ValidationErrorKind as Kind;

    let rule = error.schema_path().to_string();
    let message = match error.kind() {
        Kind::Required { property } => {
            format!("the required property {property} is missing (schema rule {rule})")
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            format!("unknown properties: {} (schema rule {rule})", unexpected.join(", "))
        }
        Kind::FalseSchema if rule.is_empty() => "the schema allows no value".to_owned(),
        Kind::FalseSchema => format!("no value is allowed here (schema rule {rule})"),
        _ => {
            let keyword = rule.rsplit('/').next().unwrap_or_default();
            format!("violates `{keyword}` (schema rule {rule})")
        }
    };
    Issue::error(Code::SchemaViolation, error.instance_path().to_string(), message)
        .with_hint("Change the value or the schema.")
}

/// Rejects every reference to another document.
struct RejectOtherDocuments;

impl jsonschema::Retrieve for RejectOtherDocuments {
    fn retrieve(
        &self,
        _: &jsonschema::Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Err("references to other documents are not fetched".into())
    }
}

/// The maximum number of schemas that are collected for one value. It limits the time for a schema with
/// very many `$ref`s and `allOf` members.
const MAX_APPLICABLE_SCHEMAS: usize = 64;
/// The maximum number of properties that are filled in one document. It limits the size of the result,
/// because a small schema can describe very many nested objects.
const MAX_FILLED_PROPERTIES: usize = 100_000;

/// Returns the schemas that apply to one value: `schema` itself, the targets of its local `$ref`s and
/// the members of its `allOf`, recursively; the nearest first. At most [`MAX_APPLICABLE_SCHEMAS`] are
/// collected.
fn applicable_schemas<'s>(root: &'s Value, schema: &'s Value) -> Vec<&'s Value> {
    let mut schemas: Vec<&Value> = vec![schema];
    let mut next = 0;
    while let Some(&current) = schemas.get(next) {
        next += 1;
        let referred = current.get("$ref").and_then(Value::as_str).and_then(|reference| {
            let pointer = percent_decode_str(reference.strip_prefix('#')?).decode_utf8().ok()?;
            root.pointer(&pointer)
        });
        let all_of = current.get("allOf").and_then(Value::as_array).into_iter().flatten();
        for found in referred.into_iter().chain(all_of) {
            let is_new = !schemas.iter().any(|schema| std::ptr::eq(*schema, found));
            if is_new && schemas.len() < MAX_APPLICABLE_SCHEMAS {
                schemas.push(found);
            }
        }
    }
    schemas
}

/// Fills defaults into one document.
struct DefaultFiller<'s> {
    root: &'s Value,
    /// The schemas for which a value is being created. A schema in this list is not filled again, so the
    /// recursion ends for a schema that refers to itself.
    in_progress: Vec<&'s Value>,
    /// The number of properties that were added.
    filled: usize,
}

impl<'s> DefaultFiller<'s> {
    fn fill(&mut self, schema: &'s Value, value: &mut Value, depth: u32) {
        let Value::Object(object) = value else { return };
        if depth > MAX_NESTING {
            return;
        }
        for schema in applicable_schemas(self.root, schema) {
            let properties = schema.get("properties").and_then(Value::as_object);
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
        let applicable = applicable_schemas(self.root, property);
        let default = applicable.iter().find_map(|schema| schema.get("default"));
        let is_object = || {
            applicable
                .iter()
                .any(|schema| schema.get("type").is_some_and(|type_name| type_name == "object"))
        };
        let mut value = match default {
            Some(default) => default.clone(),
            None if is_object() => Value::Object(Map::new()),
            None => return,
        };
        // A schema that only contains a `$ref` is a different object at each place in the document. The
        // last schema is the final target of the `$ref`s, so it is the same object at all these places.
        let Some(&target) = applicable.last() else { return };
        let is_recursive = self.in_progress.iter().any(|schema| std::ptr::eq(*schema, target));
        if is_recursive || self.filled >= MAX_FILLED_PROPERTIES {
            return;
        }
        self.filled += 1;
        self.in_progress.push(target);
        self.fill(property, &mut value, depth + 1);
        self.in_progress.pop();
        object.insert(name.to_owned(), value);
    }
}
