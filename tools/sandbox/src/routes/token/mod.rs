//! The token routes of all API families. Their errors follow RFC 6749.

mod family;
mod form;
mod platform;
mod response;

use crate::tenant::SharedTenant;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use form::Form;
use response::TokenError;

pub(crate) fn routes() -> Router<SharedTenant> {
    let mut routes = Router::new().route("/auth/oauth2/token", post(platform));
    for endpoint in &family::ENDPOINTS {
        let token = move |State(shared_tenant): State<SharedTenant>,
                          headers: HeaderMap,
                          body: Bytes| async move {
            respond(&shared_tenant, &headers, &body, |form| {
                family::grant(endpoint, &shared_tenant, &headers, form)
            })
        };
        routes = routes.route(endpoint.path, post(token));
    }
    routes
}

async fn platform(
    State(shared_tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    respond(&shared_tenant, &headers, &body, |form| platform::grant(&shared_tenant, form))
}

/// Counts the request, reads its form and returns the response of `grant` or the error. The response is
/// marked as not cacheable.
fn respond(
    shared_tenant: &SharedTenant,
    headers: &HeaderMap,
    body: &[u8],
    grant: impl FnOnce(&Form) -> Result<Response, TokenError>,
) -> Response {
    shared_tenant.lock().counters.token_requests += 1;
    let result = Form::read(headers, body).and_then(|form| grant(&form));
    if result.is_ok() {
        shared_tenant.lock().counters.tokens_granted += 1;
    }
    let mut response = result.unwrap_or_else(IntoResponse::into_response);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
