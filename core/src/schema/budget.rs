//! Validates under a budget, so that no schema takes time or memory out of proportion to the document.
//!
//! The validator has no limit of its own. It reads the document through the nodes of this file, which count
//! what the validator reads. When the budget is exhausted, the nodes have no members and no items any more,
//! so the validator ends soon, and its result is not used.

use std::borrow::Cow;
use std::cell::Cell;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, Node, NodeIdentity, Object, SerdeJson};
use serde_json::{Map, Number, Value};

use super::expansion::Expansion;

/// The instance of each error within the budget. The instance of an error is not used, and the validator may write
/// it as text.
static INSTANCE: Value = Value::Null;

/// The instance of each error that the validator creates after the budget is exhausted.
static NO_INSTANCE: Value = Value::Null;

/// The length of text that takes one step.
const BYTES_PER_STEP: usize = 64;

/// The comparisons of two small values that take one step.
const COMPARISONS_PER_STEP: usize = 16;

/// The steps for matching a text with a regular expression that may backtrack.
const STEPS_PER_BACKTRACKING_MATCH: u64 = 2_000;

/// The remaining steps and errors of one validation.
pub(super) struct Budget {
    /// The address of the document.
    root: *const Value,
    steps: Cell<u64>,
    errors: Cell<u64>,
    /// The steps for one visit of a value: the number of subschemas that may apply to it.
    steps_per_visit: u64,
    /// The steps for one text, besides those for its length.
    steps_per_text: u64,
    exhausted: Cell<bool>,
}

impl Budget {
    pub(super) const fn new(root: &Value, steps: u64, errors: u64, expansion: &Expansion) -> Self {
        Self {
            root,
            steps: Cell::new(steps),
            errors: Cell::new(errors),
            steps_per_visit: expansion.subschemas,
            steps_per_text: if expansion.may_backtrack { STEPS_PER_BACKTRACKING_MATCH } else { 0 },
            exhausted: Cell::new(false),
        }
    }

    /// Returns whether the validation was ended early. Its result is then not used.
    pub(super) const fn is_exhausted(&self) -> bool {
        self.exhausted.get()
    }

    /// Returns whether an error is certain to have been created before the budget was exhausted. For an error of
    /// the document itself that is not known.
    pub(super) fn covers(&self, error: &jsonschema::ValidationError<'_>) -> bool {
        let instance = &raw const *error.instance().as_ref();
        !self.exhausted.get()
            || !(std::ptr::eq(instance, &raw const NO_INSTANCE)
                || std::ptr::eq(instance, self.root))
    }

    /// Takes steps. Returns whether the budget had them.
    fn take_steps(&self, steps: u64) -> bool {
        self.take(&self.steps, steps)
    }

    fn take(&self, counter: &Cell<u64>, count: u64) -> bool {
        match counter.get().checked_sub(count) {
            Some(remaining) if !self.exhausted.get() => {
                counter.set(remaining);
                true
            }
            _ => {
                self.exhausted.set(true);
                false
            }
        }
    }
}

/// The representation of a document whose reads are counted.
pub(super) struct BudgetedJson;

/// A value of a document whose reads are counted. A name of a property has no budget: the visit of its
/// member is counted.
#[derive(Clone, Copy)]
pub(super) struct BudgetedNode<'a> {
    value: &'a Value,
    budget: Option<&'a Budget>,
}

impl<'a> BudgetedNode<'a> {
    pub(super) const fn new(value: &'a Value, budget: &'a Budget) -> Self {
        Self { value, budget: Some(budget) }
    }

    /// Counts a visit of an item, or of a member with a name of `name_bytes`. Returns `None` when the budget is
    /// exhausted.
    fn visit(self, value: &'a Value, name_bytes: usize) -> Option<Self> {
        let budget = self.budget;
        // Each subschema may match the name with a regular expression.
        let pieces = 1 + (name_bytes / BYTES_PER_STEP) as u64;
        budget
            .is_none_or(|budget| budget.take_steps(budget.steps_per_visit.saturating_mul(pieces)))
            .then_some(Self { value, budget })
    }

    /// Counts the reading of text.
    fn count_text(self, text: &str) {
        if let Some(budget) = self.budget {
            budget.take_steps((text.len() / BYTES_PER_STEP) as u64);
        }
    }
}

impl Json for BudgetedJson {
    type Node<'a> = BudgetedNode<'a>;
    type PreparedKey = String;
    type StringBuffer = Value;

    const KEYS_PER_LOOKUP: usize = <SerdeJson as Json>::KEYS_PER_LOOKUP;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(
        buffer: &mut Value,
        string: &str,
        f: impl FnOnce(BudgetedNode<'_>) -> T,
    ) -> T {
        <SerdeJson as Json>::with_string_node(buffer, string, |value| {
            f(BudgetedNode { value, budget: None })
        })
    }
}

impl<'a> Node<'a, BudgetedJson> for BudgetedNode<'a> {
    type Object = BudgetedObject<'a>;
    type Array = BudgetedArray<'a>;
    type Number = &'a Number;

    fn as_object(&self) -> Option<BudgetedObject<'a>> {
        self.value.as_object().map(|members| BudgetedObject { members, node: *self })
    }

    fn as_array(&self) -> Option<BudgetedArray<'a>> {
        self.value.as_array().map(|items| BudgetedArray { items, node: *self })
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        let text = self.value.as_str()?;
        self.count_text(text);
        if let Some(budget) = self.budget {
            budget.take_steps(budget.steps_per_text);
        }
        Some(Cow::Borrowed(text))
    }

    fn as_number(&self) -> Option<&'a Number> {
        self.value.as_number()
    }

    fn as_boolean(&self) -> Option<bool> {
        self.value.as_bool()
    }

    fn is_null(&self) -> bool {
        self.value.is_null()
    }

    fn json_type(&self) -> JsonType {
        <&Value as Node<'_, SerdeJson>>::json_type(&self.value)
    }

    fn string_length(&self) -> Option<u64> {
        self.count_text(self.value.as_str()?);
        <&Value as Node<'_, SerdeJson>>::string_length(&self.value)
    }

    fn equals_value(&self, expected: &Value) -> bool {
        let Some(budget) = self.budget else {
            return <&Value as Node<'_, SerdeJson>>::equals_value(&self.value, expected);
        };
        // Values of different types are unequal at once.
        let size = match (self.value, expected) {
            (Value::Object(own), Value::Object(other)) if own.len() == other.len() => {
                size_in_steps(expected)
            }
            (Value::Array(own), Value::Array(other)) if own.len() == other.len() => {
                size_in_steps(expected)
            }
            (Value::String(own), Value::String(other)) if own.len() == other.len() => {
                own.len() / BYTES_PER_STEP
            }
            _ => 0,
        };
        budget.take_steps(1 + size as u64)
            && <&Value as Node<'_, SerdeJson>>::equals_value(&self.value, expected)
    }

    /// Returns the instance of an error. Only the creation of errors calls it. The document itself is always
    /// returned, because the validator looks up a part of it after a match that it could not finish.
    fn to_value(&self) -> Cow<'a, Value> {
        let Some(budget) = self.budget else { return Cow::Borrowed(&INSTANCE) };
        let is_counted = budget.take(&budget.errors, 1);
        Cow::Borrowed(if std::ptr::eq(self.value, budget.root) {
            self.value
        } else if is_counted {
            &INSTANCE
        } else {
            &NO_INSTANCE
        })
    }

    fn identity(&self) -> Option<NodeIdentity> {
        <&Value as Node<'_, SerdeJson>>::identity(&self.value)
    }
}

/// An object whose reads are counted.
pub(super) struct BudgetedObject<'a> {
    members: &'a Map<String, Value>,
    node: BudgetedNode<'a>,
}

impl<'a> Object<'a, BudgetedJson> for BudgetedObject<'a> {
    type Node = BudgetedNode<'a>;
    type MemberName = &'a str;
    type MembersIter = BudgetedMembers<'a>;

    fn len(&self) -> usize {
        self.members.len()
    }

    fn get(&self, key: &String) -> Option<BudgetedNode<'a>> {
        // A lookup takes a step, too, because a schema can name very many absent properties.
        if !self.node.budget.is_none_or(|budget| budget.take_steps(1)) {
            return None;
        }
        self.members.get(key.as_str()).and_then(|value| self.node.visit(value, key.len()))
    }

    fn members(&self) -> BudgetedMembers<'a> {
        BudgetedMembers { members: self.members.iter(), node: self.node }
    }
}

/// Iterates over the members of an object until the budget is exhausted.
pub(super) struct BudgetedMembers<'a> {
    members: serde_json::map::Iter<'a>,
    node: BudgetedNode<'a>,
}

impl<'a> Iterator for BudgetedMembers<'a> {
    type Item = (&'a str, BudgetedNode<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.members.next()?;
        Some((name.as_str(), self.node.visit(value, name.len())?))
    }
}

/// An array whose reads are counted.
pub(super) struct BudgetedArray<'a> {
    items: &'a [Value],
    node: BudgetedNode<'a>,
}

impl<'a> Array<'a, BudgetedJson> for BudgetedArray<'a> {
    type Node = BudgetedNode<'a>;
    type ElementsIter = BudgetedElements<'a>;

    fn len(&self) -> usize {
        self.items.len()
    }

    fn elements(&self) -> BudgetedElements<'a> {
        BudgetedElements { items: self.items.iter(), node: self.node }
    }

    fn is_unique(&self) -> bool {
        let size: usize = self.items.iter().map(size_in_steps).sum();
        // The validator's hash of an array ignores its inner brackets, so such items may all be compared.
        let nested = self.items.iter().filter(|item| has_inner_array(item)).count();
        let size = size + nested.saturating_mul(nested) / COMPARISONS_PER_STEP;
        self.node.budget.is_none_or(|budget| budget.take_steps(size as u64))
            && <&[Value] as Array<'_, SerdeJson>>::is_unique(&self.items)
    }
}

/// Iterates over the items of an array until the budget is exhausted.
pub(super) struct BudgetedElements<'a> {
    items: std::slice::Iter<'a, Value>,
    node: BudgetedNode<'a>,
}

impl<'a> Iterator for BudgetedElements<'a> {
    type Item = BudgetedNode<'a>;

    fn next(&mut self) -> Option<BudgetedNode<'a>> {
        self.items.next().and_then(|value| self.node.visit(value, 0))
    }
}

fn has_inner_array(value: &Value) -> bool {
    value.as_array().is_some_and(|items| items.iter().any(Value::is_array))
}

/// Returns the steps for comparing a value with another one.
fn size_in_steps(value: &Value) -> usize {
    match value {
        Value::String(text) => 1 + text.len() / BYTES_PER_STEP,
        Value::Array(items) => 1 + items.iter().map(size_in_steps).sum::<usize>(),
        Value::Object(members) => {
            1 + members
                .iter()
                .map(|(name, value)| 1 + name.len() / BYTES_PER_STEP + size_in_steps(value))
                .sum::<usize>()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    }
}
