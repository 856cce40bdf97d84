//! The state of dialogs: `/runtime/v2/dialogs/{dialogId}/state`.

use crate::auth::{Allowed, DialogRead, RuntimeWrite};
use crate::body::{Id, JsonObject};
use crate::dialog::Update;
use crate::problem::Problem;
use crate::routes::json_response;
use crate::tenant::SharedTenant;
use crate::{clock, etag};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

pub(crate) fn routes() -> Router<SharedTenant> {
    Router::new().route("/runtime/v2/dialogs/{dialogId}/state", get(read).patch(update))
}

/// Returns the state of a dialog.
async fn read(
    _: Allowed<DialogRead>,
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
) -> Result<Response, Problem> {
    shared_tenant.lock().with_dialog(&id, |dialog, _| {
        let mut response = json_response(StatusCode::OK, &dialog.state());
        dialog.revision().set_header(&mut response);
        Ok(response)
    })
}

/// Merges an update into the state. Fails if `If-Match` does not match, with the status of the option
/// `runtime_conflict_status`.
async fn update(
    _: Allowed<RuntimeWrite>,
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
    headers: HeaderMap,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let update = Update::read(body);
    let mut tenant = shared_tenant.lock();
    let options = tenant.options;
    tenant.with_dialog(&id, |dialog, revision| {
        let update = update?;
        if !etag::is_precondition_met(&headers, Some(dialog.revision())) {
            return Err(Problem::mismatch(options.runtime_conflict_status));
        }
        dialog.update(update, revision)?;
        let body = json!({
            "dialogId": id,
            "version": dialog.version(),
            "updatedAt": clock::to_rfc3339(clock::now()),
        });
        let mut response = json_response(StatusCode::OK, &body);
        revision.set_header(&mut response);
        Ok(response)
    })
}
