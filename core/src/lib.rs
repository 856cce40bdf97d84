//! Checks, measures, coerces, resolves and safely sends the session-context variables of NICE
//! Cognigy.AI.
//!
//! ```text
//!  JSON text ──┐                       ┌─▶ Report: every issue, with path, code, limit, actual
//!  serde value ┼─ driver ─▶ Checker ───┼─▶ Sizes: JSON bytes, platform bytes, depth
//!  host object ┘   events     ▲        └─▶ compact JSON, the body of the request
//!                             │                       │
//!                          Policy                     ▼
//!                                     api: Request ─▶ client: Transport ─▶ tenant
//! ```
//!
//! | to | use |
//! |---|---|
//! | hold a map of names to values against a [`Policy`] | [`check()`], [`check_json`], [`CheckOptions`] |
//! | know how large a value is | [`measure`], [`measure_json`] |
//! | read an answer of variables: typed, resolved | [`parse_variables`], [`coerce()`], [`mod@scope`] |
//! | write a payload of variables | [`InjectionPayload`] |
//! | write or split an update of a dialog's state | [`StateUpdate`] |
//! | keep context documents: merged, sized, timed | [`ContextManager`], [`serialize_context`], [`deep_merge`] |
//! | hold a document to a JSON Schema (feature `schema`) | `Schema` |
//! | read an event of the web-messaging webhook | [`WebhookEvent`] |
//! | build requests and read answers without I/O | [`api`] |
//! | send them (over HTTP with the feature `http`) | [`Client`] |

#[doc(hidden)]
#[path = "bindings.rs"]
pub mod __bindings;
pub mod api;
mod canonical;
pub mod check;
pub mod client;
mod clock;
pub mod coerce;
pub mod context;
mod error;
mod id;
pub mod injection;
mod issue;
mod merge;
mod number;
mod path;
pub mod policy;
mod report;
#[cfg(feature = "schema")]
mod schema;
pub mod scope;
#[cfg(test)]
#[path = "../tests/support/seed.rs"]
mod seed;
mod session;
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
pub use injection::{InjectionPayload, InjectionVariable};
pub use issue::{Code, Issue, Severity};
pub use merge::deep_merge;
pub use policy::{Policy, PolicyError, Preset};
pub use report::{Report, Sizes, ValidationError};
#[cfg(feature = "schema")]
pub use schema::Schema;
pub use session::{hash_session_id, hash_session_id_keyed};
pub use state::StateUpdate;
pub use variables::{Variable, Variables, debug_view, parse_variables};
pub use webhook::{WebhookEvent, event_id};
