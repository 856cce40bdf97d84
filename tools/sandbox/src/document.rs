//! The context document of a session in `/api/v1`: one JSON object, read and written whole.

use crate::etag::Revision;
use crate::problem::Problem;
use crate::size;
use serde_json::{Map, Value};

/// The largest document, in bytes of compact JSON.
const MAX_BYTES: usize = 95_000;

/// A session's document, which need not be there.
#[derive(Debug, Default)]
pub(crate) struct Document(Option<Written>);

#[derive(Debug)]
struct Written {
    content: Map<String, Value>,
    bytes: usize,
    revision: Revision,
}

impl Document {
    /// Writes the whole document.
    pub(crate) fn replace(
        &mut self,
        content: Map<String, Value>,
        revision: Revision,
    ) -> Result<(), Problem> {
        let bytes = size::json_bytes(&content);
        if bytes > MAX_BYTES {
            return Err(Problem::too_large("The document is larger than 95,000 bytes."));
        }
        self.0 = Some(Written { content, bytes, revision });
        Ok(())
    }

    /// Sets each of the variables at the top of the document, which comes into being if need be.
    pub(crate) fn merge(
        &mut self,
        variables: Map<String, Value>,
        revision: Revision,
    ) -> Result<(), Problem> {
        let mut content = self.content().cloned().unwrap_or_default();
        content.extend(variables);
        self.replace(content, revision)
    }

    /// The content, even if it exceeds the limit.
    pub(crate) fn seeded(content: Option<Map<String, Value>>, revision: Revision) -> Self {
        Self(content.map(|content| {
            let bytes = size::json_bytes(&content);
            Written { content, bytes, revision }
        }))
    }

    pub(crate) fn content(&self) -> Option<&Map<String, Value>> {
        self.0.as_ref().map(|it| &it.content)
    }

    pub(crate) fn revision(&self) -> Option<Revision> {
        self.0.as_ref().map(|it| it.revision)
    }

    pub(crate) fn weight(&self) -> usize {
        self.0.as_ref().map_or(0, |it| it.bytes)
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
    fn a_document_over_the_limit_leaves_the_one_before_as_it_was() {
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
