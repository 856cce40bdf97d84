//! How a tenant behaves. Everything here can be changed while it runs.

use crate::rate_limit::RateLimit;

/// How a tenant behaves, where tenants differ. [`Options::default`] is a tenant that follows the
/// rules and limits nobody.
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
    /// Whether token responses contain `expires_in`: `true`.
    pub expires_in: bool,
    /// How many requests are answered before the rest gets 429; without one, the default, all are.
    pub rate_limit: Option<RateLimit>,
    /// Whether a session or dialog that was not seeded comes into being on its first use, in every
    /// family, instead of being answered 404: `false`. (The platform's own routes always do so.)
    pub create_sessions: bool,
    /// Whether the documents of `/api/v1` have an `ETag`: `true`. Without one their `If-Match` is
    /// ignored.
    pub v1_etag: bool,
    /// The response of `GET` on `/api/v1` for a session without a document: [`NoDocument::Empty`].
    pub v1_no_document: NoDocument,
    /// Whether `PUT` on `/api/v1` returns the document instead of an empty body: `true`.
    pub v1_put_answers_document: bool,
    /// Whether the context of `/api/v2` has an `ETag`: `true`. Without one its `If-Match` is
    /// ignored.
    pub v2_etag: bool,
    /// The status of an `If-Match` of `/api/v2` that does not match: 409.
    pub v2_conflict_status: u16,
    /// The status of an `If-Match` of `/runtime/v2` that does not match: 412.
    pub runtime_conflict_status: u16,
    /// The number of variables per page of `/api/v2/botsessions`: 100.
    pub page_size: usize,
    /// Whether requests are recorded: `true`. They are counted in any case.
    pub record_requests: bool,
}

/// The response for a session without a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDocument {
    /// 200 with an empty body.
    Empty,
    /// 204.
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
