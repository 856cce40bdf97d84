//! Receives, lists and clears webhooks.

use crate::routes::json_response;
use crate::tenant::SharedTenant;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use serde_json::json;

pub(super) fn routes() -> Router<SharedTenant> {
    Router::new().route("/webhook", post(receive).get(list).delete(clear))
}

/// Stores a webhook with any headers and body.
async fn receive(
    State(shared_tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    shared_tenant.lock().webhooks.receive(&headers, &body);
    StatusCode::NO_CONTENT
}

async fn list(State(shared_tenant): State<SharedTenant>) -> Response {
    let webhooks = shared_tenant.lock().webhooks.to_json();
    json_response(StatusCode::OK, &json!({"webhooks": webhooks}))
}

async fn clear(State(shared_tenant): State<SharedTenant>) -> StatusCode {
    shared_tenant.lock().webhooks.clear();
    StatusCode::NO_CONTENT
}
