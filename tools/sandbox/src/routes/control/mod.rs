//! The control routes: seed data, read it back, inject faults. The platform does not have them.

mod config;
mod dialogs;
mod faults;
mod requests;
mod sessions;
mod tokens;
mod webhook;

use crate::routes::json_response;
use crate::tenant::SharedTenant;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;

pub(crate) fn routes() -> Router<SharedTenant> {
    Router::new()
        .route("/health", get(health))
        .route("/reset", post(reset))
        .merge(config::routes())
        .merge(dialogs::routes())
        .merge(faults::routes())
        .merge(requests::routes())
        .merge(sessions::routes())
        .merge(tokens::routes())
        .merge(webhook::routes())
}

async fn health() -> Response {
    json_response(StatusCode::OK, &json!({"status": "ok"}))
}

async fn reset(State(shared_tenant): State<SharedTenant>) -> StatusCode {
    shared_tenant.reset();
    StatusCode::NO_CONTENT
}
