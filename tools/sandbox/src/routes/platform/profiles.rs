//! The routes `/new/v2.0/profiles`: the profiles of contacts.

use crate::auth::{Allowed, Platform};
use crate::body::{Id, JsonObject};
use crate::problem::Problem;
use crate::profile::{Profile, ProfileChange};
use crate::routes::{json_response, json_text_response};
use crate::store::checked_weight;
use crate::tenant::{SharedTenant, Tenant};
use crate::{javascript, random};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};

/// The length of a profile id, in characters.
const ID_LENGTH: usize = 24;

pub(crate) fn routes() -> Router<SharedTenant> {
    Router::new()
        .route("/profiles", get(list).post(create))
        .route("/profiles/{profileId}", get(read).patch(update).delete(remove))
}

impl Tenant {
    /// Stores a profile and returns it as JSON text. Fails with 409 if a contact id belongs to another
    /// profile, and with 413 over 16 MiB.
    fn put_profile(&mut self, id: &str, profile: Profile) -> Result<Vec<u8>, Problem> {
        let has_conflict = self
            .profiles
            .iter()
            .any(|(other, stored)| other != id && stored.shares_contact_id(&profile));
        if has_conflict {
            return Err(Problem::conflict("A contact id belongs to another profile."));
        }
        let text = javascript::to_json(&profile.to_json(id));
        let weight = checked_weight(text.len())?;
        self.profiles.put(id, profile, weight);
        Ok(text)
    }
}

async fn list(_: Allowed<Platform>, State(shared_tenant): State<SharedTenant>) -> Response {
    let items: Vec<Value> =
        shared_tenant.lock().profiles.iter().map(|(id, profile)| profile.to_json(id)).collect();
    json_response(StatusCode::OK, &json!({"total": items.len(), "items": items}))
}

async fn create(
    _: Allowed<Platform>,
    State(shared_tenant): State<SharedTenant>,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let change = ProfileChange::read(body)?;
    let mut profile = Profile::new();
    change.apply(&mut profile);
    let text = shared_tenant.lock().put_profile(&random::hex(ID_LENGTH), profile)?;
    Ok(json_text_response(StatusCode::CREATED, text))
}

async fn read(
    _: Allowed<Platform>,
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
) -> Result<Response, Problem> {
    check_id(&id)?;
    let profile = shared_tenant
        .lock()
        .profiles
        .get(&id)
        .map(|profile| profile.to_json(&id))
        .ok_or_else(not_found)?;
    Ok(json_response(StatusCode::OK, &profile))
}

async fn update(
    _: Allowed<Platform>,
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    check_id(&id)?;
    let change = ProfileChange::read(body)?;
    let mut tenant = shared_tenant.lock();
    let mut profile = tenant.profiles.get(&id).cloned().ok_or_else(not_found)?;
    change.apply(&mut profile);
    let text = tenant.put_profile(&id, profile)?;
    Ok(json_text_response(StatusCode::OK, text))
}

async fn remove(
    _: Allowed<Platform>,
    State(shared_tenant): State<SharedTenant>,
    Id(id): Id,
) -> Result<Response, Problem> {
    check_id(&id)?;
    shared_tenant.lock().profiles.remove(&id).ok_or_else(not_found)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn check_id(id: &str) -> Result<(), Problem> {
    let is_valid = id.len() == ID_LENGTH
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if is_valid {
        Ok(())
    } else {
        Err(Problem::invalid("A profile id must have 24 characters of a-z and 0-9.", Vec::new()))
    }
}

fn not_found() -> Problem {
    Problem::not_found("There is no profile with this id.")
}
