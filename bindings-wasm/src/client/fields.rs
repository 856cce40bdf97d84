//! What TypeScript says of a call beside the input buffer.

use cognigy_context::ValidationError;
use serde_json::Value;

use crate::text::{Fields, id_of};

impl Fields {
    /// An id, which TypeScript wrote as the JSON text of whatever it was given; `field` is its name
    /// on the wire.
    pub(super) fn id(
        &mut self,
        name: &str,
        field: &'static str,
    ) -> Result<String, ValidationError> {
        id_of(&self.optional(name).unwrap_or_default(), field)
    }

    /// How many bytes of the input buffer.
    pub(super) fn length(&self, name: &str) -> usize {
        self.optional_length(name).unwrap_or_default()
    }

    /// The same where nothing may be said of it.
    pub(super) fn optional_length(&self, name: &str) -> Option<usize> {
        self.0.get(name).and_then(Value::as_u64).and_then(|length| usize::try_from(length).ok())
    }
}
