//! Context documents: written as JSON, held to a schema and a size, each part with a time to live.

mod audit;
mod fast_path;
#[cfg(test)]
mod fast_path_tests;
mod manager;
mod options;
mod pointer;
mod prune;
pub(crate) mod results;
pub(crate) mod serialize;
mod session;
mod ttl;

pub use audit::AuditEntry;
pub use manager::ContextManager;
pub use options::ContextOptions;
pub use results::{Inspection, UpdateResult};
pub(crate) use serialize::document_policy;
pub use serialize::serialize_context;
