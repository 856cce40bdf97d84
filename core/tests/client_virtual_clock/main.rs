//! The client on a virtual clock: tokens, rate limits, webhook deliveries, audit records.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed assumption should fail the test"
)]

mod records;
mod requests;
#[path = "../support/mod.rs"]
mod support;
mod tokens;
mod untrusted_responses;
mod webhooks;

use std::time::Duration;

use cognigy_context::api::{ApiFamily, Request};
use cognigy_context::client::{ClientBuilder, Limits, Transport};
use cognigy_context::{Client, Error, InjectionPayload, InjectionVariable};
use serde_json::json;
use support::{Host, Server, ServerReply, response};

/// A server that stores the requests with their times, and replies with a function.
struct Recorder<F> {
    /// The requests with their times since the start of the clock.
    requests: Vec<(Duration, Request)>,
    handler: F,
}

impl<F> Server for Recorder<F>
where
    F: FnMut(&Request) -> ServerReply + Send + 'static,
{
    fn reply(&mut self, now: Duration, request: &Request, _: Limits) -> ServerReply {
        self.requests.push((now, request.clone()));
        (self.handler)(request)
    }
}

/// Returns a transport with a virtual clock, and with a server that stores the requests and replies with `handler`.
fn host<F>(handler: F) -> Host<Recorder<F>>
where
    F: FnMut(&Request) -> ServerReply + Send + 'static,
{
    let seed = 7;
    Host::new(Recorder { requests: Vec::new(), handler }, seed)
}

fn builder() -> ClientBuilder {
    Client::builder().base_url("https://api.example")
}

fn header<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    request.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
}

fn is_token_request(request: &Request) -> bool {
    request.url.contains("token")
}

/// The latency of a fast server.
const SHORT_LATENCY: Duration = Duration::from_millis(10);

/// Returns a handler that replies to every operation with success, and to token requests with numbered
/// tokens: `token-1`, `token-2`, … `lifetime` is their `expires_in` in seconds; `None` omits the field.
fn tenant(lifetime: Option<u64>) -> impl FnMut(&Request) -> ServerReply + Send + 'static {
    let mut token_count = 0;
    move |request| {
        if is_token_request(request) {
            token_count += 1;
            let mut token =
                json!({"access_token": format!("token-{token_count}"), "token_type": "bearer"});
            if let Some(lifetime) = lifetime {
                token["expires_in"] = lifetime.into();
            }
            return (SHORT_LATENCY, response(200, &token.to_string()));
        }
        (SHORT_LATENCY, response(200, r#"{"variables":[],"a":1}"#))
    }
}

/// Calls one operation of a family.
async fn call<T: Transport>(client: &Client<T>, family: ApiFamily) -> Result<(), Error> {
    let query = cognigy_context::api::botsessions::VariablesQuery::default();
    match family {
        ApiFamily::SessionsV1 => client.append_variables("s", &json!({"a": 1})).await.map(drop),
        ApiFamily::SessionsV2 => client.session_exists("s").await.map(drop),
        ApiFamily::Botsessions => client.get_variables("s", &query).await.map(drop),
        ApiFamily::Documents => client.get_document("s").await.map(drop),
        ApiFamily::RuntimeV2 => client.get_state("d").await.map(drop),
        ApiFamily::Platform => client.inject_context("s", "u", &json!({"b": 1})).await.map(drop),
    }
}

fn payload() -> InjectionPayload {
    InjectionPayload::new("s-1", [InjectionVariable::new("a", json!(1))])
}
