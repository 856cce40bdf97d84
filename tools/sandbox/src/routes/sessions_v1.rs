//! Context documents: `/api/v1/sessions/{sessionId}/context`.

use crate::auth::{Allowed, ContextReadWrite, SessionWrite};
use crate::body::{Id, JsonObject};
use crate::fields::Fields;
use crate::options::MissingDocumentResponse;
use crate::problem::Problem;
use crate::routes::json_response;
use crate::tenant::SharedTenant;
use crate::{clock, etag};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Serialize;
use serde_json::{Map, Value, json};

pub(crate) fn routes() -> Router<SharedTenant> {
    Router::new().route("/api/v1/sessions/{sessionId}/context", post(append).get(read).put(replace))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Appended<'a> {
    session_id: &'a str,
    variables: Option<&'a Map<String, Value>>,
    updated_at: String,
}

/// Sets top-level keys of the document and returns the complete document in `variables`.
async fn append(
    _: Allowed<SessionWrite>,
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let mut fields = Fields::of(body);
    let Some(variables) = fields.required_object("variables") else {
        return Err(fields.into_problem());
    };
    let mut tenant = shared_tenant.lock();
    let has_etag = tenant.options.v1_etag;
    tenant.with_session(&id, |session, revision| {
        session.document.merge(variables, revision)?;
        let body = Appended {
            session_id: &id,
            variables: session.document.content(),
            updated_at: clock::to_rfc3339(clock::now()),
        };
        let mut response = json_response(StatusCode::OK, &body);
        if has_etag {
            revision.set_header(&mut response);
        }
        Ok(response)
    })
}

/// Returns the document itself. The option `v1_no_document` sets the response without a document.
async fn read(
    _: Allowed<ContextReadWrite>,
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let mut tenant = shared_tenant.lock();
    let options = tenant.options;
    tenant.with_session(&id, |session, _| {
        let Some(content) = session.document.content() else {
            return Ok(match options.v1_no_document {
                MissingDocumentResponse::EmptyBody => StatusCode::OK.into_response(),
                MissingDocumentResponse::NoContent => StatusCode::NO_CONTENT.into_response(),
                MissingDocumentResponse::EmptyObject => json_response(StatusCode::OK, &json!({})),
            });
        };
        let mut response = json_response(StatusCode::OK, content);
        if let (true, Some(revision)) = (options.v1_etag, session.document.revision()) {
            revision.set_header(&mut response);
        }
        Ok(response)
    })
}

/// Replaces the document. Fails with 412 if `If-Match` does not match.
async fn replace(
    _: Allowed<ContextReadWrite>,
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
    headers: HeaderMap,
    JsonObject(document): JsonObject,
) -> Result<Response, Problem> {
    let mut tenant = shared_tenant.lock();
    let options = tenant.options;
    tenant.with_session(&id, |session, revision| {
        if options.v1_etag && !etag::is_precondition_met(&headers, session.document.revision()) {
            return Err(Problem::mismatch(412));
        }
        session.document.replace(document, revision)?;
        let mut response = match session.document.content() {
            Some(content) if options.v1_put_returns_document => {
                json_response(StatusCode::OK, content)
            }
            _ => StatusCode::OK.into_response(),
        };
        if options.v1_etag {
            revision.set_header(&mut response);
        }
        Ok(response)
    })
}
