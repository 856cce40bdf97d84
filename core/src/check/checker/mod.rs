//! The one checker. Every rule about a value is decided here, whatever the value is made of.

mod events;
mod limits;
mod numbers;
mod variable;

use std::fmt;

use self::limits::{CONTEXT, PAYLOAD, PLATFORM_CONTEXT};
use super::existing::{self, ExistingContext};
use super::output::JsonWriter;
use super::overflow::Overflow;
use super::sink::{UnsupportedValue, ValueVisitor};
use crate::issue::{Code, Issue, Severity};
use crate::path::Path;
use crate::policy::{MAX_NESTING, NameCheck, Policy, Unit};
use crate::report::{Report, Sizes};

/// Checks, measures and writes a value in one pass, as a [`ValueVisitor`] of its events.
pub struct Checker<'c, O> {
    policy: &'c Policy,
    names: NameCheck<'c>,
    out: O,
    /// Bytes in `out` that are not of the value: the beginning of a request's body.
    prefix_bytes: u64,
    /// Bytes of a request's body that follow the value.
    suffix_bytes: u64,
    platform_bytes: u64,
    need_comma: bool,
    root: Root,
    depth: u32,
    variables: u64,
    variable: Variable,
    overflow: Option<Overflow<'c>>,
    recorded: Option<Vec<VariableSize>>,
    /// Whether anything is asked of a variable once it is complete.
    weighs_variables: bool,
    report: Report,
    issue_bytes: usize,
    is_full: bool,
    is_json: bool,
    any_root: bool,
    /// How deep the map of variables stands in what is told: 0 when it is the whole.
    base: u32,
    payload_is_held: bool,
    /// Integers beyond 64 bits are errors: what reads the value afterwards cannot hold them.
    only_64_bits: bool,
}

/// What the whole value turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Root {
    Unseen,
    Object,
    Other,
}

/// Where the counts stood when the present variable began.
#[derive(Clone, Copy, Debug, Default)]
struct Variable {
    json_at: u64,
    platform_at: u64,
    depth: u32,
    too_deep: bool,
}

/// The size of one variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableSize {
    /// Its name.
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
        let prefix_bytes = out.written();
        let overflow = match (policy.max_context_bytes, policy.context_unit) {
            (Some(limit), Unit::Platform) => Some(Overflow::new(limit, None)),
            _ => None,
        };
        let weighs_variables =
            overflow.is_some() || policy.max_value_bytes.is_some() || policy.max_depth.is_some();
        Self {
            policy,
            names: NameCheck::new(policy),
            out,
            prefix_bytes,
            suffix_bytes: 0,
            platform_bytes: 0,
            need_comma: false,
            root: Root::Unseen,
            depth: 0,
            variables: 0,
            variable: Variable::default(),
            overflow,
            recorded: None,
            weighs_variables,
            report: Report::default(),
            issue_bytes: 0,
            is_full: false,
            is_json: true,
            any_root: false,
            base: 0,
            payload_is_held: false,
            only_64_bits: false,
        }
    }

    /// The context that is already there, on_top_of which the value is written.
    pub(super) fn on_top_of(&mut self, existing: &'c ExistingContext) {
        if let Some(overflow) = &mut self.overflow
            && let Some(limit) = self.policy.max_context_bytes
        {
            *overflow = Overflow::new(limit, Some(existing));
        }
    }

    /// How many bytes of the body follow the value.
    pub(super) fn followed_by(&mut self, bytes: usize) {
        self.suffix_bytes = bytes as u64;
    }

    /// Take a whole that is not an object: there are no variables then, only sizes.
    pub(super) fn allow_any_root(&mut self) {
        self.any_root = true;
    }

    /// Refuse integers beyond 64 bits, whatever the policy says.
    pub(crate) fn refuse_beyond_64_bits(&mut self) {
        self.only_64_bits = true;
    }

    /// The maps of variables that follow stand so many levels below the whole.
    pub(crate) fn variables_below(&mut self, levels: u32) {
        self.base = levels;
    }

    /// Text around the values that are told: the frame of a body.
    #[inline(always)]
    pub(crate) fn frame(&mut self, text: &str) {
        self.out.raw(text);
    }

    /// Bytes written or counted so far.
    #[inline(always)]
    pub(crate) fn written(&self) -> u64 {
        self.out.written()
    }

    /// A string of the frame, which is no variable.
    #[inline(always)]
    pub(crate) fn frame_string(&mut self, text: &str) {
        self.out.framed("", text, "");
    }

    /// A variable whose name stands beside its value and not before it: the frame before the name,
    /// the name, and the frame up to the value. The value follows, at a place one level below the
    /// base, and then [`end_member`](ValueVisitor::end_member) for it.
    #[inline(always)]
    pub(crate) fn named_apart(
        &mut self,
        before: &'static str,
        name: &str,
        after: &'static str,
        at: &Path<'_>,
    ) {
        self.root = Root::Object;
        self.count_variable(name, at);
        let measure = self.out.framed(before, name, after);
        self.platform_bytes += 2 * measure.utf16 as u64;
        self.need_comma = false;
        self.begin_value();
    }

    /// Holds a size that the caller has counted against the payload limit.
    pub(crate) fn hold_payload(&mut self, actual: u64, at: &Path<'_>) {
        if let Some(limit) = self.policy.max_payload_bytes {
            self.hold(actual, limit, &PAYLOAD, at);
        }
        self.payload_is_held = true;
    }

    /// Keep the size of each variable.
    pub(crate) fn record_variables(&mut self) {
        self.recorded = Some(Vec::new());
        self.weighs_variables = true;
    }

    /// The policy that is checked against.
    #[must_use]
    pub fn policy(&self) -> &'c Policy {
        self.policy
    }

    /// How many variables have been told of.
    pub(crate) fn variables(&self) -> u64 {
        self.variables
    }

    /// An issue that the driver found, such as text that is not JSON.
    #[cold]
    pub(crate) fn report(&mut self, issue: Issue) {
        let bytes = std::mem::size_of::<Issue>() + issue.path.len() + issue.message.len();
        if self.is_full || self.issue_bytes + bytes > Report::ISSUE_BUDGET {
            self.is_full = true;
            self.omit(issue.severity);
            return;
        }
        self.issue_bytes += bytes;
        self.report.issues.push(issue);
    }

    /// Whether there is no room for another issue, which is then only counted: its path, which may
    /// be long, is not even rendered.
    #[inline]
    fn only_counts(&mut self, severity: Severity) -> bool {
        if self.is_full {
            self.omit(severity);
        }
        self.is_full
    }

    /// An error that needs nothing but its words; where there is no room for it, it is only counted.
    #[cold]
    fn error(&mut self, code: Code, at: &Path<'_>, message: &'static str, hint: &'static str) {
        if !self.only_counts(Severity::Error) {
            self.report(Issue::error(code, at.to_pointer(), message).hint(hint));
        }
    }

    #[cold]
    fn omit(&mut self, severity: Severity) {
        self.report.omitted += 1;
        self.report.omitted_error |= severity == Severity::Error;
    }

    /// The input ended or broke off before the value was complete: its sizes mean nothing.
    #[cold]
    pub(crate) fn broke_off(&mut self, issue: Issue) {
        self.report(issue);
        self.is_json = false;
    }

    /// Checks the whole against the limits and closes the report.
    pub(crate) fn finish(mut self) -> (Report, O, Vec<VariableSize>) {
        if self.is_json {
            let json_bytes = self.out.written() - self.prefix_bytes;
            self.report.sizes = Sizes {
                json_bytes,
                platform_bytes: self.platform_bytes,
                depth: self.depth,
                variables: self.variables,
            };
            let body = self.out.written() + self.suffix_bytes;
            if let Some(limit) = self.policy.max_payload_bytes
                && !self.payload_is_held
            {
                self.hold(body, limit, &PAYLOAD, &Path::ROOT);
            }
            if let Some(limit) = self.policy.max_context_bytes {
                match &self.overflow {
                    Some(overflow) => {
                        let wanted = overflow.wanted();
                        self.hold(wanted, limit, &PLATFORM_CONTEXT, &Path::ROOT);
                    }
                    None => self.hold(json_bytes, limit, &CONTEXT, &Path::ROOT),
                }
            }
        }
        (self.report, self.out, self.recorded.unwrap_or_default())
    }

    /// The levels of nesting that a container at this place makes, counted per variable. A whole
    /// that is not an object has no variables and counts as one itself.
    #[inline(always)]
    fn level(&self, at: &Path<'_>) -> u32 {
        at.depth().saturating_sub(self.base) + u32::from(self.root != Root::Object)
    }

    #[inline(always)]
    fn is_variable(&self, at: &Path<'_>) -> bool {
        at.depth() == self.base + 1 && self.root == Root::Object
    }

    #[inline(always)]
    fn see_root(&mut self, at: &Path<'_>, kind: &'static str) {
        if at.depth() == self.base {
            self.root_is(kind, at);
        }
    }

    #[cold]
    fn root_is(&mut self, kind: &'static str, at: &Path<'_>) {
        self.root = Root::Other;
        if !self.any_root {
            let mut issue = existing::not_an_object(at);
            issue.message = format!("{}, not {kind}", issue.message).into();
            self.report(issue.hint("Give every value a name."));
        }
    }

    #[inline]
    fn enter(&mut self, at: &Path<'_>) -> bool {
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
    fn comma(&mut self) {
        if self.need_comma {
            self.out.byte(b',');
        }
    }
}

impl Checker<'_, Vec<u8>> {
    /// What was written so far.
    pub(crate) fn body(&self) -> &[u8] {
        &self.out
    }
}
