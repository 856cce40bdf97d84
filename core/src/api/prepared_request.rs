//! A checked operation, ready to be sent.

use std::fmt;

use super::entity_tag::check_if_match;
use super::{Authorization, BaseUrl, Method, Operation, Request};
use crate::hashing::hash_session_id;
use crate::report::ValidationError;

/// Whether a request may be retried after an ambiguous failure. After such a failure it is unknown whether
/// the server executed the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// Sending the request twice has the same effect as sending it once, so it may be retried.
    Idempotent,
    /// The request may be retried only when it certainly had no effect: the server was not reached
    /// or rejected it.
    NonIdempotent,
}

/// The session or dialog that a request concerns. [`Debug`] shows only the hash of its id.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ResourceId {
    pub(crate) id: String,
    /// The SHA-256 of the id, in hexadecimal.
    pub(crate) hash: String,
}

impl ResourceId {
    pub(crate) fn new(id: &str) -> Self {
        Self { id: id.to_owned(), hash: hash_session_id(id) }
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hash)
    }
}

/// A checked operation, ready to be sent to any base URL with any credentials.
///
/// [`Debug`] shows neither ids nor data.
#[derive(Clone, PartialEq, Eq)]
pub struct PreparedRequest {
    pub(crate) operation: Operation,
    pub(crate) method: Method,
    /// The path with its query, relative to the base URL.
    pub(crate) path: String,
    pub(crate) body: Option<Vec<u8>>,
    /// The header `If-Match`; `None` sends no header.
    pub(crate) if_match: Option<String>,
    pub(crate) resource: Option<ResourceId>,
    idempotency: Idempotency,
    /// Whether the request is idempotent only with `if_match`.
    needs_tag: bool,
    /// The number of variables in the body.
    pub(crate) variables: u64,
}

impl fmt::Debug for PreparedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedRequest")
            .field("operation", &self.operation)
            .field("resource_hash", &self.resource_hash())
            .field("body_bytes", &self.body.as_ref().map(Vec::len))
            .field("variables", &self.variables)
            .finish_non_exhaustive()
    }
}

impl PreparedRequest {
    pub(crate) fn new(operation: Operation, method: Method, path: String) -> Self {
        // The idempotent methods of RFC 9110, section 9.2.2.
        let idempotency = match method {
            Method::Get | Method::Put | Method::Delete => Idempotency::Idempotent,
            Method::Post | Method::Patch => Idempotency::NonIdempotent,
        };
        Self {
            operation,
            method,
            path,
            body: None,
            if_match: None,
            resource: None,
            idempotency,
            needs_tag: false,
            variables: 0,
        }
    }

    /// Sets the body, which must be JSON in UTF-8.
    pub(crate) fn body(mut self, body: Vec<u8>) -> Self {
        self.body = Some(body);
        self
    }

    /// Sets the session or dialog that the request concerns.
    pub(crate) fn for_resource(mut self, id: &str) -> Self {
        self.resource = Some(ResourceId::new(id));
        self
    }

    /// Marks the request as idempotent although its method is not.
    pub(crate) fn idempotent(mut self) -> Self {
        self.idempotency = Idempotency::Idempotent;
        self
    }

    /// Sets the number of variables in the body, for results and audit records.
    pub(crate) fn variables(mut self, variables: u64) -> Self {
        self.variables = variables;
        self
    }

    /// Sets the header `If-Match` to `tag`, so that the server executes the request only while the
    /// resource still has this `ETag`, and marks it as idempotent. `None` sends no header.
    ///
    /// # Errors
    /// [`ValidationError`] when `tag` is not a strong entity tag, for example `*` or text without quotes.
    pub fn if_match(self, tag: Option<String>) -> Result<Self, ValidationError> {
        tag.as_deref().map_or(Ok(()), check_if_match)?;
        Ok(self.with_condition(tag))
    }

    /// Sets the tag that the caller requires, a strong one; `None` sends no header. A request with a tag is
    /// idempotent: if the first attempt has changed the resource, the server rejects the second one.
    pub(crate) fn with_condition(mut self, tag: Option<String>) -> Self {
        if tag.is_some() && self.idempotency == Idempotency::NonIdempotent {
            self.idempotency = Idempotency::Idempotent;
            self.needs_tag = true;
        }
        self.with_tag(tag)
    }

    /// Sets the header `If-Match` to the strong tag that was read after a conflict; `None` sends no header. A
    /// tag does not make the request idempotent, but without one it may no longer be.
    pub(crate) fn with_tag(mut self, tag: Option<String>) -> Self {
        self.if_match = tag;
        self
    }

    /// Returns the operation.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        self.operation
    }

    /// Returns the SHA-256 of the id of the session or dialog, in hexadecimal; `None` when the
    /// operation concerns neither.
    #[must_use]
    pub fn resource_hash(&self) -> Option<&str> {
        self.resource.as_ref().map(|resource| resource.hash.as_str())
    }

    /// Returns whether the request may be retried after an ambiguous failure.
    #[must_use]
    pub const fn idempotency(&self) -> Idempotency {
        if self.needs_tag && self.if_match.is_none() {
            Idempotency::NonIdempotent
        } else {
            self.idempotency
        }
    }

    /// Builds the HTTP request for `base`, with the headers of `authorization`; `None` for a request
    /// without credentials.
    #[must_use]
    pub fn request(&self, base: &BaseUrl, authorization: Option<&Authorization>) -> Request {
        let mut headers = Vec::with_capacity(4);
        headers.push(("accept", "application/json".to_owned()));
        if self.body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        if let Some(tag) = &self.if_match {
            headers.push(("if-match", tag.clone()));
        }
        if let Some(authorization) = authorization {
            headers.extend(authorization.headers());
        }
        Request {
            method: self.method,
            url: base.join(&self.path),
            headers,
            body: self.body.clone(),
        }
    }
}
