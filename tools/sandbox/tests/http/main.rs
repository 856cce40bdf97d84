//! The sandbox over real HTTP, as a client sees it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail by panicking, in its helpers too"
)]

mod auth;
mod botsessions;
mod broken_answers;
mod browser;
mod config;
mod faults;
mod life;
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
