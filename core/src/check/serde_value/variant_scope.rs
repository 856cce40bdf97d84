//! The object `{"Variant": …}` around the content of an enum's variant.

use super::{VisitorSerializer, Walk};
use crate::check::text_size::TextSize;
use crate::check::visitor::ValueVisitor;
use crate::path::Path;

/// The scope of a value: the path of the serialised value, or, for the content of an enum's variant, a member of
/// the object `{"Variant": …}` around it.
pub(super) struct VariantScope<'s, 'w, 'p, S> {
    pub(super) walk: &'s mut Walk<'w, S>,
    at: &'p Path<'p>,
    wrapper: Wrapper,
}

/// The visited part of the object around a variant's content.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrapper {
    /// The value is not the content of a variant, so there is no object.
    None,
    /// The object and the member with this key.
    Member(&'static str),
    /// Only the object: the visitor skips the member.
    Object,
    /// Nothing: the visitor skips the object.
    Skipped,
}

impl<'s, 'w, 'p, S: ValueVisitor> VariantScope<'s, 'w, 'p, S> {
    /// Begins the object around the content of `variant`; `None` for a value that is not a variant.
    pub(super) fn open(
        serializer: VisitorSerializer<'s, 'w, 'p, S>,
        variant: Option<&'static str>,
    ) -> Self {
        let VisitorSerializer { walk, at } = serializer;
        let wrapper = match variant {
            None => Wrapper::None,
            Some(_) if !walk.visitor.begin_object(at) => Wrapper::Skipped,
            Some(name) if walk.visitor.key(name, TextSize::of(name), &at.key(name)) => {
                Wrapper::Member(name)
            }
            Some(_) => Wrapper::Object,
        };
        Self { walk, at, wrapper }
    }

    /// Returns whether the walker visits the content.
    pub(super) fn is_visited(&self) -> bool {
        matches!(self.wrapper, Wrapper::None | Wrapper::Member(_))
    }

    /// Calls `visit` with the path of the content.
    #[inline(always)]
    pub(super) fn within<R>(&mut self, visit: impl FnOnce(&mut Walk<'w, S>, &Path<'_>) -> R) -> R {
        match self.wrapper {
            Wrapper::Member(name) => visit(self.walk, &self.at.key(name)),
            _ => visit(self.walk, self.at),
        }
    }

    /// Ends the object around the content, if there is one.
    pub(super) fn close(&mut self) {
        if let Wrapper::Member(name) = self.wrapper {
            self.walk.visitor.end_member(&self.at.key(name));
        }
        if matches!(self.wrapper, Wrapper::Member(_) | Wrapper::Object) {
            self.walk.visitor.end_object();
        }
    }
}
