//! Checks one variable: its name, its size and its depth.

use super::limits::VALUE;
use super::{Checker, VariableSize};
use crate::check::json_writer::JsonWriter;
use crate::check::text_size::TextSize;
use crate::issue::{Code, Issue};
use crate::path::Path;

impl<O: JsonWriter> Checker<'_, O> {
    /// Begins a member. `write` writes the key, with a comma before it when its argument is `true`, and returns
    /// the size of the key. Returns `false` when the policy removes the member.
    #[inline(always)]
    pub(super) fn begin_member(
        &mut self,
        key: &str,
        member: &Path<'_>,
        write: impl FnOnce(&mut O, bool) -> TextSize,
    ) -> bool {
        if self.policy.is_internal(key) {
            return false;
        }
        let is_variable = self.is_variable(member);
        if is_variable {
            self.count_variable(key, member);
        }
        let comma = std::mem::take(&mut self.needs_comma);
        let size = write(&mut self.out, comma);
        if is_variable {
            self.begin_value();
        }
        self.platform_bytes += 2 * size.utf16 as u64;
        true
    }

    /// Counts a variable and checks its name. `at` is the path for the issues.
    #[inline]
    pub(super) fn count_variable(&mut self, name: &str, at: &Path<'_>) {
        self.variable_count += 1;
        self.variable.platform_start = self.platform_bytes;
        let names = self.names;
        names.check(name, at, |issue| self.report(issue));
    }

    /// Begins the value of a variable, after its name was written.
    #[inline]
    pub(super) fn begin_value(&mut self) {
        self.variable.json_start = self.out.written_bytes();
        self.variable.depth = 0;
        self.variable.is_too_deep = false;
    }

    /// Checks the size and the depth of the variable that ends, and records its size.
    #[inline]
    pub(super) fn end_variable(&mut self, at: &Path<'_>) {
        let json_bytes = self.out.written_bytes() - self.variable.json_start;
        let platform_bytes = self.platform_bytes - self.variable.platform_start;
        if let Some(limit) = self.policy.max_value_bytes {
            self.check_limit(json_bytes, limit, &VALUE, at);
        }
        if let Some(limit) = self.policy.max_depth
            && self.variable.depth > limit
            && !self.variable.is_too_deep
        {
            let depth = self.variable.depth;
            self.report(
                Issue::warning(
                    Code::NestingTooDeep,
                    at.to_pointer(),
                    format!(
                        "the value is nested {depth} levels deep, the advised limit is {limit}"
                    ),
                )
                .with_figures(limit.into(), depth.into())
                .with_hint("Flatten the value."),
            );
        }
        let name = at.last_key().unwrap_or_default();
        if let Some(overflow) = &mut self.overflow
            && let Some(issue) = overflow.write(name, platform_bytes, at)
        {
            self.report(issue);
        }
        if let Some(recorded_sizes) = &mut self.recorded_sizes {
            recorded_sizes.push(VariableSize { name: name.to_owned(), json_bytes, platform_bytes });
        }
    }
}
