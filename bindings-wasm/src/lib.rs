//! The WebAssembly side of the npm package `cognigy-context`: thin exports over the core, called
//! by the TypeScript beside them and by nobody else.
//!
//! There are four modules of it: the rules; the client, which has a copy of those that it needs; the
//! documents that a schema is held against; and a tiny one that unpacks the rules in a Code node. Text
//! comes in through `buffer` and figures go out through `outcome`, without the copies and allocations
//! of string arguments, where calls are many and small; documents are few and large and come as
//! strings. Nothing is decided here.
//!
//! What the rules and the client share is compiled for both; only the rules export it.
#![cfg_attr(
    not(feature = "rules"),
    allow(
        dead_code,
        unused_imports,
        reason = "part of what is shared is there for the rules' exports"
    )
)]

#[cfg(any(feature = "rules", feature = "client"))]
pub mod buffer;
#[cfg(feature = "rules")]
pub mod check;
// The host's objects belong to one thread, which a native build of the core does not allow.
#[cfg(all(feature = "client", target_arch = "wasm32"))]
pub mod client;
#[cfg(any(feature = "rules", feature = "client"))]
pub mod coerce;
#[cfg(feature = "rules")]
pub mod document;
#[cfg(any(feature = "rules", feature = "client", feature = "documents"))]
pub mod failure;
#[cfg(any(feature = "client", all(feature = "rules", not(feature = "small"))))]
mod fields;
#[cfg(feature = "inflate")]
pub mod inflate;
#[cfg(any(feature = "rules", feature = "client"))]
pub mod injection;
#[cfg(any(feature = "rules", feature = "client", feature = "documents"))]
mod json;
#[cfg(feature = "documents")]
pub mod manager;
#[cfg(any(feature = "client", all(feature = "rules", not(feature = "small"))))]
pub mod options;
#[cfg(feature = "rules")]
pub mod outcome;
#[cfg(any(feature = "rules", feature = "client"))]
pub mod payload;
#[cfg(feature = "rules")]
pub mod policy;
#[cfg(feature = "rules")]
pub mod request;
#[cfg(feature = "documents")]
pub mod schema;
#[cfg(any(feature = "rules", feature = "client"))]
pub mod state;
#[cfg(any(feature = "rules", feature = "client", feature = "documents"))]
pub mod text;
#[cfg(any(feature = "rules", feature = "client"))]
pub mod variables;
#[cfg(feature = "rules")]
pub mod webhook;
