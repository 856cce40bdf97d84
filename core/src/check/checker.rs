//! The one checker. Every rule about a value is decided here, whatever the value is made of.

use std::fmt;

use super::existing::{self, Existing};
use super::measure::Measure;
use super::output::Output;
use super::overflow::Overflow;
use super::sink::{NumberKind, Sink, Unfit};
use crate::issue::{Code, Issue, Severity};
use crate::path::Path;
use crate::policy::{MAX_NESTING, MAX_SAFE_INTEGER, NameCheck, Policy, Unit};
use crate::report::{Report, Sizes};

/// Checks, measures and writes a value in one pass, as a [`Sink`] of its events.
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

impl<'c, O: Output> Checker<'c, O> {
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

    /// The context that is already there, onto which the value is written.
    pub(super) fn onto(&mut self, existing: &'c Existing) {
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
    /// base, and then [`end_member`](Sink::end_member) for it.
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

    /// One size against one limit: over it is an error, close to it a warning where the policy
    /// wants one.
    #[inline]
    fn hold(&mut self, actual: u64, limit: u64, what: &Limited, at: &Path<'_>) {
        if actual > limit {
            self.report(
                Issue::error(what.code, at.to_pointer(), what.over)
                    .figures(limit, actual)
                    .hint(what.hint),
            );
        } else if let Some(share) = self.policy.warn_from
            && actual as f64 >= limit as f64 * share
        {
            self.report(
                Issue::warning(Code::NearLimit, at.to_pointer(), what.near)
                    .figures(limit, actual)
                    .hint(what.hint),
            );
        }
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
            self.unfit(Unfit::TooDeep, at);
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

    #[cold]
    fn big_integer(&mut self, text: &str, at: &Path<'_>) {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.len() > 308 && is_infinite(text) {
            self.huge_integer(at);
        } else if self.only_64_bits && text.parse::<i64>().is_err() && text.parse::<u64>().is_err()
        {
            self.report(
                Issue::error(
                    Code::UnsafeInteger,
                    at.to_pointer(),
                    "the integer is beyond 64 bits, and would be kept rounded",
                )
                .hint("Send it as a string."),
            );
        } else if digits.parse::<u64>().map_or(true, |value| value > MAX_SAFE_INTEGER)
            && !self.only_counts(self.policy.unsafe_integers)
        {
            self.report(
                Issue::new(
                    Code::UnsafeInteger,
                    self.policy.unsafe_integers,
                    at.to_pointer(),
                    "the integer is beyond ±(2^53−1): a JavaScript peer, which the platform is, rounds it",
                )
                .hint("Send it as a string."),
            );
        }
    }

    /// An error in every policy: it would not be rounded but lost.
    #[cold]
    fn huge_integer(&mut self, at: &Path<'_>) {
        if self.only_counts(Severity::Error) {
            return;
        }
        self.report(
            Issue::error(
                Code::UnsafeInteger,
                at.to_pointer(),
                "the integer is beyond the range of a 64-bit float: a JavaScript peer, which the platform is, takes it for infinite",
            )
            .hint("Send it as a string."),
        );
    }

    #[cold]
    fn non_finite(&mut self, at: &Path<'_>) {
        if self.only_counts(Severity::Error) {
            return;
        }
        self.report(
            Issue::error(
                Code::NonFiniteNumber,
                at.to_pointer(),
                "the number is NaN, infinite or beyond the range of a 64-bit float, which JSON cannot say",
            )
            .hint("Send null, a string, or a finite number."),
        );
    }
}

impl Checker<'_, Vec<u8>> {
    /// What was written so far.
    pub(crate) fn body(&self) -> &[u8] {
        &self.out
    }
}

impl<O: Output> Sink for Checker<'_, O> {
    #[inline(always)]
    fn begin_object(&mut self, at: &Path<'_>) -> bool {
        if at.depth() == self.base {
            self.root = Root::Object;
        } else if !self.enter(at) {
            return false;
        }
        self.out.byte(b'{');
        self.need_comma = false;
        true
    }

    #[inline(always)]
    fn key(&mut self, key: &str, measure: Measure, member: &Path<'_>) -> bool {
        self.begin_member(key, member, |out, comma| {
            out.key(comma, key, measure);
            measure
        })
    }

    #[inline(always)]
    fn fresh_key(&mut self, key: &str, member: &Path<'_>) -> bool {
        self.begin_member(key, member, |out, comma| out.fresh_key(comma, key))
    }

    #[inline(always)]
    fn end_member(&mut self, member: &Path<'_>) {
        if self.weighs_variables && self.is_variable(member) {
            self.end_variable(member);
        }
    }

    #[inline(always)]
    fn end_object(&mut self) {
        self.out.byte(b'}');
        self.need_comma = true;
    }

    #[inline(always)]
    fn begin_array(&mut self, at: &Path<'_>) -> bool {
        self.see_root(at, "a list");
        if !self.enter(at) {
            return false;
        }
        self.out.byte(b'[');
        self.need_comma = false;
        true
    }

    #[inline(always)]
    fn item(&mut self) {
        self.comma();
        self.need_comma = false;
    }

    #[inline(always)]
    fn end_array(&mut self) {
        self.out.byte(b']');
        self.need_comma = true;
    }

    #[inline(always)]
    fn null(&mut self, at: &Path<'_>) {
        self.see_root(at, "null");
        if !self.policy.allow_null && self.is_variable(at) {
            self.report(
                Issue::error(
                    Code::NullValue,
                    at.to_pointer(),
                    "the variable is null, which is not a value here",
                )
                .hint("Leave the variable out, or give it a value."),
            );
        }
        self.out.raw("null");
        self.need_comma = true;
    }

    #[inline(always)]
    fn boolean(&mut self, value: bool, at: &Path<'_>) {
        self.see_root(at, "a boolean");
        self.out.raw(if value { "true" } else { "false" });
        self.platform_bytes += 4;
        self.need_comma = true;
    }

    #[inline(always)]
    fn number(&mut self, text: &str, kind: NumberKind, at: &Path<'_>) {
        self.see_root(at, "a number");
        match kind {
            // 15 digits are always safe; so is every shorter text.
            NumberKind::Integer if text.len() > 15 => self.big_integer(text, at),
            NumberKind::Float if may_overflow(text) && is_infinite(text) => self.non_finite(at),
            _ => {}
        }
        self.out.raw(text);
        self.platform_bytes += 8;
        self.need_comma = true;
    }

    #[inline(always)]
    fn string(&mut self, text: &str, measure: Measure, at: &Path<'_>) {
        self.see_root(at, "a string");
        self.out.string(text, measure);
        self.platform_bytes += 2 * measure.utf16 as u64;
        self.need_comma = true;
    }

    #[inline(always)]
    fn text(&mut self, text: &str, at: &Path<'_>) {
        self.see_root(at, "a string");
        let measure = self.out.framed("", text, "");
        self.platform_bytes += 2 * measure.utf16 as u64;
        self.need_comma = true;
    }

    #[cold]
    fn unfit(&mut self, what: Unfit, at: &Path<'_>) {
        self.see_root(at, "a value without JSON form");
        match what {
            Unfit::NonFinite => self.non_finite(at),
            Unfit::HugeInteger => self.huge_integer(at),
            _ if self.only_counts(Severity::Error) => {}
            Unfit::Unserializable => self.report(
                Issue::error(
                    Code::UnserializableType,
                    at.to_pointer(),
                    "the value is of a kind that has no JSON form",
                )
                .hint("Convert it to a string, number, boolean, list, object or null."),
            ),
            Unfit::Circular => self.report(
                Issue::error(
                    Code::CircularReference,
                    at.to_pointer(),
                    "the list or object holds itself",
                )
                .hint("Refer to it by an id instead."),
            ),
            Unfit::TooDeep => {
                self.variable.too_deep = true;
                self.report(
                    Issue::error(
                        Code::NestingTooDeep,
                        at.to_pointer(),
                        "nested deeper than any reader of it accepts",
                    )
                    .figures(MAX_NESTING.into(), u64::from(MAX_NESTING) + 1)
                    .hint("Flatten the value."),
                );
            }
        }
        self.out.raw("null");
        self.need_comma = true;
    }

    #[cold]
    fn lone_surrogate(&mut self, at: &Path<'_>) {
        if self.only_counts(Severity::Error) {
            return;
        }
        self.report(
            Issue::error(
                Code::LoneSurrogate,
                at.to_pointer(),
                "the text holds half of a surrogate pair, which UTF-8 cannot carry",
            )
            .hint(
                "The text was cut inside a character, or decoded wrongly: repair it at its source.",
            ),
        );
    }

    #[cold]
    fn non_string_key(&mut self, at: &Path<'_>) {
        if self.only_counts(Severity::Error) {
            return;
        }
        self.report(
            Issue::error(
                Code::NonStringKey,
                at.to_pointer(),
                "a key of this object is not a string",
            )
            .hint("Turn the key into text yourself, so that nobody has to guess its form."),
        );
    }

    #[cold]
    fn duplicate_key(&mut self, member: &Path<'_>) {
        if self.only_counts(Severity::Error) {
            return;
        }
        self.report(
            Issue::error(
                Code::DuplicateKey,
                member.to_pointer(),
                "the object has this key more than once, and readers disagree on which counts",
            )
            .hint("Keep one of them."),
        );
    }
}

impl<O: Output> Checker<'_, O> {
    /// `write` writes the key, with a comma before it or none, and gives its size. `false`: the
    /// policy leaves the member out.
    #[inline(always)]
    fn begin_member(
        &mut self,
        key: &str,
        member: &Path<'_>,
        write: impl FnOnce(&mut O, bool) -> Measure,
    ) -> bool {
        if self.policy.strips(key) {
            return false;
        }
        let is_variable = self.is_variable(member);
        if is_variable {
            self.count_variable(key, member);
        }
        let comma = std::mem::take(&mut self.need_comma);
        let measure = write(&mut self.out, comma);
        if is_variable {
            self.begin_value();
        }
        self.platform_bytes += 2 * measure.utf16 as u64;
        true
    }

    #[inline]
    fn count_variable(&mut self, name: &str, at: &Path<'_>) {
        self.variables += 1;
        self.variable.platform_at = self.platform_bytes;
        let names = self.names;
        names.hold(name, at, |issue| self.report(issue));
    }

    #[inline]
    fn begin_value(&mut self) {
        self.variable.json_at = self.out.written();
        self.variable.depth = 0;
        self.variable.too_deep = false;
    }

    #[inline]
    fn end_variable(&mut self, at: &Path<'_>) {
        let json_bytes = self.out.written() - self.variable.json_at;
        let platform_bytes = self.platform_bytes - self.variable.platform_at;
        if let Some(limit) = self.policy.max_value_bytes {
            self.hold(json_bytes, limit, &VALUE, at);
        }
        if let Some(limit) = self.policy.max_depth
            && self.variable.depth > limit
            && !self.variable.too_deep
        {
            let depth = self.variable.depth;
            self.report(
                Issue::warning(
                    Code::NestingTooDeep,
                    at.to_pointer(),
                    "nested deeper than is advised, in levels",
                )
                .figures(limit.into(), depth.into())
                .hint("Flatten the value."),
            );
        }
        let name = at.last_key().unwrap_or_default();
        if let Some(overflow) = &mut self.overflow
            && let Some(issue) = overflow.write(name, platform_bytes, at)
        {
            self.report(issue);
        }
        if let Some(recorded) = &mut self.recorded {
            recorded.push(VariableSize { name: name.to_owned(), json_bytes, platform_bytes });
        }
    }
}

/// How one limit speaks.
struct Limited {
    code: Code,
    over: &'static str,
    near: &'static str,
    hint: &'static str,
}

static VALUE: Limited = Limited {
    code: Code::ValueTooLarge,
    over: "the value is too large, in JSON bytes",
    near: "the value is close to its limit, in JSON bytes",
    hint: "Shorten the value or split it over several variables.",
};

static PAYLOAD: Limited = Limited {
    code: Code::PayloadTooLarge,
    over: "what would be sent is too large, in JSON bytes",
    near: "what would be sent is close to its limit, in JSON bytes",
    hint: "Send it in several parts.",
};

static CONTEXT: Limited = Limited {
    code: Code::ContextTooLarge,
    over: "the context is too large, in JSON bytes",
    near: "the context is close to its limit, in JSON bytes",
    hint: "Remove or shorten what the conversation does not need.",
};

static PLATFORM_CONTEXT: Limited = Limited {
    code: Code::ContextTooLarge,
    over: "the context is too large, in platform bytes",
    near: "the context is close to its limit, in platform bytes",
    hint: "Remove or shorten what the conversation does not need.",
};

/// Whether a float's text can be beyond the range at all: most need not be parsed to know.
#[inline(always)]
fn may_overflow(text: &str) -> bool {
    text.len() > 300
        || text
            .bytes()
            .rposition(|byte| byte == b'e' || byte == b'E')
            .is_some_and(|at| text.len() - at > 3)
}

#[cold]
fn is_infinite(text: &str) -> bool {
    text.parse::<f64>().map_or(true, f64::is_infinite)
}
