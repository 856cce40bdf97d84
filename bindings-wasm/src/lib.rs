//! The WebAssembly side of the npm package `cognigy-context`: thin exports of the core, called only
//! by the TypeScript code in `bindings-wasm/ts`.
//!
//! The crate is built as three modules, one per feature: the rules, the network client with its own
//! copy of the rules that it needs, and the module of schemas and context managers (`documents`). The
//! Code-node script contains a smaller build of the rules (`small`). The module that decompresses these
//! rules is a separate crate, `bindings-wasm/inflate`.
//!
//! Text enters through [`buffer`] and the numbers of a check leave through [`check_result`],
//! because checks are many and small, and copying string arguments would cost more than the check.
//! The inputs of `documents` are few and large, so they enter as strings. All rules, limits and defaults
//! are in the core.
//!
//! Code that the rules and the client share is compiled into both. Except for the buffer and
//! `max_nesting`, only the rules export this code.
#![cfg_attr(
    not(feature = "rules"),
    allow(
        dead_code,
        unused_imports,
        reason = "some shared code is used only by the exports of the rules"
    )
)]

mod args;
#[cfg(any(feature = "rules", feature = "client"))]
pub mod buffer;
#[cfg(feature = "rules")]
pub mod check;
#[cfg(feature = "rules")]
pub mod check_result;
// JavaScript objects belong to one thread, which a native build of the core does not allow.
#[cfg(all(feature = "client", target_arch = "wasm32"))]
pub mod client;
#[cfg(any(feature = "client", all(feature = "rules", not(feature = "small"))))]
pub mod client_options;
#[cfg(any(feature = "rules", feature = "client"))]
pub mod coerce;
#[cfg(feature = "rules")]
pub mod context_document;
#[cfg(any(feature = "rules", feature = "client"))]
pub mod context_injection;
pub mod errors;
#[cfg(any(feature = "rules", feature = "client"))]
pub mod injection_payload;
mod json;
#[cfg(feature = "documents")]
pub mod manager;
#[cfg(feature = "rules")]
pub mod policy;
#[cfg(feature = "rules")]
pub mod request;
#[cfg(feature = "documents")]
pub mod schema;
#[cfg(any(feature = "rules", feature = "client"))]
pub mod state;
#[cfg(any(feature = "rules", feature = "client"))]
pub mod variables;
#[cfg(feature = "rules")]
pub mod webhook;

pub use args::max_nesting;
