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
async fn revoke(State(shared): State<SharedTenant>) -> StatusCode {
    shared.tenant().tokens.clear();
    StatusCode::NO_CONTENT
}
