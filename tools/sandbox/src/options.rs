//! The options of a tenant. They can be changed at run time.

use crate::rate_limit::RateLimit;

/// The behaviour of a tenant, where tenants differ. The default has all ETags and no rate limit.
///
/// # Example
///
/// ```
/// use cognigy_context_sandbox::{NoDocument, Options};
///
/// let options = Options { v1_no_document: NoDocument::NoContent, ..Options::default() };
/// assert_eq!(options.v2_conflict_status, 409);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Whether token responses contain `expires_in` (default `true`).
    pub expires_in: bool,
    /// The rate limit of all requests; requests beyond it get 429 (default `None`).
    pub rate_limit: Option<RateLimit>,
    /// Whether every API family creates sessions and dialogs on first use, instead of returning 404
    /// (default `false`). The platform's own routes always create them.
    pub create_sessions: bool,
    /// Whether responses of `/api/v1` have an `ETag` (default `true`). Without it `If-Match` is
    /// ignored.
    pub v1_etag: bool,
    /// The response of `GET` on `/api/v1` for a session without a document (default
    /// [`NoDocument::Empty`]).
    pub v1_no_document: NoDocument,
    /// Whether `PUT` on `/api/v1` returns the document instead of an empty body (default `true`).
    pub v1_put_answers_document: bool,
    /// Whether responses of `/api/v2` have an `ETag` (default `true`). Without it `If-Match` is
    /// ignored.
    pub v2_etag: bool,
    /// The status of `/api/v2` if `If-Match` does not match: 409 or 412 (default 409).
    pub v2_conflict_status: u16,
    /// The status of `/runtime/v2` if `If-Match` does not match: 409 or 412 (default 412).
    pub runtime_conflict_status: u16,
    /// The number of variables per page of `/api/v2/botsessions` (default 100).
    pub page_size: usize,
    /// Whether requests are logged (default `true`). They are always counted.
    pub record_requests: bool,
}

/// The response for a session without a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDocument {
    /// 200 with an empty body.
    Empty,
    /// 204 without a body.
    NoContent,
    /// 200 with `{}`.
    Object,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            expires_in: true,
            rate_limit: None,
            create_sessions: false,
            v1_etag: true,
            v1_no_document: NoDocument::Empty,
            v1_put_answers_document: true,
            v2_etag: true,
            v2_conflict_status: 409,
            runtime_conflict_status: 412,
            page_size: 100,
            record_requests: true,
        }
    }
}
