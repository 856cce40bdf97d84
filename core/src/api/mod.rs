//! Operations as requests, answers as outcomes: no I/O, no clock, so that the same code serves
//! native clients, the browser, and an HTTP Request node that sends what it is given.

mod answer;
mod base_url;
pub mod botsessions;
mod call;
mod family;
mod ids;
pub mod platform;
pub mod platform_sessions;
pub mod profiles;
mod request;
mod retry_after;
pub mod runtime_v2;
pub mod sessions_v1;
pub mod sessions_v2;
mod token;

pub(crate) use crate::id::check_id;
pub use crate::id::{encode_id, id_is_not_text};
pub(crate) use answer::{failure_of, misshapen, object_below, object_of};
pub use base_url::BaseUrl;
pub(crate) use call::ResourceId;
pub use call::{Authorization, Credential, Idempotency, Operation, PreparedRequest};
pub use family::{ApiFamily, TokenPreset};
pub use request::{Method, Request, Response, Secret};
pub use retry_after::RetryAfter;
pub use token::{AccessToken, TokenRequest};
