//! The workflows: splitting state updates, context managers and schemas.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed assumption should fail the test"
)]

mod context_manager;
#[cfg(feature = "schema")]
mod schema;
mod schema_limits;
#[path = "../support/seed.rs"]
mod seed;
mod state_update;
