//! Counts how many subschemas apply to one value. References multiply them: 30 definitions of which each
//! refers to the next one twice are 2^30 subschemas.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use jsonschema::Draft;
use referencing::{Registry, Resolver};
use serde_json::{Map, Value};

use super::limits::MAX_RECURSION;
use super::{RejectOtherDocuments, cannot_be_compiled};
use crate::display_text::grouped;
use crate::error::ConfigurationError;

/// The URI of a schema without `$id`, as in the validator.
const BASE_URI: &str = "json-schema:///";

/// The maximum number of subschemas in a schema. Large published schemas have about 30,000.
const MAX_SUBSCHEMAS: usize = 100_000;

/// The maximum number of subschemas that references refer to. The time for compiling grows with the square
/// of the number. Large published schemas have about 1,000.
const MAX_REFERENCED_SUBSCHEMAS: usize = 10_000;

/// The maximum number of subschemas that apply to one value.
const MAX_SUBSCHEMAS_PER_VALUE: u64 = 1 << 26;

/// How often the subschemas of a schema apply to one value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expansion {
    /// The maximum number of subschemas that apply to one value, at least 1.
    pub(super) subschemas: u64,
    /// The maximum number of subschemas that apply to one value through each other, at least 1.
    pub(super) depth: u64,
    /// The number of regular expressions in the schema.
    pub(super) patterns: usize,
    /// Whether a regular expression may need more time than in proportion to the text.
    pub(super) may_backtrack: bool,
}

/// Counts the subschemas that apply to one value.
///
/// # Errors
/// [`ConfigurationError`] when a subschema applies itself to the same value, when the schema has too many
/// subschemas, and when a part of it has an invalid URI.
pub(super) fn expansion_of(
    document: &Value,
    draft: Draft,
) -> Result<Expansion, ConfigurationError> {
    let graph = SchemaGraph::build(document, draft)?;
    let expansion = Expansion {
        patterns: graph.patterns,
        may_backtrack: graph.may_backtrack,
        ..graph.expansion()?
    };
    if expansion.depth > MAX_RECURSION {
        return Err(ConfigurationError::new(format!(
            "the schema applies more than {} subschemas to one value through each other. Shorten the chain \
             of references",
            grouped(MAX_RECURSION)
        )));
    }
    if expansion.subschemas > MAX_SUBSCHEMAS_PER_VALUE {
        return Err(ConfigurationError::new(format!(
            "the schema applies more than {} subschemas to one value, because its references multiply. \
             Refer to each definition once",
            grouped(MAX_SUBSCHEMAS_PER_VALUE)
        )));
    }
    Ok(expansion)
}

/// The subschemas, and which of them apply to the same value.
struct SchemaGraph {
    /// For each subschema the indexes of the subschemas that it applies to the same value.
    in_place: Vec<Vec<usize>>,
    /// For each subschema the number of regular expressions that it applies to each name of a property.
    name_patterns: Vec<usize>,
    /// The number of all regular expressions.
    patterns: usize,
    may_backtrack: bool,
}

/// Collects the subschemas that can be reached from the root.
struct GraphBuilder<'s, 'r> {
    /// The index of each subschema by its address.
    indexes: HashMap<*const Value, usize>,
    /// The subschemas whose own subschemas are not collected yet.
    pending: Vec<(usize, &'r Value, Resolver<'r>, Draft)>,
    in_place: Vec<Vec<usize>>,
    name_patterns: Vec<usize>,
    patterns: usize,
    may_backtrack: bool,
    /// The subschemas that references refer to.
    referenced: HashSet<usize>,
    /// The subschemas that `$dynamicRef` and `$recursiveRef` may reach, with their anchors.
    dynamic_anchors: Vec<(usize, &'s str)>,
    /// The subschemas with a dynamic reference, with its anchor.
    dynamic_references: Vec<(usize, &'s str)>,
}

/// The name of the anchor that `$recursiveAnchor` sets and `$recursiveRef` refers to.
const RECURSIVE_ANCHOR: &str = "";

impl SchemaGraph {
    fn build(document: &Value, draft: Draft) -> Result<Self, ConfigurationError> {
        let invalid = |_| cannot_be_compiled();
        let resource = draft.create_resource_ref(document);
        let registry = Registry::new()
            .draft(draft)
            .retriever(RejectOtherDocuments)
            .add(BASE_URI, resource)
            .and_then(referencing::RegistryBuilder::prepare)
            .map_err(invalid)?;
        let base = referencing::uri::from_str(BASE_URI).map_err(invalid)?;
        let resolver = registry.resolver(base).in_subresource(resource).map_err(invalid)?;
        let mut builder = GraphBuilder {
            indexes: HashMap::new(),
            pending: Vec::new(),
            in_place: Vec::new(),
            name_patterns: Vec::new(),
            patterns: 0,
            may_backtrack: false,
            referenced: HashSet::new(),
            dynamic_anchors: Vec::new(),
            dynamic_references: Vec::new(),
        };
        builder.index_of(document, resolver, draft)?;
        while let Some((index, schema, resolver, draft)) = builder.pending.pop() {
            builder.collect(index, schema, &resolver, draft)?;
        }
        Ok(builder.finish())
    }

    /// Returns the largest expansion of any subschema.
    fn expansion(&self) -> Result<Expansion, ConfigurationError> {
        let mut expansions: Vec<Option<Expansion>> = vec![None; self.in_place.len()];
        let mut in_progress = vec![false; self.in_place.len()];
        let mut largest = Expansion { subschemas: 1, depth: 1, patterns: 0, may_backtrack: false };
        // Each entry is a subschema and the number of its subschemas that are counted. An explicit stack,
        // because references can be chained without limit.
        let mut stack: Vec<(usize, usize)> = Vec::new();
        for root in 0..self.in_place.len() {
            stack.push((root, 0));
            while let Some((index, next)) = stack.pop() {
                if expansions.get(index).is_none_or(Option::is_some) {
                    continue;
                }
                let children = self.in_place.get(index).map_or(&[][..], Vec::as_slice);
                if let Some(&child) = children.get(next) {
                    if let Some(flag) = in_progress.get_mut(index) {
                        *flag = true;
                    }
                    if in_progress.get(child).copied().unwrap_or_default() {
                        return Err(refers_to_itself());
                    }
                    stack.push((index, next + 1));
                    stack.push((child, 0));
                    continue;
                }
                let name_patterns = self.name_patterns.get(index).copied().unwrap_or_default();
                let mut own = Expansion {
                    subschemas: 1 + name_patterns as u64,
                    depth: 1,
                    patterns: 0,
                    may_backtrack: false,
                };
                for child in children {
                    if let Some(Some(child)) = expansions.get(*child) {
                        own.subschemas = own.subschemas.saturating_add(child.subschemas);
                        own.depth = own.depth.max(child.depth.saturating_add(1));
                    }
                }
                largest.subschemas = largest.subschemas.max(own.subschemas);
                largest.depth = largest.depth.max(own.depth);
                if let Some(expansion) = expansions.get_mut(index) {
                    *expansion = Some(own);
                }
                if let Some(flag) = in_progress.get_mut(index) {
                    *flag = false;
                }
            }
        }
        Ok(largest)
    }
}

impl<'s, 'r: 's> GraphBuilder<'s, 'r> {
    /// Returns the index of a subschema, and collects its own subschemas later if it is new.
    fn index_of(
        &mut self,
        schema: &'r Value,
        resolver: Resolver<'r>,
        draft: Draft,
    ) -> Result<usize, ConfigurationError> {
        let new_index = self.in_place.len();
        match self.indexes.entry(&raw const *schema) {
            Entry::Occupied(entry) => Ok(*entry.get()),
            Entry::Vacant(entry) => {
                if new_index >= MAX_SUBSCHEMAS {
                    return Err(ConfigurationError::new(format!(
                        "the schema has more than {} subschemas. Split it",
                        grouped(MAX_SUBSCHEMAS as u64)
                    )));
                }
                entry.insert(new_index);
                self.in_place.push(Vec::new());
                self.name_patterns.push(0);
                self.pending.push((new_index, schema, resolver, draft));
                Ok(new_index)
            }
        }
    }

    /// Collects the subschemas of a subschema.
    fn collect(
        &mut self,
        index: usize,
        schema: &'r Value,
        resolver: &Resolver<'r>,
        draft: Draft,
    ) -> Result<(), ConfigurationError> {
        let draft = draft.detect(schema);
        let mut in_place = Vec::new();
        for subschema in draft.subresources_of(schema) {
            let resolver = self.resolver_in(resolver, subschema, draft)?;
            self.index_of(subschema, resolver, draft)?;
        }
        for subschema in in_place_subschemas(schema) {
            let resolver = self.resolver_in(resolver, subschema, draft)?;
            in_place.push(self.index_of(subschema, resolver, draft)?);
        }
        let of_names = schema.get("patternProperties").and_then(Value::as_object);
        let name_patterns = of_names.map_or(0, Map::len);
        let of_values = schema.get("pattern").and_then(Value::as_str);
        self.patterns += name_patterns + usize::from(of_values.is_some());
        self.may_backtrack = self.may_backtrack
            || of_names.into_iter().flat_map(Map::keys).map(String::as_str).any(may_backtrack)
            || of_values.is_some_and(may_backtrack);
        if let Some(own) = self.name_patterns.get_mut(index) {
            *own = name_patterns;
        }
        let text = |keyword: &str| schema.get(keyword).and_then(Value::as_str);
        for reference in [text("$ref"), text("$dynamicRef"), text("$recursiveRef")] {
            // The validator rejects a reference that cannot be resolved.
            let Some(Ok(target)) = reference.map(|reference| resolver.lookup(reference)) else {
                continue;
            };
            let (target, resolver, draft) = target.into_inner();
            let target = self.index_of(target, resolver, draft)?;
            in_place.push(target);
            self.referenced.insert(target);
            if self.referenced.len() > MAX_REFERENCED_SUBSCHEMAS {
                return Err(ConfigurationError::new(format!(
                    "the schema refers to more than {} subschemas. Split it",
                    grouped(MAX_REFERENCED_SUBSCHEMAS as u64)
                )));
            }
        }
        if let Some((_, anchor)) = text("$dynamicRef").and_then(|text| text.rsplit_once('#')) {
            self.dynamic_references.push((index, anchor));
        }
        if text("$recursiveRef").is_some() {
            self.dynamic_references.push((index, RECURSIVE_ANCHOR));
        }
        if let Some(anchor) = text("$dynamicAnchor") {
            self.dynamic_anchors.push((index, anchor));
        }
        if schema.get("$recursiveAnchor").and_then(Value::as_bool).unwrap_or_default() {
            self.dynamic_anchors.push((index, RECURSIVE_ANCHOR));
        }
        // These keywords apply the other subschemas once more, to find what they have evaluated.
        let is_repeated = ["unevaluatedProperties", "unevaluatedItems"]
            .iter()
            .any(|keyword| schema.get(keyword).is_some());
        if is_repeated {
            in_place.extend_from_within(..);
        }
        if let Some(own) = self.in_place.get_mut(index) {
            own.append(&mut in_place);
        }
        Ok(())
    }

    fn resolver_in(
        &self,
        resolver: &Resolver<'r>,
        subschema: &Value,
        draft: Draft,
    ) -> Result<Resolver<'r>, ConfigurationError> {
        let resource = draft.detect(subschema).create_resource_ref(subschema);
        resolver.in_subresource(resource).map_err(|_| cannot_be_compiled())
    }

    /// Adds the subschemas that dynamic references may reach: each one with the same anchor.
    fn finish(mut self) -> SchemaGraph {
        for (index, anchor) in &self.dynamic_references {
            let targets = self
                .dynamic_anchors
                .iter()
                .filter(|(_, name)| name == anchor)
                .map(|(target, _)| *target);
            if let Some(own) = self.in_place.get_mut(*index) {
                own.extend(targets);
            }
        }
        SchemaGraph {
            in_place: self.in_place,
            name_patterns: self.name_patterns,
            patterns: self.patterns,
            may_backtrack: self.may_backtrack,
        }
    }
}

/// Returns the subschemas that a schema contains and applies to the same value.
fn in_place_subschemas(schema: &Value) -> impl Iterator<Item = &Value> {
    const LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
    const SINGLE: [&str; 4] = ["not", "if", "then", "else"];
    const MAPS: [&str; 2] = ["dependentSchemas", "dependencies"];

    let lists = LISTS.into_iter().filter_map(|keyword| schema.get(keyword)?.as_array()).flatten();
    let single = SINGLE.into_iter().filter_map(|keyword| schema.get(keyword));
    let maps = MAPS
        .into_iter()
        .filter_map(|keyword| schema.get(keyword)?.as_object())
        .flat_map(|subschemas| subschemas.values());
    lists.chain(single).chain(maps).filter(|subschema| subschema.is_object())
}

/// Returns whether a regular expression may have look-around, back-references or atomic groups. The others take
/// time in proportion to the text.
fn may_backtrack(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    let has_special_group = bytes
        .windows(3)
        .any(|group| matches!(group, [b'(', b'?', b'=' | b'!' | b'<' | b'>' | b'(' | b'P']));
    has_special_group
        || bytes.windows(2).any(|pair| match pair {
            [b'+' | b'*' | b'?' | b'}', b'+'] => true,
            // Letters of character classes, characters and word boundaries.
            [b'\\', letter @ (b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z')] => {
                !b"dDwWsSpPnrtfvuxbB".contains(letter)
            }
            _ => false,
        })
}

fn refers_to_itself() -> ConfigurationError {
    ConfigurationError::new(
        "the schema refers to itself without end: a subschema applies itself to the same value. Refer to it \
         from a property or from an item",
    )
}
