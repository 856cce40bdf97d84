//! Builds the HTTP requests of every operation and reads their responses, without I/O and without a
//! clock.
//!
//! The native [`Client`](crate::Client), the browser and a Cognigy HTTP Request node use this code: each
//! of them sends the [`Request`] itself and passes the [`Response`] back. Each public module contains
//! the routes of one [`ApiFamily`] or a part of them; [`sessions_v1`] contains those of two. For each
//! function that returns a [`PreparedRequest`] a `read_…` function reads the response.

mod api_family;
mod base_url;
pub mod botsessions;
mod credentials;
mod entity_tag;
mod http_url;
mod id_validator;
mod operation;
pub mod platform;
pub mod platform_sessions;
mod prepared_request;
pub mod profiles;
mod request;
mod response_parsing;
mod retry_after;
pub mod runtime_v2;
mod server_text;
pub mod sessions_v1;
pub mod sessions_v2;
mod token;

pub(crate) use crate::path_encoding::check_id;
pub use crate::path_encoding::{encode_id, id_is_not_text};
pub use api_family::{ApiFamily, TokenPreset};
pub use base_url::BaseUrl;
pub(crate) use credentials::MAX_HEADER_VALUE_BYTES;
pub use credentials::{Authorization, Credential, Secret};
pub(crate) use http_url::check_http_url;
pub use operation::Operation;
pub(crate) use prepared_request::ResourceId;
pub use prepared_request::{Idempotency, PreparedRequest};
pub use request::{Method, Request, Response};
pub(crate) use response_parsing::{
    error_from_response, invalid_response, parse_object, parse_object_at,
};
pub use retry_after::RetryAfter;
pub(crate) use server_text::reveals;
pub use token::{AccessToken, TokenRequest};
