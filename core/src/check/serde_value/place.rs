//! Where a container of a serialised value stands.

use super::{VisitorSerializer, Walk};
use crate::check::measure::TextSize;
use crate::check::sink::ValueVisitor;
use crate::path::Path;

/// Where a container stands: at a place of its own, or, as the content of an enum's variant, in
/// the object `{"Variant": …}` that is opened around it.
pub(super) struct Place<'s, 'w, 'p, S> {
    pub(super) walk: &'s mut Walk<'w, S>,
    at: &'p Path<'p>,
    around: Around,
}

/// What was told of the object around a variant's content.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    /// There is none.
    Nothing,
    /// The object and the key.
    Member(&'static str),
    /// The object only: its member is left out.
    Object,
    /// Not even the object.
    Untold,
}

impl<'s, 'w, 'p, S: ValueVisitor> Place<'s, 'w, 'p, S> {
    pub(super) fn open(
        driver: VisitorSerializer<'s, 'w, 'p, S>,
        variant: Option<&'static str>,
    ) -> Self {
        let VisitorSerializer { walk, at } = driver;
        let around = match variant {
            None => Around::Nothing,
            Some(_) if !walk.sink.begin_object(at) => Around::Untold,
            Some(name) if walk.sink.key(name, TextSize::of(name), &at.key(name)) => {
                Around::Member(name)
            }
            Some(_) => Around::Object,
        };
        Self { walk, at, around }
    }

    /// Whether anything is to be told of what stands here.
    pub(super) fn is_told(&self) -> bool {
        matches!(self.around, Around::Nothing | Around::Member(_))
    }

    #[inline(always)]
    pub(super) fn within<R>(&mut self, tell: impl FnOnce(&mut Walk<'w, S>, &Path<'_>) -> R) -> R {
        match self.around {
            Around::Member(name) => tell(self.walk, &self.at.key(name)),
            _ => tell(self.walk, self.at),
        }
    }

    pub(super) fn close(&mut self) {
        if let Around::Member(name) = self.around {
            self.walk.sink.end_member(&self.at.key(name));
        }
        if matches!(self.around, Around::Member(_) | Around::Object) {
            self.walk.sink.end_object();
        }
    }
}
