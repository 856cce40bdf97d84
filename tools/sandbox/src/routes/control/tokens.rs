//! Revokes tokens.

use crate::tenant::SharedTenant;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::delete;

pub(super) fn routes() -> Router<SharedTenant> {
    Router::new().route("/tokens", delete(revoke))
}

/// Revokes all access and refresh tokens.
async fn revoke(State(shared_tenant): State<SharedTenant>) -> StatusCode {
    shared_tenant.lock().tokens.clear();
    StatusCode::NO_CONTENT
}
