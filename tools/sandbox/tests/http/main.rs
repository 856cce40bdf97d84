//! Tests of the sandbox over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests and their helpers fail by panicking"
)]

mod auth;
mod botsessions;
mod broken_responses;
mod config;
mod cors;
mod faults;
mod lifecycle;
mod limits;
mod profiles;
mod rate_limit;
mod requests;
mod runtime_v2;
mod sessions;
mod sessions_v1;
mod sessions_v2;
mod support;
mod tokens;
mod webhook;
