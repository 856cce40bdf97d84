//! An injection of a context whose text is in the input buffer: prepared here for the client and
//! for the request builder alike.

use cognigy_context::__bindings;
use cognigy_context::api::PreparedRequest;
use cognigy_context::api::platform::InjectContext;
#[cfg(all(feature = "client", target_arch = "wasm32"))]
use cognigy_context::api::platform::PreparedContextInjection;
use cognigy_context::{ExistingContext, ValidationError};

use crate::buffer::with_input;

/// Set in `marks` when the context's text may hold marks for what has no JSON form.
#[cfg(all(feature = "client", target_arch = "wasm32"))]
const CONTEXT_MARKED: u8 = 1;
/// The same for the text of the existing context.
const EXISTING_MARKED: u8 = 2;

/// Which parts of the input buffer an injection is made of.
#[derive(Clone, Copy)]
pub(crate) struct Input {
    /// Bytes of the context, from the beginning.
    pub(crate) context: usize,
    /// Bytes of the existing context, which follows; none when nothing is said of it.
    pub(crate) existing: Option<usize>,
    /// Which of the two may hold marks.
    pub(crate) marks: u8,
}

impl Input {
    /// What the session holds already, if the caller said so.
    pub(crate) fn existing(self) -> Result<Option<ExistingContext>, ValidationError> {
        let marked = self.marks & EXISTING_MARKED != 0;
        self.existing
            .map(|length| with_input(self.context, length, |text| existing(text, marked)))
            .transpose()
    }

    /// The call of the checked injection, whose body TypeScript puts together where it can.
    pub(crate) fn call(self, call: InjectContext<'_>) -> Result<PreparedRequest, ValidationError> {
        with_input(0, self.context, |text| __bindings::inject_context_reusing_text(&call, text))
    }

    /// The checked injection of the context.
    #[cfg(all(feature = "client", target_arch = "wasm32"))]
    pub(crate) fn prepare(
        self,
        call: InjectContext<'_>,
    ) -> Result<PreparedContextInjection, ValidationError> {
        with_input(0, self.context, |text| {
            if self.marks & CONTEXT_MARKED == 0 {
                call.context_json(text)
            } else {
                __bindings::inject_context_with_sentinels(&call, text)
            }
        })
    }
}

/// The context that is there already, from its text.
pub(crate) fn existing(text: &[u8], marked: bool) -> Result<ExistingContext, ValidationError> {
    if marked {
        __bindings::existing_context_with_sentinels(text)
    } else {
        ExistingContext::of_json(text)
    }
}
