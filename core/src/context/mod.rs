//! Context documents: written as JSON, held to a schema and a size, each part with a time to live.

mod audit;
mod in_place;
#[cfg(test)]
mod in_place_tests;
mod leaves;
mod manager;
mod options;
pub(crate) mod outcome;
mod prune;
pub(crate) mod serialize;
mod session;
mod stamps;

pub use audit::AuditEntry;
pub use manager::ContextManager;
pub use options::ContextOptions;
pub use outcome::{Inspection, UpdateResult};
pub(crate) use serialize::document_policy;
pub use serialize::serialize_context;
