//! The routes: one module per API family, the token routes and the control routes.

mod botsessions;
pub(crate) mod control;
pub(crate) mod platform;
mod runtime_v2;
mod sessions_v1;
mod sessions_v2;
mod token;

use crate::javascript;
use crate::tenant::SharedTenant;
use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Returns the routes of the tenant and the control routes.
pub(crate) fn routes() -> Router<SharedTenant> {
    platform::routes()
        .merge(token::routes())
        .merge(sessions_v1::routes())
        .merge(sessions_v2::routes())
        .merge(botsessions::routes())
        .merge(runtime_v2::routes())
        .nest("/_sandbox", control::routes())
}

/// Returns a JSON response.
fn json_response(status: StatusCode, value: &impl Serialize) -> Response {
    json_text_response(status, javascript::to_json(value))
}

/// Returns a JSON response from JSON text.
fn json_text_response(status: StatusCode, json: Vec<u8>) -> Response {
    (status, [(CONTENT_TYPE, "application/json; charset=utf-8")], json).into_response()
}
