//! Tokens: take them all back.

use crate::state::Shared;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::delete;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/tokens", delete(revoke))
}

/// Every token that was handed out is unknown from now on, refresh tokens too.
async fn revoke(State(shared): State<Shared>) -> StatusCode {
    shared.tenant().tokens.clear();
    StatusCode::NO_CONTENT
}
