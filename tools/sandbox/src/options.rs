//! The options of the sandbox's tenant. Tests can change them while the sandbox runs.

use crate::rate_limit::RateLimit;

/// The behaviour of the sandbox's tenant, where the installations of the platform differ. A tenant is one
/// customer's isolated data and settings.
///
/// By default, resources have ETags and the rate is not limited. [`Sandbox::set_options`](crate::Sandbox::set_options)
/// and `PATCH /_sandbox/config` change the options at run time.
///
/// # Example
///
/// ```
/// use cognigy_context_sandbox::{MissingDocumentResponse, Options};
///
/// let options = Options { v1_no_document: MissingDocumentResponse::NoContent, ..Options::default() };
/// assert_eq!(options.v2_conflict_status, 409);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Whether token responses contain `expires_in` (default `true`). In JSON: `expiresIn`.
    pub token_response_has_expires_in: bool,
    /// The maximum number of requests per time window, for all routes and callers together, without the
    /// control routes. Requests beyond it get 429 (default `None`: no limit).
    pub rate_limit: Option<RateLimit>,
    /// Whether every API family creates sessions and dialogs on first use, instead of returning 404
    /// (default `false`). The routes `/new/v2.0/sessions/…` create sessions in any case.
    pub create_sessions: bool,
    /// Whether a document of `/api/v1` has an `ETag` (default `true`). Without it `If-Match` is
    /// ignored.
    pub v1_etag: bool,
    /// The response of `GET /api/v1/sessions/{id}/context` for a session without a document (default
    /// [`MissingDocumentResponse::EmptyBody`]).
    pub v1_no_document: MissingDocumentResponse,
    /// Whether `PUT /api/v1/sessions/{id}/context` returns the document (default `true`). If not, the
    /// response body is empty.
    pub v1_put_returns_document: bool,
    /// Whether responses of `/api/v2/sessions/{id}/context` have an `ETag` (default `true`). Without it
    /// `If-Match` is ignored.
    pub v2_etag: bool,
    /// The status of `PUT /api/v2/sessions/{id}/context` if `If-Match` does not match (default 409).
    /// `/_sandbox/config` accepts only 409 and 412; a value set in Rust is not checked.
    pub v2_conflict_status: u16,
    /// The status of `/runtime/v2` if `If-Match` does not match (default 412), with the same values as
    /// `v2_conflict_status`.
    pub runtime_conflict_status: u16,
    /// The maximum number of variables per page of `/api/v2/botsessions/{id}/variables` (default 100; 0
    /// counts as 1).
    pub page_size: usize,
    /// Whether new requests are logged for [`Sandbox::requests`](crate::Sandbox::requests) and
    /// `GET /_sandbox/requests` (default `true`). [`Sandbox::counters`](crate::Sandbox::counters) counts
    /// requests in any case.
    pub record_requests: bool,
}

/// The response of `GET /api/v1/sessions/{id}/context` for a session without a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingDocumentResponse {
    /// 200 with an empty body.
    EmptyBody,
    /// 204 without a body.
    NoContent,
    /// 200 with `{}`.
    EmptyObject,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token_response_has_expires_in: true,
            rate_limit: None,
            create_sessions: false,
            v1_etag: true,
            v1_no_document: MissingDocumentResponse::EmptyBody,
            v1_put_returns_document: true,
            v2_etag: true,
            v2_conflict_status: 409,
            runtime_conflict_status: 412,
            page_size: 100,
            record_requests: true,
        }
    }
}
