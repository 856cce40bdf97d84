//! A local Cognigy tenant for development and tests: routes, limits and failures over HTTP.
//!
//! ```text
//! your code ── HTTP ──▶ CORS ▶ read body, log, rate limit, faults ▶ routes ▶ tenant in memory
//!                                                                      │
//! your test ── HTTP ──▶ /_sandbox: seed data, read it back, inject faults, inspect requests
//!           └─ most of them also as methods of Sandbox
//! ```
//!
//! | API family | routes | data |
//! |---|---|---|
//! | platform | `/new/v2.0/sessions`, `/new/v2.0/profiles` | contexts, states, profiles |
//! | sessions_v1 | `/api/v1/sessions/{id}/context` | one JSON document per session |
//! | sessions_v2 | `/api/v2/sessions/{id}`, `…/context` | variables with scopes |
//! | botsessions | `/api/v2/botsessions/{id}/variables` | variables as text, paginated |
//! | runtime_v2 | `/runtime/v2/dialogs/{id}/state` | a dialog's variables and next step |
//!
//! The family `platform` is Cognigy.AI's public REST API; the others are the integration APIs.
//! All API families except `runtime_v2`, which has dialogs, share the sessions. Each of them has its own
//! part of a session; `botsessions` also returns the variables of `sessions_v2`. The README of the crate
//! lists every route, option and fault.
//!
//! [`Sandbox`] runs a tenant in a background thread. [`serve`] and [`run_blocking`] run a tenant in
//! the foreground. The crate implements the platform's rules independently of the `cognigy-context`
//! library, so that each implementation tests the other.
//!
//! # Example
//!
//! ```
//! use cognigy_context_sandbox::{Config, Sandbox};
//!
//! # fn main() -> std::io::Result<()> {
//! let sandbox = Sandbox::start(Config::default())?;
//! // Point a client at `sandbox.url()` with the API key "sandbox-key".
//! assert!(sandbox.url().starts_with("http://127.0.0.1:"));
//! sandbox.stop();
//! # Ok(())
//! # }
//! ```

mod app;
mod auth;
mod banner;
mod body;
mod bot_variables;
mod clock;
mod config;
mod control;
mod counters;
mod dialog;
mod document;
mod etag;
mod faults;
mod fields;
mod injection;
mod javascript;
mod middleware;
mod options;
mod platform_session;
mod problem;
mod profile;
mod random;
mod rate_limit;
mod request_log;
mod route_class;
mod routes;
mod sandbox;
mod seed;
mod server;
mod session;
mod size;
mod store;
mod tenant;
mod tokens;
mod variable_names;
mod variables;
mod webhooks;

pub use banner::banner;
pub use config::Config;
pub use control::ControlError;
pub use counters::Counters;
pub use options::{MissingDocumentResponse, Options};
pub use rate_limit::{RateLimit, RetryAfter};
pub use sandbox::{Sandbox, run_blocking};
pub use server::{Server, serve};
