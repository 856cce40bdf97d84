//! Checks, measures, coerces, resolves and safely sends the session-context variables of NICE
//! Cognigy.AI.
//!
//! ```text
//!  JSON text ──┐                        ┌─▶ Report: every issue, with path, code, limit, actual
//!  serde value ┼─ visitor ─▶ Checker ───┼─▶ Sizes: JSON bytes, platform bytes, depth
//!  host object ┘   events      ▲        └─▶ compact JSON, the body of the request
//!                              │                       │
//!                           Policy                     ▼
//!                              api: PreparedRequest ─▶ client: Transport ─▶ tenant
//! ```
//!
//! # Where to start
//!
//! | task | item |
//! |---|---|
//! | Check a map of names to values with a [`Policy`] | [`check()`], [`check_json`], [`CheckOptions`] |
//! | Measure a value | [`measure`], [`measure_json`] |
//! | Read a response with variables: typed values, scopes resolved | [`parse_variables`], [`coerce()`], [`mod@scope`] |
//! | Write a payload of injected variables | [`InjectionPayload`] |
//! | Write or split an update of a dialog's state | [`StateUpdate`] |
//! | Manage context documents: merge, size limit, time to live | [`ContextManager`], [`serialize_context`], [`deep_merge`] |
//! | Validate a document with a JSON Schema (feature `schema`) | `Schema` |
//! | Read an event of the web-messaging webhook | [`WebhookEvent`] |
//! | Build requests and read responses without I/O | [`api`] |
//! | Send requests (over HTTP with the feature `http`) | [`Client`] |
//!
//! # Errors
//!
//! Invalid data is a [`ValidationError`], which contains a [`Report`] with every [`Issue`]. A wrong
//! setting is a [`ConfigurationError`], a failed request an [`ApiError`]. The [`Client`] returns all
//! three as [`Error`]. Messages contain paths, names and sizes; they never contain values, secrets or
//! session ids.
//!
//! # Features
//!
//! Without features the crate opens no network connection and builds for `wasm32-unknown-unknown`.
//!
//! - `http`: sends requests over HTTP (tokio and reqwest).
//! - `schema`: validates with JSON Schema.
//! - `small`: less code at the price of speed, with the same results.

#[doc(hidden)]
#[path = "bindings.rs"]
pub mod __bindings;
#[doc(hidden)]
#[path = "fuzzing.rs"]
pub mod __fuzzing;
pub mod api;
mod canonical;
pub mod check;
pub mod client;
mod clock;
pub mod coerce;
pub mod context;
mod display_text;
mod error;
mod hashing;
pub mod injection;
mod issue;
mod merge;
mod number;
mod path;
mod path_encoding;
pub mod policy;
mod report;
#[cfg(feature = "schema")]
mod schema;
pub mod scope;
#[cfg(test)]
#[path = "../tests/support/seed.rs"]
mod seed;
pub mod state;
mod sync;
pub mod variables;
mod webhook;

pub use canonical::canonical_json;
pub use check::{CheckOptions, ExistingContext, check, check_json, measure, measure_json};
pub use client::Client;
pub use clock::{Clock, ManualClock, SystemClock};
pub use coerce::coerce;
pub use context::{ContextManager, ContextOptions, serialize_context};
pub use error::{ApiError, ApiErrorKind, ConfigurationError, Error, PlatformCode};
pub use hashing::{hash_session_id, hash_session_id_keyed};
pub use injection::{InjectionPayload, InjectionVariable};
pub use issue::{Code, Issue, Severity};
pub use merge::deep_merge;
pub use policy::{Policy, PolicyError, Preset};
pub use report::{Report, Sizes, ValidationError};
#[cfg(feature = "schema")]
pub use schema::Schema;
pub use state::StateUpdate;
pub use variables::{Variable, Variables, debug_view, parse_variables};
pub use webhook::{WebhookEvent, event_id};
