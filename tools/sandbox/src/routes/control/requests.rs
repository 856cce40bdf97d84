//! Lists and clears the request log and the counters.

use crate::counters::Counters;
use crate::routes::json_response;
use crate::tenant::SharedTenant;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

pub(super) fn routes() -> Router<SharedTenant> {
    Router::new()
        .route("/requests", get(list).delete(clear))
        .route("/counters", get(counters).delete(clear_counters))
}

async fn list(State(shared_tenant): State<SharedTenant>) -> Response {
    let requests = shared_tenant.lock().log.to_json();
    json_response(StatusCode::OK, &json!({"requests": requests}))
}

async fn clear(State(shared_tenant): State<SharedTenant>) -> StatusCode {
    shared_tenant.lock().log.clear();
    StatusCode::NO_CONTENT
}

async fn counters(State(shared_tenant): State<SharedTenant>) -> Response {
    let counters = shared_tenant.lock().counters.to_json();
    json_response(StatusCode::OK, &counters)
}

async fn clear_counters(State(shared_tenant): State<SharedTenant>) -> StatusCode {
    shared_tenant.lock().counters = Counters::default();
    StatusCode::NO_CONTENT
}
