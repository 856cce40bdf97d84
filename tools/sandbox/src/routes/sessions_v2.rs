//! Injected variables: `/api/v2/sessions/{sessionId}` and its `context`.

use crate::auth::{Allowed, SessionsReadWrite};
use crate::body::{Id, Measured};
use crate::problem::Problem;
use crate::routes::json_answer;
use crate::state::Shared;
use crate::variables::Winners;
use crate::{clock, etag, injection};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;
use serde_json::json;

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/v2/sessions/{sessionId}", get(exists))
        .route("/api/v2/sessions/{sessionId}/context", get(read).put(inject))
}

#[derive(Serialize)]
struct Context<'a> {
    variables: Winners<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Merged<'a> {
    session_id: &'a str,
    variables: Winners<'a>,
    updated_at: String,
}

/// Responds that the session exists.
async fn exists(
    _: Allowed<SessionsReadWrite>,
    State(shared): State<Shared>,
    Id(id): Id,
) -> Result<Response, Problem> {
    shared.tenant().on_session(&id, |session, _| {
        let created_at = clock::text(session.created_at);
        Ok(json_answer(StatusCode::OK, &json!({"sessionId": id, "createdAt": created_at})))
    })
}

/// Returns the resolved value of each name.
async fn read(
    _: Allowed<SessionsReadWrite>,
    State(shared): State<Shared>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let mut tenant = shared.tenant();
    let options = tenant.options;
    tenant.on_session(&id, |session, _| {
        let context = Context { variables: session.variables.winners() };
        let mut response = json_answer(StatusCode::OK, &context);
        if options.v2_etag {
            session.variables.revision().stamp(&mut response);
        }
        Ok(response)
    })
}

/// Merges variables into the existing ones, unless `If-Match` fails.
async fn inject(
    _: Allowed<SessionsReadWrite>,
    State(shared): State<Shared>,
    Id(id): Id,
    headers: HeaderMap,
    body: Measured,
) -> Result<Response, Problem> {
    let variables = injection::read(body.object, body.length);
    let mut tenant = shared.tenant();
    let options = tenant.options;
    tenant.on_session(&id, |session, revision| {
        let variables = variables?;
        if options.v2_etag && !etag::lets_pass(&headers, Some(session.variables.revision())) {
            return Err(Problem::mismatch(options.v2_conflict_status));
        }
        let now = clock::now();
        session.variables.merge(variables, now, revision)?;
        let answer = Merged {
            session_id: &id,
            variables: session.variables.winners(),
            updated_at: clock::text(now),
        };
        let mut response = json_answer(StatusCode::OK, &answer);
        if options.v2_etag {
            revision.stamp(&mut response);
        }
        Ok(response)
    })
}
