//! The routes `/new/v2.0`, Cognigy.AI's public REST API: contexts and states of sessions, and profiles.

pub(crate) mod profiles;
mod sessions;

use crate::tenant::SharedTenant;
use axum::Router;

pub(crate) fn routes() -> Router<SharedTenant> {
    Router::new().nest("/new/v2.0", sessions::routes().merge(profiles::routes()))
}
