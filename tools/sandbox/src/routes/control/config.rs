//! The routes `/_sandbox/config`: reads and sets the options of the tenant and the token lifetime.

use crate::body::JsonObject;
use crate::fields::Fields;
use crate::options::{MissingDocumentResponse, Options};
use crate::problem::Problem;
use crate::rate_limit::{RateLimit, RetryAfter, Window};
use crate::routes::json_response;
use crate::tenant::{SharedTenant, Tenant};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Map, Value, json};
use std::time::Duration;

const MISSING_DOCUMENT_RESPONSES: [(&str, MissingDocumentResponse); 3] = [
    ("empty", MissingDocumentResponse::EmptyBody),
    ("noContent", MissingDocumentResponse::NoContent),
    ("object", MissingDocumentResponse::EmptyObject),
];

const RETRY_AFTER: [(&str, RetryAfter); 4] = [
    ("seconds", RetryAfter::Seconds),
    ("fraction", RetryAfter::Fraction),
    ("date", RetryAfter::HttpDate),
    ("absent", RetryAfter::Absent),
];

pub(super) fn routes() -> Router<SharedTenant> {
    Router::new().route("/config", get(read).put(set).patch(change))
}

async fn read(State(shared_tenant): State<SharedTenant>) -> Response {
    json_response(StatusCode::OK, &describe(&shared_tenant.lock()))
}

/// Sets the given options and resets the others to their initial values.
async fn set(
    State(shared_tenant): State<SharedTenant>,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let start = (shared_tenant.start_options(), shared_tenant.config().token_lifetime);
    let change = OptionsChange::read(body, start)?;
    Ok(change.apply(&mut shared_tenant.lock()))
}

/// Sets the given options. The others stay unchanged.
async fn change(
    State(shared_tenant): State<SharedTenant>,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let mut tenant = shared_tenant.lock();
    let change = OptionsChange::read(body, (tenant.options, tenant.token_lifetime))?;
    Ok(change.apply(&mut tenant))
}

/// The complete options and token lifetime after a change.
struct OptionsChange {
    options: Options,
    token_lifetime: Duration,
    /// Whether the body contains `rateLimit`. Setting the limit resets the window, even to the same
    /// value.
    sets_rate_limit: bool,
}

impl OptionsChange {
    /// Reads the options of a body. `base` has the values of the absent options and token lifetime.
    fn read(body: Map<String, Value>, base: (Options, Duration)) -> Result<Self, Problem> {
        let (old, old_lifetime) = base;
        let sets_rate_limit = body.contains_key("rateLimit");
        let mut fields = Fields::of(body);
        fields.reject_unknown(&[
            "tokenLifetimeMs",
            "expiresIn",
            "rateLimit",
            "createSessions",
            "v1Etag",
            "v1NoDocument",
            "v1PutReturnsDocument",
            "v2Etag",
            "v2ConflictStatus",
            "runtimeConflictStatus",
            "pageSize",
            "recordRequests",
        ]);
        let mut flag = |name, old| fields.optional_boolean(name).unwrap_or(old);
        let options = Options {
            token_response_has_expires_in: flag("expiresIn", old.token_response_has_expires_in),
            create_sessions: flag("createSessions", old.create_sessions),
            v1_etag: flag("v1Etag", old.v1_etag),
            v1_put_returns_document: flag("v1PutReturnsDocument", old.v1_put_returns_document),
            v2_etag: flag("v2Etag", old.v2_etag),
            record_requests: flag("recordRequests", old.record_requests),
            rate_limit: rate_limit(&mut fields, old.rate_limit),
            v1_no_document: fields
                .optional_choice(
                    "v1NoDocument",
                    "must be empty, noContent or object",
                    &MISSING_DOCUMENT_RESPONSES,
                )
                .unwrap_or(old.v1_no_document),
            v2_conflict_status: conflict_status(&mut fields, "v2ConflictStatus")
                .unwrap_or(old.v2_conflict_status),
            runtime_conflict_status: conflict_status(&mut fields, "runtimeConflictStatus")
                .unwrap_or(old.runtime_conflict_status),
            page_size: fields
                .optional_count("pageSize", 1, u64::from(u32::MAX))
                .and_then(|size| usize::try_from(size).ok())
                .unwrap_or(old.page_size),
        };
        let token_lifetime = fields.optional_count("tokenLifetimeMs", 0, u64::MAX);
        fields.finish()?;
        let token_lifetime = token_lifetime.map_or(old_lifetime, Duration::from_millis);
        Ok(Self { options, token_lifetime, sets_rate_limit })
    }

    fn apply(self, tenant: &mut Tenant) -> Response {
        if self.sets_rate_limit || self.options.rate_limit != tenant.options.rate_limit {
            tenant.window = Window::default();
        }
        tenant.options = self.options;
        tenant.token_lifetime = self.token_lifetime;
        json_response(StatusCode::OK, &describe(tenant))
    }
}

fn conflict_status(fields: &mut Fields, name: &'static str) -> Option<u16> {
    let status = fields.optional_count(name, 0, u64::MAX)?;
    match status {
        409 => Some(409),
        412 => Some(412),
        _ => {
            fields.reject(name, "must be 409 or 412");
            None
        }
    }
}

/// Reads the rate limit. `null` removes the limit; without the field the old limit stays.
fn rate_limit(fields: &mut Fields, old: Option<RateLimit>) -> Option<RateLimit> {
    if fields.take_null("rateLimit") {
        return None;
    }
    let Some(object) = fields.optional_object("rateLimit") else { return old };
    let mut inner = Fields::within("rateLimit", object);
    inner.reject_unknown(&["requests", "windowMs", "retryAfter"]);
    let limit = RateLimit {
        requests: inner.required_count("requests").unwrap_or_default(),
        window: Duration::from_millis(inner.required_count("windowMs").unwrap_or_default()),
        retry_after: inner
            .optional_choice(
                "retryAfter",
                "must be seconds, fraction, date or absent",
                &RETRY_AFTER,
            )
            .unwrap_or(RetryAfter::Seconds),
    };
    fields.add(inner.into_details());
    Some(limit)
}

fn describe(tenant: &Tenant) -> Value {
    let options = &tenant.options;
    let rate_limit = options.rate_limit.map(|limit| {
        json!({
            "requests": limit.requests,
            "windowMs": limit.window.as_millis() as u64,
            "retryAfter": word(&RETRY_AFTER, limit.retry_after),
        })
    });
    json!({
        "tokenLifetimeMs": tenant.token_lifetime.as_millis() as u64,
        "expiresIn": options.token_response_has_expires_in,
        "rateLimit": rate_limit,
        "createSessions": options.create_sessions,
        "v1Etag": options.v1_etag,
        "v1NoDocument": word(&MISSING_DOCUMENT_RESPONSES, options.v1_no_document),
        "v1PutReturnsDocument": options.v1_put_returns_document,
        "v2Etag": options.v2_etag,
        "v2ConflictStatus": options.v2_conflict_status,
        "runtimeConflictStatus": options.runtime_conflict_status,
        "pageSize": options.page_size,
        "recordRequests": options.record_requests,
    })
}

/// Returns the JSON word of a value; `None` if `words` does not contain the value.
fn word<T: PartialEq>(words: &[(&'static str, T)], value: T) -> Option<&'static str> {
    words.iter().find(|(_, candidate)| *candidate == value).map(|(word, _)| *word)
}
