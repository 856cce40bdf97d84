//! Faults: add them, look at those that wait, clear them.

use crate::body::JsonObject;
use crate::problem::Problem;
use crate::routes::json_answer;
use crate::state::Shared;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/faults", get(list).post(add).delete(clear))
}

async fn list(State(shared): State<Shared>) -> Response {
    let faults = shared.tenant().faults.to_json();
    json_answer(StatusCode::OK, &json!({"faults": faults}))
}

async fn add(
    State(shared): State<Shared>,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let fault = shared.tenant().add_fault(body)?;
    Ok(json_answer(StatusCode::CREATED, &fault))
}

async fn clear(State(shared): State<Shared>) -> StatusCode {
    shared.tenant().faults.clear();
    StatusCode::NO_CONTENT
}
