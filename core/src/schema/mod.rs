//! JSON Schema: fills defaults and reports violations.

mod budget;
mod defaults;
mod expansion;
mod limits;

use std::collections::HashSet;

use jsonschema::{Draft, FancyRegex, PatternOptions, Validator};
use serde_json::Value;

use self::budget::{Budget, BudgetedJson, BudgetedNode};
use self::defaults::applicable_schemas;
use self::expansion::{Expansion, expansion_of};
use self::limits::{
    MAX_BACKTRACKS, MAX_ERROR_TEXT_BYTES, MAX_LISTED_ERRORS, MAX_LISTING_STEPS, MAX_RECURSION,
    MAX_VALIDATION_STEPS, SchemaLimit, max_regex_bytes,
};
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
/// A schema can describe far more work than its size suggests. Therefore compiling, filling defaults and
/// validating have limits. A schema that exceeds one is a [`ConfigurationError`]; a document for which it
/// exceeds one has a [`Code::SchemaLimit`] issue.
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
    validator: Validator<BudgetedJson>,
    document: Value,
    expansion: Expansion,
}

impl Schema {
    /// Compiles a schema document.
    ///
    /// # Errors
    /// [`ConfigurationError`] when the document is not a valid schema, contains a reference to another
    /// document, is nested more than 128 levels deep, has more than 100,000 subschemas, refers to more
    /// than 10,000 of them, applies more than 67,108,864 to one value or 2,000 through each other, or
    /// applies a subschema to the same value without end; also when its regular expressions exceed 256 MiB.
    pub fn new(document: Value) -> Result<Self, ConfigurationError> {
        measure(&document).map_err(|_| {
            ConfigurationError::new("the schema is nested more than 128 levels deep")
        })?;
        let draft = draft_of(&document);
        let expansion = expansion_of(&document, draft)?;
        let patterns = PatternOptions::<FancyRegex>::fancy_regex()
            .size_limit(max_regex_bytes(expansion.patterns))
            .backtrack_limit(MAX_BACKTRACKS);
        let validator = jsonschema::options_for::<BudgetedJson>()
            .with_draft(draft)
            .should_validate_formats(false)
            .with_pattern_options(patterns)
            .with_retriever(RejectOtherDocuments)
            .build(&document)
            .map_err(|_| cannot_be_compiled())?;
        Ok(Self { validator, document, expansion })
    }

    /// Fills defaults, then validates, and returns the filled document.
    ///
    /// # Errors
    /// [`ValidationError`] with the issues of [`violations`](Self::violations). For a document that is
    /// nested more than 128 levels deep it has only a `nesting_too_deep` issue, and when the defaults
    /// exceed a limit only a `schema_limit` issue.
    pub fn apply(&self, mut document: Value) -> Result<Value, ValidationError> {
        measure(&document)?;
        self.fill_defaults(&mut document)?;
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

    /// Returns whether a document has no violation, is nested at most 128 levels deep, and can be
    /// validated within the limits. Defaults are not filled.
    #[must_use]
    pub fn is_valid(&self, document: &Value) -> bool {
        measure(document).is_ok() && self.validate(document) == Ok(true)
    }

    /// Returns the violations of a document, sorted by path, until their issues exceed
    /// [`Report::ISSUE_BUDGET`] bytes. Defaults are not filled. For a document that is nested more than 128
    /// levels deep, returns only a `nesting_too_deep` issue. When the document cannot be validated, or its
    /// violations cannot all be listed within the limits, there is a `schema_limit` issue.
    #[must_use]
    pub fn violations(&self, document: &Value) -> Vec<Issue> {
        // The validator recurses, so the nesting is checked first.
        match measure(document) {
            Ok(_) => self.violations_unchecked_nesting(document),
            Err(error) => error.into_report().issues,
        }
    }

    /// Returns the violations of a document. The caller must have checked the nesting, because the
    /// validator recurses.
    pub(crate) fn violations_unchecked_nesting(&self, document: &Value) -> Vec<Issue> {
        match self.validate(document) {
            Ok(true) => Vec::new(),
            // Validation alone is much faster than listing the violations.
            Ok(false) => self.list_violations(document),
            Err(limit) => vec![limit.issue()],
        }
    }

    /// Returns whether a document has no violation.
    fn validate(&self, document: &Value) -> Result<bool, SchemaLimit> {
        self.check_recursion(document)?;
        let budget = Budget::new(document, MAX_VALIDATION_STEPS, 0, &self.expansion);
        let is_valid = self.validator.is_valid(BudgetedNode::new(document, &budget));
        if budget.is_exhausted() { Err(SchemaLimit::ValidationSteps) } else { Ok(is_valid) }
    }

    /// Checks that the recursion of the validator is bounded.
    fn check_recursion(&self, document: &Value) -> Result<(), SchemaLimit> {
        let levels = |nesting: u32| self.expansion.depth.saturating_mul(u64::from(nesting) + 1);
        if levels(MAX_NESTING) <= MAX_RECURSION {
            return Ok(());
        }
        let actual = levels(nesting_of(document));
        if actual <= MAX_RECURSION { Ok(()) } else { Err(SchemaLimit::Recursion { actual }) }
    }

    /// Lists the violations of a document that has at least one.
    fn list_violations(&self, document: &Value) -> Vec<Issue> {
        // After the budget is exhausted, every subschema that applies to a value may still add an error.
        let levels = u64::from(nesting_of(document)) + 1;
        if self.expansion.subschemas.saturating_mul(levels) > MAX_LISTED_ERRORS {
            return vec![SchemaLimit::Listing.issue()];
        }
        if self.expansion.may_backtrack {
            // After a match that it could not finish, the validator writes every error as text, those of the
            // document itself with the document.
            let document_bytes = measure(document).map_or(u64::MAX, |sizes| sizes.json_bytes);
            if self.expansion.subschemas.saturating_mul(document_bytes) > MAX_ERROR_TEXT_BYTES {
                return vec![SchemaLimit::Listing.issue()];
            }
        }
        let budget = Budget::new(document, MAX_LISTING_STEPS, MAX_LISTED_ERRORS, &self.expansion);
        let mut remaining_bytes = Report::ISSUE_BUDGET;
        let mut issues: Vec<Issue> = self
            .validator
            .iter_errors(BudgetedNode::new(document, &budget))
            .filter(|error| budget.covers(error))
            .map(|error| violation(&error))
            .take_while(|issue| {
                // Keeps the issue that spends the budget, so that a violation is never without an issue.
                let has_budget = remaining_bytes > 0;
                remaining_bytes = remaining_bytes.saturating_sub(issue.budget_bytes());
                has_budget
            })
            .collect();
        issues.sort_by(|a, b| a.path.cmp(&b.path));
        if budget.is_exhausted() {
            issues.push(SchemaLimit::Listing.issue());
        }
        issues
    }

    /// Sets missing properties to their defaults, recursively. A missing property of type `object`
    /// without a default becomes an empty object, whose own defaults are filled.
    ///
    /// Finds properties through `properties`, local `$ref`s and `allOf`, but not inside array items or
    /// through other keywords, for example `anyOf`.
    ///
    /// # Errors
    /// [`ValidationError`] with a `schema_limit` issue when the defaults add more than 100,000 properties
    /// or 16 MiB, or take more than 10,000,000 steps. The defaults are then filled only in part.
    pub fn fill_defaults(&self, document: &mut Value) -> Result<(), ValidationError> {
        defaults::fill(&self.document, document)
            .map_err(|limit| ValidationError::of(vec![limit.issue()]))
    }

    /// Returns whether [`fill_defaults`](Self::fill_defaults) may change a document. If this returns
    /// `false`, it changes nothing.
    pub(crate) fn may_need_defaults(&self, document: &Value) -> bool {
        defaults::may_change(&self.document, document)
    }

    /// Returns whether the schema requires the property at a path of keys from the root. Only the last
    /// key counts: its parent object must list it in `required`, and the parents themselves may be
    /// optional. Returns `false` for an empty path.
    #[must_use]
    pub fn requires<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> bool {
        let mut schemas = vec![&self.document];
        let mut required = false;
        for key in keys {
            // Each schema once: several schemas may refer to the same ones.
            let mut seen = HashSet::new();
            let applicable: Vec<&Value> = schemas
                .iter()
                .flat_map(|schema| applicable_schemas(&self.document, schema))
                .filter(|schema| seen.insert(&raw const **schema))
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

/// Returns the nesting of a document: 0 for a scalar. Its nesting must have been checked.
fn nesting_of(document: &Value) -> u32 {
    match document {
        Value::Array(items) => 1 + items.iter().map(nesting_of).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(nesting_of).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

fn cannot_be_compiled() -> ConfigurationError {
    ConfigurationError::new(
        "the schema cannot be compiled: it is not a valid JSON Schema, it contains a reference to another document, which is never fetched, or a regular expression in it is invalid or too large",
    )
}

/// Describes a violation by its rule. The messages of `jsonschema` are not used, because they contain
/// values, which may be private.
fn violation(error: &jsonschema::ValidationError<'_>) -> Issue {
    use jsonschema::error::ValidationErrorKind as Kind;

    let rule = error.schema_path().to_string();
    if matches!(error.kind(), Kind::BacktrackLimitExceeded { .. }) {
        return SchemaLimit::Backtracking.issue_at(error.instance_path().to_string());
    }
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
