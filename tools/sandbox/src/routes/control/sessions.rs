//! Seeds and reads sessions.

use crate::body::{Id, JsonObject};
use crate::problem::Problem;
use crate::routes::json_response;
use crate::tenant::SharedTenant;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, put};
use serde_json::{Value, json};

pub(super) fn routes() -> Router<SharedTenant> {
    Router::new()
        .route("/sessions", get(list))
        .route("/sessions/{sessionId}", get(read).put(seed).delete(remove))
        .route("/botsessions/{sessionId}", put(seed_bot_variables))
}

async fn list(State(shared_tenant): State<SharedTenant>) -> Response {
    let ids: Vec<Value> = shared_tenant.lock().sessions.iter().map(|(id, _)| id.into()).collect();
    json_response(StatusCode::OK, &json!({"sessions": ids}))
}

async fn read(State(shared_tenant): State<SharedTenant>, Id(id): Id) -> Result<Response, Problem> {
    let tenant = shared_tenant.lock();
    let session = tenant.sessions.get(&id).ok_or_else(not_found)?;
    Ok(json_response(StatusCode::OK, &session.describe(&id)))
}

async fn seed(
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let session = shared_tenant.lock().seed_session(&id, body)?;
    Ok(json_response(StatusCode::OK, &session))
}

async fn seed_bot_variables(
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let session = shared_tenant.lock().seed_bot_variables(&id, body)?;
    Ok(json_response(StatusCode::OK, &session))
}

async fn remove(
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    shared_tenant.lock().sessions.remove(&id).ok_or_else(not_found)?;
    Ok(StatusCode::NO_CONTENT)
}

fn not_found() -> Problem {
    Problem::not_found("There is no session with this id.")
}
