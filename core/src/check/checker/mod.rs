//! The checker: it applies all rules to a value that any walker visits.

mod events;
mod limits;
mod numbers;
mod variable;

use std::fmt;

use self::limits::{CONTEXT, PAYLOAD, PLATFORM_CONTEXT};
use super::existing_context::{self, ExistingContext};
use super::json_writer::JsonWriter;
use super::overflow::Overflow;
use super::visitor::{UnsupportedValue, ValueVisitor};
use crate::issue::{Code, Issue, Severity};
use crate::path::Path;
use crate::policy::{MAX_NESTING, NameCheck, Policy, Unit};
use crate::report::{Report, Sizes};

/// Checks, measures and writes a value in one pass, as a [`ValueVisitor`] of its events.
pub struct Checker<'c, O> {
    policy: &'c Policy,
    names: NameCheck<'c>,
    out: O,
    /// Bytes of the request body before the value. They are already in `out`.
    prefix_bytes: u64,
    /// Bytes of the request body that are not in `out`, usually those after the value.
    suffix_bytes: u64,
    platform_bytes: u64,
    needs_comma: bool,
    root: Root,
    /// The deepest nesting so far, in levels.
    depth: u32,
    variable_count: u64,
    /// The current variable.
    variable: Variable,
    overflow: Option<Overflow<'c>>,
    recorded_sizes: Option<Vec<VariableSize>>,
    /// Whether the policy or the caller needs the size or depth of each variable.
    tracks_variable_sizes: bool,
    report: Report,
    /// The approximate memory of the stored issues, up to [`Report::ISSUE_BUDGET`].
    issue_bytes: usize,
    is_issue_budget_spent: bool,
    /// Whether the value was visited to its end. Otherwise its sizes are unknown.
    is_complete: bool,
    allows_any_root: bool,
    /// The depth of the object of variables in the visited value: 0 when it is the root.
    variable_depth_offset: u32,
    /// Whether the caller checked the payload limit, so that `finish` does not.
    is_payload_checked: bool,
    /// Whether integers beyond 64 bits are errors, because a later reader would round them.
    rejects_beyond_64_bits: bool,
}

/// The type of the root (the value whose members are the variables), as far as it was visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Root {
    Unseen,
    Object,
    Other,
}

/// The state of a variable while its value is visited.
#[derive(Clone, Copy, Debug, Default)]
struct Variable {
    /// The JSON bytes before its value.
    json_start: u64,
    /// The platform bytes before its name.
    platform_start: u64,
    /// The deepest nesting so far, in levels.
    depth: u32,
    /// Whether it has an error for its depth, so that it needs no warning.
    is_too_deep: bool,
}

/// The size of one variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableSize {
    /// The name of the variable.
    pub name: String,
    /// JSON bytes of its value.
    pub json_bytes: u64,
    /// Platform bytes of its name and value.
    pub platform_bytes: u64,
}

/// Shows the policy and no data.
impl<O> fmt::Debug for Checker<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checker").field("policy", &self.policy.preset).finish_non_exhaustive()
    }
}

impl<'c, O: JsonWriter> Checker<'c, O> {
    pub(crate) fn new(policy: &'c Policy, out: O) -> Self {
        let prefix_bytes = out.written_bytes();
        let overflow = match (policy.max_context_bytes, policy.context_unit) {
            (Some(limit), Unit::Platform) => Some(Overflow::new(limit, None)),
            _ => None,
        };
        let tracks_variable_sizes =
            overflow.is_some() || policy.max_value_bytes.is_some() || policy.max_depth.is_some();
        Self {
            policy,
            names: NameCheck::new(policy),
            out,
            prefix_bytes,
            suffix_bytes: 0,
            platform_bytes: 0,
            needs_comma: false,
            root: Root::Unseen,
            depth: 0,
            variable_count: 0,
            variable: Variable::default(),
            overflow,
            recorded_sizes: None,
            tracks_variable_sizes,
            report: Report::default(),
            issue_bytes: 0,
            is_issue_budget_spent: false,
            is_complete: true,
            allows_any_root: false,
            variable_depth_offset: 0,
            is_payload_checked: false,
            rejects_beyond_64_bits: false,
        }
    }

    /// Sets the context that the session already has. Only a context limit in platform bytes uses it.
    pub(super) fn set_existing(&mut self, existing: &'c ExistingContext) {
        if let Some(overflow) = &mut self.overflow
            && let Some(limit) = self.policy.max_context_bytes
        {
            *overflow = Overflow::new(limit, Some(existing));
        }
    }

    /// Sets the number of bytes that the body has in addition to the output.
    pub(super) fn reserve_suffix(&mut self, bytes: usize) {
        self.suffix_bytes = bytes as u64;
    }

    /// Allows a root that is not an object; it has sizes and no variables.
    pub(super) fn allow_any_root(&mut self) {
        self.allows_any_root = true;
    }

    /// Rejects integers beyond 64 bits in every policy.
    pub(crate) fn reject_beyond_64_bits(&mut self) {
        self.rejects_beyond_64_bits = true;
    }

    /// Sets the depth of the object that contains the variables: `levels` below the root. Default: 0.
    pub(crate) fn set_variable_depth(&mut self, levels: u32) {
        self.variable_depth_offset = levels;
    }

    /// Writes text of the body around the visited values.
    #[inline(always)]
    pub(crate) fn write_raw(&mut self, text: &str) {
        self.out.write_raw(text);
    }

    /// Returns the number of bytes written or counted so far.
    #[inline(always)]
    pub(crate) fn written_bytes(&self) -> u64 {
        self.out.written_bytes()
    }

    /// Writes a string of the body that belongs to no variable.
    #[inline(always)]
    pub(crate) fn write_raw_string(&mut self, text: &str) {
        self.out.write_string_between("", text, "");
    }

    /// Begins a variable of the form `{"key": name, "value": …}`: writes `before`, the name and `after`. `at` is
    /// the path of the name. The caller then visits the value and calls
    /// [`end_member`](ValueVisitor::end_member).
    #[inline(always)]
    pub(crate) fn begin_named_value(
        &mut self,
        before: &'static str,
        name: &str,
        after: &'static str,
        at: &Path<'_>,
    ) {
        self.root = Root::Object;
        self.count_variable(name, at);
        let size = self.out.write_string_between(before, name, after);
        self.platform_bytes += 2 * size.utf16 as u64;
        self.needs_comma = false;
        self.begin_value();
    }

    /// Compares `actual`, which the caller counted, with the payload limit. [`finish`](Self::finish) then does not
    /// check this limit.
    pub(crate) fn check_payload_limit(&mut self, actual: u64, at: &Path<'_>) {
        if let Some(limit) = self.policy.max_payload_bytes {
            self.check_limit(actual, limit, &PAYLOAD, at);
        }
        self.is_payload_checked = true;
    }

    /// Records the size of each variable.
    pub(crate) fn record_variables(&mut self) {
        self.recorded_sizes = Some(Vec::new());
        self.tracks_variable_sizes = true;
    }

    /// Returns the policy of this check.
    #[must_use]
    pub fn policy(&self) -> &'c Policy {
        self.policy
    }

    /// Returns the number of variables so far.
    pub(crate) fn variable_count(&self) -> u64 {
        self.variable_count
    }

    /// Adds an issue, or only counts it when the issue budget is spent.
    #[cold]
    pub(crate) fn report(&mut self, issue: Issue) {
        let bytes = issue.budget_bytes();
        if self.is_issue_budget_spent || self.issue_bytes + bytes > Report::ISSUE_BUDGET {
            self.is_issue_budget_spent = true;
            self.count_omitted(issue.severity);
            return;
        }
        self.issue_bytes += bytes;
        self.report.issues.push(issue);
    }

    /// Counts an issue as omitted when the issue budget is spent, so that its path, which may be long, is not
    /// rendered. Returns whether the budget is spent.
    #[inline]
    fn omit_if_budget_spent(&mut self, severity: Severity) -> bool {
        if self.is_issue_budget_spent {
            self.count_omitted(severity);
        }
        self.is_issue_budget_spent
    }

    /// Reports an error without figures, or only counts it when the issue budget is spent.
    #[cold]
    fn report_error(
        &mut self,
        code: Code,
        at: &Path<'_>,
        message: &'static str,
        hint: &'static str,
    ) {
        if !self.omit_if_budget_spent(Severity::Error) {
            self.report(Issue::error(code, at.to_pointer(), message).with_hint(hint));
        }
    }

    #[cold]
    fn count_omitted(&mut self, severity: Severity) {
        self.report.omitted += 1;
        self.report.omitted_error |= severity == Severity::Error;
    }

    /// Reports an issue after which the rest of the value was not visited, so its sizes are unknown.
    #[cold]
    pub(crate) fn mark_incomplete(&mut self, issue: Issue) {
        self.report(issue);
        self.is_complete = false;
    }

    /// Checks the sizes against the limits and returns the report, the output and the recorded sizes. For an
    /// incomplete value, the reported sizes are 0 and no limit is checked.
    pub(crate) fn finish(mut self) -> (Report, O, Vec<VariableSize>) {
        if self.is_complete {
            let json_bytes = self.out.written_bytes() - self.prefix_bytes;
            self.report.sizes = Sizes {
                json_bytes,
                platform_bytes: self.platform_bytes,
                depth: self.depth,
                variables: self.variable_count,
            };
            let body_bytes = self.out.written_bytes() + self.suffix_bytes;
            if let Some(limit) = self.policy.max_payload_bytes
                && !self.is_payload_checked
            {
                self.check_limit(body_bytes, limit, &PAYLOAD, &Path::ROOT);
            }
            if let Some(limit) = self.policy.max_context_bytes {
                match &self.overflow {
                    Some(overflow) => {
                        let required = overflow.required();
                        self.check_limit(required, limit, &PLATFORM_CONTEXT, &Path::ROOT);
                    }
                    None => self.check_limit(json_bytes, limit, &CONTEXT, &Path::ROOT),
                }
            }
        }
        (self.report, self.out, self.recorded_sizes.unwrap_or_default())
    }

    /// Returns the nesting level of a container at this path within its variable. A root that is not an object
    /// counts as one variable.
    #[inline(always)]
    fn level(&self, at: &Path<'_>) -> u32 {
        at.depth().saturating_sub(self.variable_depth_offset) + u32::from(self.root != Root::Object)
    }

    /// Returns whether `at` is the path of a variable.
    #[inline(always)]
    fn is_variable(&self, at: &Path<'_>) -> bool {
        at.depth() == self.variable_depth_offset + 1 && self.root == Root::Object
    }

    /// Handles a value that is not an object: when `at` is the path of the root, records it, and reports it unless
    /// any root is allowed. `kind` names the type of the value.
    #[inline(always)]
    fn note_root(&mut self, at: &Path<'_>, kind: &'static str) {
        if at.depth() == self.variable_depth_offset {
            self.report_root(kind, at);
        }
    }

    #[cold]
    fn report_root(&mut self, kind: &'static str, at: &Path<'_>) {
        self.root = Root::Other;
        if !self.allows_any_root {
            self.report(existing_context::not_an_object(kind, at));
        }
    }

    /// Updates the depth for a container at this path. Reports a container that is nested too deeply, and returns
    /// `false`.
    #[inline]
    fn enter_container(&mut self, at: &Path<'_>) -> bool {
        let level = self.level(at);
        if level > MAX_NESTING {
            self.unsupported(UnsupportedValue::TooDeep, at);
            return false;
        }
        if level > self.depth {
            self.depth = level;
        }
        if level > self.variable.depth {
            self.variable.depth = level;
        }
        true
    }

    #[inline(always)]
    fn write_comma(&mut self) {
        if self.needs_comma {
            self.out.write_byte(b',');
        }
    }
}

impl Checker<'_, Vec<u8>> {
    /// Returns the bytes written so far.
    pub(crate) fn body(&self) -> &[u8] {
        &self.out
    }
}
