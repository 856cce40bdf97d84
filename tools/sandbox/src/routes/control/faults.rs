//! Adds, lists and clears faults.

use crate::body::JsonObject;
use crate::problem::Problem;
use crate::routes::json_response;
use crate::tenant::SharedTenant;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

pub(super) fn routes() -> Router<SharedTenant> {
    Router::new().route("/faults", get(list).post(add).delete(clear))
}

async fn list(State(shared_tenant): State<SharedTenant>) -> Response {
    let faults = shared_tenant.lock().faults.to_json();
    json_response(StatusCode::OK, &json!({"faults": faults}))
}

async fn add(
    State(shared_tenant): State<SharedTenant>,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let fault = shared_tenant.lock().add_fault(body)?;
    Ok(json_response(StatusCode::CREATED, &fault))
}

async fn clear(State(shared_tenant): State<SharedTenant>) -> StatusCode {
    shared_tenant.lock().faults.clear();
    StatusCode::NO_CONTENT
}
