//! The injection of a context in the input buffer, shared by the client and the request builder.

use cognigy_context::__bindings;
use cognigy_context::api::PreparedRequest;
use cognigy_context::api::platform::InjectContext;
#[cfg(all(feature = "client", target_arch = "wasm32"))]
use cognigy_context::api::platform::PreparedContextInjection;
use cognigy_context::{ExistingContext, ValidationError};

use crate::args::Args;
use crate::buffer::with_input;

/// The flag of a context whose text may contain sentinels.
#[cfg(all(feature = "client", target_arch = "wasm32"))]
const CONTEXT_HAS_SENTINELS: u8 = 1;
/// The flag of an existing context whose text may contain sentinels.
const EXISTING_HAS_SENTINELS: u8 = 2;

/// The parts of the input buffer that an injection consists of.
#[derive(Clone, Copy)]
pub(crate) struct ContextInput {
    /// The number of bytes of the context, which begins the buffer.
    context: usize,
    /// The number of bytes of the existing context, which follows; `None` when the caller passes none.
    existing: Option<usize>,
    /// Bit flags: whether the context and the existing context may contain sentinels.
    sentinels: u8,
}

impl ContextInput {
    /// Reads the lengths and flags from a call's arguments.
    pub(crate) fn from_args(args: &Args) -> Self {
        Self {
            context: args.length("context"),
            existing: args.optional_length("existing"),
            sentinels: u8::try_from(args.length("sentinels")).unwrap_or(u8::MAX),
        }
    }

    /// Measures the session's existing context. Returns `None` when the caller passes none.
    ///
    /// # Errors
    /// [`ValidationError`] when a part of the existing context has no JSON form.
    pub(crate) fn existing(self) -> Result<Option<ExistingContext>, ValidationError> {
        let has_sentinels = self.sentinels & EXISTING_HAS_SENTINELS != 0;
        self.existing
            .map(|length| {
                with_input(self.context, length, |text| parse_existing(text, has_sentinels))
            })
            .transpose()
    }

    /// Checks the context and builds the request. If the context is sent unchanged, the body contains a
    /// placeholder instead, which TypeScript replaces with the text of the context.
    pub(crate) fn request(
        self,
        injection: InjectContext<'_>,
    ) -> Result<PreparedRequest, ValidationError> {
        with_input(0, self.context, |text| {
            __bindings::inject_context_reusing_text(&injection, text)
        })
    }

    /// Checks the context and prepares the client's call.
    #[cfg(all(feature = "client", target_arch = "wasm32"))]
    pub(crate) fn prepare(
        self,
        injection: InjectContext<'_>,
    ) -> Result<PreparedContextInjection, ValidationError> {
        with_input(0, self.context, |text| {
            if self.sentinels & CONTEXT_HAS_SENTINELS == 0 {
                injection.context_json(text)
            } else {
                __bindings::inject_context_with_sentinels(&injection, text)
            }
        })
    }
}

/// Measures an existing context from its JSON text.
pub(crate) fn parse_existing(
    text: &[u8],
    has_sentinels: bool,
) -> Result<ExistingContext, ValidationError> {
    if has_sentinels {
        __bindings::existing_context_with_sentinels(text)
    } else {
        ExistingContext::of_json(text)
    }
}
