//! Context documents: serialised as JSON, valid against a schema, within a size limit, with a time to live per leaf.

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
