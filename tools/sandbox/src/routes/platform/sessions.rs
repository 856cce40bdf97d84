//! The session routes of the platform. They create a session on first use.

use crate::auth::{Allowed, Platform};
use crate::body::{Id, JsonObject};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::routes::{json_response, json_text_response};
use crate::tenant::SharedTenant;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::json;

pub(crate) fn routes() -> Router<SharedTenant> {
    Router::new()
        .route("/sessions/{sessionId}/context/inject", post(inject_context))
        .route("/sessions/{sessionId}/context/reset", post(reset_context))
        .route("/sessions/{sessionId}/state/inject", post(inject_state))
        .route("/sessions/{sessionId}/state/reset", post(reset_state))
}

/// Sets each key of `context` and returns the complete context.
async fn inject_context(
    _: Allowed<Platform>,
    State(shared): State<SharedTenant>,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let mut fields = Fields::of(body);
    let (Some(user_id), Some(context)) =
        (fields.required_text("userId"), fields.required_object("context"))
    else {
        return Err(fields.into_problem());
    };
    let limit = shared.config().context_limit;
    let context = shared.tenant().change_platform_session(&id, |session| {
        session.set_first_user(user_id);
        session.inject(context, limit);
    })?;
    Ok(json_text_response(StatusCode::OK, context))
}

/// Clears the context and returns it.
async fn reset_context(
    _: Allowed<Platform>,
    State(shared): State<SharedTenant>,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let mut fields = Fields::of(body);
    let (Some(user_id), Some(_), Some(_)) = (
        fields.required_text("userId"),
        fields.required_text("flowReferenceId"),
        fields.required_text("entrypoint"),
    ) else {
        return Err(fields.into_problem());
    };
    let context = shared.tenant().change_platform_session(&id, |session| {
        session.set_first_user(user_id);
        session.context.clear();
    })?;
    Ok(json_text_response(StatusCode::OK, context))
}

/// Sets the state and returns it.
async fn inject_state(
    _: Allowed<Platform>,
    State(shared): State<SharedTenant>,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let mut fields = Fields::of(body);
    let (Some(user_id), Some(state)) =
        (fields.required_text("userId"), fields.required_text("state"))
    else {
        return Err(fields.into_problem());
    };
    let response = json!({"state": &state});
    shared.tenant().change_platform_session(&id, |session| {
        session.set_first_user(user_id);
        session.state = Some(state);
    })?;
    Ok(json_response(StatusCode::OK, &response))
}

/// Deletes the state and returns 204.
async fn reset_state(
    _: Allowed<Platform>,
    State(shared): State<SharedTenant>,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let mut fields = Fields::of(body);
    let Some(user_id) = fields.required_text("userId") else {
        return Err(fields.into_problem());
    };
    shared.tenant().change_platform_session(&id, |session| {
        session.set_first_user(user_id);
        session.state = None;
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
