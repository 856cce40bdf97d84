//! The routes `/new/v2.0/sessions/{sessionId}/…`. They create a session on first use.
//!
//! In each handler `Allowed<Platform>` rejects a request without a valid API key or token, `Id` is the
//! decoded session id, and `JsonObject` is the parsed body.

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

/// Writes each key of the `context` in the body into the stored context. Returns the complete stored
/// context.
async fn inject_context(
    _: Allowed<Platform>,
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let mut fields = Fields::of(body);
    // The tuple reads every field before the match, so the problem lists all missing fields.
    let (Some(user_id), Some(context)) =
        (fields.required_nonempty_string("userId"), fields.required_object("context"))
    else {
        return Err(fields.into_problem());
    };
    // In platform bytes. A value that exceeds the limit is replaced by an error text.
    let limit = shared_tenant.config().context_limit;
    let stored_json = shared_tenant.lock().change_platform_session(&id, |session| {
        session.set_user_if_unset(user_id);
        session.inject(context, limit);
    })?;
    Ok(json_text_response(StatusCode::OK, stored_json))
}

/// Clears the context and returns the empty context.
async fn reset_context(
    _: Allowed<Platform>,
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let mut fields = Fields::of(body);
    // The platform requires the flow and the entry point. The sandbox has no flows, so it ignores them.
    let (Some(user_id), Some(_), Some(_)) = (
        fields.required_nonempty_string("userId"),
        fields.required_nonempty_string("flowReferenceId"),
        fields.required_nonempty_string("entrypoint"),
    ) else {
        return Err(fields.into_problem());
    };
    let stored_json = shared_tenant.lock().change_platform_session(&id, |session| {
        session.set_user_if_unset(user_id);
        session.context.clear();
    })?;
    Ok(json_text_response(StatusCode::OK, stored_json))
}

/// Sets the state of the session, a text, and returns it as `{"state": …}`.
async fn inject_state(
    _: Allowed<Platform>,
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let mut fields = Fields::of(body);
    let (Some(user_id), Some(state)) =
        (fields.required_nonempty_string("userId"), fields.required_nonempty_string("state"))
    else {
        return Err(fields.into_problem());
    };
    let response = json!({"state": &state});
    shared_tenant.lock().change_platform_session(&id, |session| {
        session.set_user_if_unset(user_id);
        session.state = Some(state);
    })?;
    Ok(json_response(StatusCode::OK, &response))
}

/// Deletes the state of the session and returns 204.
async fn reset_state(
    _: Allowed<Platform>,
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let mut fields = Fields::of(body);
    let Some(user_id) = fields.required_nonempty_string("userId") else {
        return Err(fields.into_problem());
    };
    shared_tenant.lock().change_platform_session(&id, |session| {
        session.set_user_if_unset(user_id);
        session.state = None;
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
