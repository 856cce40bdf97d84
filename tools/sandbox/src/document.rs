//! The context document of a session in `/api/v1`: one JSON object.

use crate::etag::Revision;
use crate::problem::Problem;
use crate::size;
use serde_json::{Map, Value};

/// The maximum document, in bytes of compact JSON.
const MAX_BYTES: usize = 95_000;

/// The document of a session; `None` until it is written.
#[derive(Debug, Default)]
pub(crate) struct Document(Option<StoredDocument>);

#[derive(Debug)]
struct StoredDocument {
    content: Map<String, Value>,
    /// The size of the compact JSON text.
    bytes: usize,
    revision: Revision,
}

impl Document {
    /// Replaces the document. A document over the limit fails without effect.
    pub(crate) fn replace(
        &mut self,
        content: Map<String, Value>,
        revision: Revision,
    ) -> Result<(), Problem> {
        let bytes = size::json_bytes(&content);
        if bytes > MAX_BYTES {
            return Err(Problem::too_large(
                "The document is larger than the limit of 95,000 bytes.",
            ));
        }
        self.0 = Some(StoredDocument { content, bytes, revision });
        Ok(())
    }

    /// Sets top-level keys of the document. Creates the document if necessary.
    pub(crate) fn merge(
        &mut self,
        variables: Map<String, Value>,
        revision: Revision,
    ) -> Result<(), Problem> {
        let mut content = self.content().cloned().unwrap_or_default();
        content.extend(variables);
        self.replace(content, revision)
    }

    /// Creates a document, even over the limit. `None` creates no document.
    pub(crate) fn seeded(content: Option<Map<String, Value>>, revision: Revision) -> Self {
        Self(content.map(|content| {
            let bytes = size::json_bytes(&content);
            StoredDocument { content, bytes, revision }
        }))
    }

    pub(crate) fn content(&self) -> Option<&Map<String, Value>> {
        self.0.as_ref().map(|stored| &stored.content)
    }

    pub(crate) fn revision(&self) -> Option<Revision> {
        self.0.as_ref().map(|stored| stored.revision)
    }

    pub(crate) fn weight(&self) -> usize {
        self.0.as_ref().map_or(0, |stored| stored.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_document_over_the_limit_fails_without_effect() {
        let mut document = Document::default();
        let exact = "x".repeat(MAX_BYTES - r#"{"k":""}"#.len());
        document.replace(object(json!({"k": exact})), Revision::default()).unwrap();
        assert_eq!(document.weight(), MAX_BYTES);
        document.merge(object(json!({"l": 1})), Revision::default()).unwrap_err();
        assert!(!document.content().unwrap().contains_key("l"));
        document.merge(object(json!({"k": "short", "l": 1})), Revision::default()).unwrap();
        assert_eq!(document.content(), Some(&object(json!({"k": "short", "l": 1}))));
    }
}
