//! Variable injection: `/api/v2/sessions/{sessionId}` and `/api/v2/sessions/{sessionId}/context`.

use crate::auth::{Allowed, SessionsReadWrite};
use crate::body::{Id, SizedJsonObject};
use crate::problem::Problem;
use crate::routes::json_response;
use crate::tenant::SharedTenant;
use crate::variables::ResolvedVariables;
use crate::{clock, etag, injection};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;
use serde_json::json;

pub(crate) fn routes() -> Router<SharedTenant> {
    Router::new()
        .route("/api/v2/sessions/{sessionId}", get(read_session))
        .route("/api/v2/sessions/{sessionId}/context", get(read).put(inject))
}

#[derive(Serialize)]
struct Context<'a> {
    variables: ResolvedVariables<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Injected<'a> {
    session_id: &'a str,
    variables: ResolvedVariables<'a>,
    updated_at: String,
}

/// Returns the id and the creation time of the session.
async fn read_session(
    _: Allowed<SessionsReadWrite>,
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
) -> Result<Response, Problem> {
    shared_tenant.lock().with_session(&id, |session, _| {
        let created_at = clock::to_rfc3339(session.created_at);
        Ok(json_response(StatusCode::OK, &json!({"sessionId": id, "createdAt": created_at})))
    })
}

/// Returns the resolved value of each name.
async fn read(
    _: Allowed<SessionsReadWrite>,
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let mut tenant = shared_tenant.lock();
    let options = tenant.options;
    tenant.with_session(&id, |session, _| {
        let context = Context { variables: session.variables.resolved() };
        let mut response = json_response(StatusCode::OK, &context);
        if options.v2_etag {
            session.variables.revision().set_header(&mut response);
        }
        Ok(response)
    })
}

/// Merges variables into the existing ones. Fails if `If-Match` does not match, with the status of the
/// option `v2_conflict_status`.
async fn inject(
    _: Allowed<SessionsReadWrite>,
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
    headers: HeaderMap,
    body: SizedJsonObject,
) -> Result<Response, Problem> {
    let variables = injection::read(body.object, body.length);
    let mut tenant = shared_tenant.lock();
    let options = tenant.options;
    tenant.with_session(&id, |session, revision| {
        let variables = variables?;
        if options.v2_etag
            && !etag::is_precondition_met(&headers, Some(session.variables.revision()))
        {
            return Err(Problem::mismatch(options.v2_conflict_status));
        }
        let now = clock::now();
        session.variables.merge(variables, now, revision)?;
        let body = Injected {
            session_id: &id,
            variables: session.variables.resolved(),
            updated_at: clock::to_rfc3339(now),
        };
        let mut response = json_response(StatusCode::OK, &body);
        if options.v2_etag {
            revision.set_header(&mut response);
        }
        Ok(response)
    })
}
