//! Seeds and reads dialogs.

use crate::body::{Id, JsonObject};
use crate::problem::Problem;
use crate::routes::json_response;
use crate::tenant::SharedTenant;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

pub(super) fn routes() -> Router<SharedTenant> {
    Router::new()
        .route("/dialogs", get(list))
        .route("/dialogs/{dialogId}", get(read).put(seed).delete(remove))
}

async fn list(State(shared_tenant): State<SharedTenant>) -> Response {
    let ids: Vec<Value> = shared_tenant.lock().dialogs.iter().map(|(id, _)| id.into()).collect();
    json_response(StatusCode::OK, &json!({"dialogs": ids}))
}

async fn read(State(shared_tenant): State<SharedTenant>, Id(id): Id) -> Result<Response, Problem> {
    let tenant = shared_tenant.lock();
    let dialog = tenant.dialogs.get(&id).ok_or_else(not_found)?;
    Ok(json_response(StatusCode::OK, &dialog.describe(&id)))
}

async fn seed(
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let dialog = shared_tenant.lock().seed_dialog(&id, body)?;
    Ok(json_response(StatusCode::OK, &dialog))
}

async fn remove(
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    shared_tenant.lock().dialogs.remove(&id).ok_or_else(not_found)?;
    Ok(StatusCode::NO_CONTENT)
}

fn not_found() -> Problem {
    Problem::not_found("There is no dialog with this id.")
}
