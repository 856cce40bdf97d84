//! A Cognigy tenant to develop against: its routes, its limits and its failures, over real HTTP.
//!
//! ```text
//! your code ── HTTP ──▶ CORS ▶ read body, record, rate limit, faults ▶ routes ▶ one tenant in memory
//!                                                                      │
//! your test ── HTTP ──▶ /_sandbox: seed, read back, inject faults, inspect requests
//!           └─ methods of Sandbox: the same
//! ```
//!
//! | family | routes | what it holds |
//! |---|---|---|
//! | platform | `/new/v2.0/sessions`, `/new/v2.0/profiles` | contexts, states, profiles |
//! | sessions_v1 | `/api/v1/sessions/{id}/context` | one JSON document a session |
//! | sessions_v2 | `/api/v2/sessions/{id}`, `…/context` | variables in scopes |
//! | botsessions | `/api/v2/botsessions/{id}/variables` | variables as text, in pages |
//! | runtime_v2 | `/runtime/v2/dialogs/{id}/state` | a dialog's variables and next step |
//!
//! A session is one thing: seed it once, and each family sees its part. The README of the crate
//! lists every route, option and fault.
//!
//! [`Sandbox`] runs a tenant beside your code, on a thread of its own; [`serve`] and
//! [`run_blocking`] run one in the foreground. The platform's rules are written here
//! independently of the `cognigy-context` library, so that the two check each other.
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
mod names;
mod options;
mod platform_session;
mod problem;
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
mod variables;
mod webhooks;

pub use banner::banner;
pub use config::Config;
pub use control::Refused;
pub use counters::Counters;
pub use options::{NoDocument, Options};
pub use rate_limit::{RateLimit, RetryAfter};
pub use sandbox::{Sandbox, run_blocking};
pub use server::{Server, serve};
