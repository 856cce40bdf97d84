//! Fills the defaults of a schema into a document.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::limits::{MAX_DEFAULT_BYTES, MAX_DEFAULT_PROPERTIES, MAX_DEFAULT_STEPS, SchemaLimit};
use crate::check::measure;
use crate::policy::MAX_NESTING;

/// The maximum number of schemas that are collected for one value. It limits the time for a schema with
/// very many `$ref`s and `allOf` members.
const MAX_APPLICABLE_SCHEMAS: usize = 64;

/// Fills the defaults of a schema into a document.
///
/// # Errors
/// The limit that the schema exceeds. The defaults are then filled only in part.
pub(super) fn fill(root: &Value, document: &mut Value) -> Result<(), SchemaLimit> {
    let mut filler =
        DefaultFiller { root, in_progress: Vec::new(), steps: 0, filled: 0, filled_bytes: 0 };
    filler.fill(root, document, 0)
}

/// Returns whether [`fill`] may change a document. If this returns `false`, it changes nothing.
pub(super) fn may_change(root: &Value, document: &Value) -> bool {
    let mut steps = 0;
    may_change_at(root, root, document, 0, &mut steps)
}

fn may_change_at(root: &Value, schema: &Value, value: &Value, depth: u32, steps: &mut u64) -> bool {
    let Value::Object(object) = value else { return false };
    if depth > MAX_NESTING {
        return true;
    }
    let applicable = applicable_schemas(root, schema);
    *steps += steps_of(&applicable);
    applicable.into_iter().any(|schema| {
        let properties = schema.get("properties").and_then(Value::as_object);
        properties.into_iter().flatten().any(|(name, property)| {
            *steps += 1;
            if *steps > MAX_DEFAULT_STEPS {
                return true;
            }
            match object.get(name) {
                Some(present) => may_change_at(root, property, present, depth + 1, steps),
                None => applicable_schemas(root, property)
                    .into_iter()
                    .any(|schema| schema.get("default").is_some() || has_type_object(schema)),
            }
        })
    })
}

/// Returns the schemas that apply to one value: `schema` itself, the targets of its local `$ref`s and
/// the members of its `allOf`, recursively; the nearest first. At most [`MAX_APPLICABLE_SCHEMAS`] are
/// collected.
pub(super) fn applicable_schemas<'s>(root: &'s Value, schema: &'s Value) -> Vec<&'s Value> {
    let mut schemas: Vec<&Value> = vec![schema];
    let mut next = 0;
    while let Some(&current) = schemas.get(next)
        && schemas.len() < MAX_APPLICABLE_SCHEMAS
    {
        next += 1;
        let referred = current.get("$ref").and_then(Value::as_str).and_then(|reference| {
            let pointer = percent_decode_str(reference.strip_prefix('#')?).decode_utf8().ok()?;
            root.pointer(&pointer)
        });
        let all_of = current.get("allOf").and_then(Value::as_array).into_iter().flatten();
        for found in referred.into_iter().chain(all_of) {
            if schemas.len() >= MAX_APPLICABLE_SCHEMAS {
                break;
            }
            if !schemas.iter().any(|schema| std::ptr::eq(*schema, found)) {
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
    /// The number of subschemas and properties that were read.
    steps: u64,
    /// The number of properties that were added.
    filled: u64,
    /// The size of the values that were added, in bytes of their JSON text.
    filled_bytes: u64,
}

impl<'s> DefaultFiller<'s> {
    fn fill(
        &mut self,
        schema: &'s Value,
        value: &mut Value,
        depth: u32,
    ) -> Result<(), SchemaLimit> {
        let Value::Object(object) = value else { return Ok(()) };
        if depth > MAX_NESTING {
            return Ok(());
        }
        let applicable = applicable_schemas(self.root, schema);
        self.count_steps(steps_of(&applicable))?;
        for schema in applicable {
            let properties = schema.get("properties").and_then(Value::as_object);
            for (name, property) in properties.into_iter().flatten() {
                self.fill_property(property, object, name, depth)?;
            }
        }
        Ok(())
    }

    fn count_steps(&mut self, count: u64) -> Result<(), SchemaLimit> {
        self.steps += count;
        if self.steps > MAX_DEFAULT_STEPS { Err(SchemaLimit::DefaultSteps) } else { Ok(()) }
    }

    fn fill_property(
        &mut self,
        property: &'s Value,
        object: &mut Map<String, Value>,
        name: &str,
        depth: u32,
    ) -> Result<(), SchemaLimit> {
        self.count_steps(1)?;
        if let Some(present) = object.get_mut(name) {
            return self.fill(property, present, depth + 1);
        }
        let applicable = applicable_schemas(self.root, property);
        self.count_steps(steps_of(&applicable))?;
        let default = applicable.iter().find_map(|schema| schema.get("default"));
        if default.is_none() && !applicable.iter().any(|schema| has_type_object(schema)) {
            return Ok(());
        }
        // A schema that only contains a `$ref` is a different object at each place in the document. The
        // last schema is the final target of the `$ref`s, so it is the same object at all these places.
        let Some(&target) = applicable.last() else { return Ok(()) };
        let is_recursive = self.in_progress.iter().any(|schema| std::ptr::eq(*schema, target));
        if is_recursive {
            return Ok(());
        }
        self.filled += 1;
        if self.filled > MAX_DEFAULT_PROPERTIES {
            return Err(SchemaLimit::DefaultProperties);
        }
        self.filled_bytes += (name.len() as u64).saturating_add(default.map_or(2, json_bytes));
        if self.filled_bytes > MAX_DEFAULT_BYTES {
            return Err(SchemaLimit::DefaultBytes);
        }
        let mut value = default.cloned().unwrap_or_else(|| Value::Object(Map::new()));
        self.in_progress.push(target);
        let filled = self.fill(property, &mut value, depth + 1);
        self.in_progress.pop();
        object.insert(name.to_owned(), value);
        filled
    }
}

/// Returns the steps for collecting schemas: one each, and more for a long reference.
fn steps_of(applicable: &[&Value]) -> u64 {
    let reference = |schema: &Value| schema.get("$ref").and_then(Value::as_str).map_or(0, str::len);
    applicable.iter().map(|schema| 1 + (reference(schema) / 64) as u64).sum()
}

fn has_type_object(schema: &Value) -> bool {
    schema.get("type").is_some_and(|type_name| type_name == "object")
}

fn json_bytes(value: &Value) -> u64 {
    measure(value).map_or(u64::MAX, |sizes| sizes.json_bytes)
}
