//! Runs the scenarios of all clients with the Rust client, over HTTP against the sandbox.

#![cfg(feature = "http")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed assumption should fail the test"
)]

mod calls;
mod matching;

use std::collections::BTreeMap;
use std::time::Duration;

use cognigy_context::Client;
use cognigy_context::api::{Method, Request};
use cognigy_context::client::{HttpTransport, Limits, Rate, Settings, Transport};
use cognigy_context_sandbox::{Config, Sandbox};
use futures_util::stream::{self, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};

use matching::{expand, mismatch};

/// The number of scenarios, compared with the file so that none is skipped.
const SCENARIO_COUNT: usize = 54;

/// The number of scenarios that run at the same time. They mostly wait.
const CONCURRENCY: usize = 8;

/// The timeout of attempts, connections, tokens and webhooks, long enough for a slow machine.
const GENEROUS_TIMEOUT: Duration = Duration::from_secs(600);

/// A scenario: control requests, then calls of a client, then control requests with expected responses.
#[derive(Deserialize)]
struct Scenario {
    name: String,
    #[serde(default)]
    control: Vec<Control>,
    #[serde(default)]
    client: Options,
    steps: Vec<Step>,
    #[serde(default)]
    then: Vec<Control>,
}

/// A request to the sandbox's control routes.
#[derive(Clone, Deserialize)]
struct Control {
    method: String,
    path: String,
    body: Option<Value>,
    expect: Option<Value>,
}

/// The options of the client. The client has its own default for an absent option.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Options {
    /// `client` (default), `key`, `bearer` (an unknown token) or `wrong` (an invalid secret).
    auth: Option<String>,
    max_retries: Option<u32>,
    /// In seconds.
    deadline: Option<f64>,
    max_concurrent: Option<usize>,
    session_id_prefix: Option<String>,
    rate: Option<RateOption>,
    crm_webhook: bool,
    crm_webhook_secret: Option<String>,
    snapshot_webhook: bool,
}

#[derive(Deserialize)]
struct RateOption {
    requests: usize,
    /// In seconds.
    window: f64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Step {
    Call(Call),
    Between { control: Control },
}

#[derive(Deserialize)]
struct Call {
    call: String,
    args: Value,
    expect: Expected,
    /// The number of simultaneous calls (default 1).
    parallel: Option<usize>,
    /// The JSON Pointers of the results to save, by name.
    #[serde(default)]
    save: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Expected {
    Ok(Value),
    Error(Value),
}

fn client_of(options: &Options, url: &str) -> Client {
    let settings = Settings {
        max_concurrent: 64,
        attempt_timeout: GENEROUS_TIMEOUT,
        connect_timeout: GENEROUS_TIMEOUT,
        token_timeout: GENEROUS_TIMEOUT,
        webhook_timeout: GENEROUS_TIMEOUT,
        ..Settings::default()
    };
    let mut builder = Client::builder().base_url(url).settings(settings);
    builder = match options.auth.as_deref() {
        None | Some("client") => builder.client_credentials("sandbox", "sandbox"),
        Some("key") => builder.api_key("sandbox-key"),
        Some("bearer") => builder.bearer_token("an-unknown-token"),
        Some("wrong") => builder.client_credentials("sandbox", "not-the-secret"),
        Some(other) => panic!("unknown auth {other}"),
    };
    let rate = options
        .rate
        .as_ref()
        .map(|rate| Rate { requests: rate.requests, window: Duration::from_secs_f64(rate.window) });
    builder = builder.rates(rate, rate);
    if let Some(retries) = options.max_retries {
        builder = builder.max_retries(retries);
    }
    if let Some(deadline) = options.deadline {
        builder = builder.deadline(Duration::from_secs_f64(deadline));
    }
    if let Some(max_concurrent) = options.max_concurrent {
        builder = builder.max_concurrent(max_concurrent);
    }
    if let Some(prefix) = &options.session_id_prefix {
        builder = builder.session_id_prefix(prefix);
    }
    let webhook = format!("{url}/_sandbox/webhook");
    if options.crm_webhook {
        builder = builder.crm_webhook(&webhook);
    }
    if let Some(secret) = &options.crm_webhook_secret {
        builder = builder.crm_webhook_secret(secret);
    }
    if options.snapshot_webhook {
        builder = builder.snapshot_webhook(&webhook);
    }
    builder.build().unwrap()
}

/// Sends one request to the sandbox's control routes. Returns the response as JSON, `null` for an empty one.
async fn send_control(transport: &HttpTransport, url: &str, control: &Control) -> Value {
    let method = match control.method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        other => panic!("unknown method {other}"),
    };
    let request = Request {
        method,
        url: format!("{url}{}", control.path),
        headers: vec![("content-type", "application/json".to_owned())],
        body: control.body.as_ref().map(|body| expand(body).to_string().into_bytes()),
    };
    let limits = Limits { timeout: GENEROUS_TIMEOUT, max_body: 64 << 20 };
    let response = transport.send(request, limits).await.unwrap();
    let status = response.status;
    let text = String::from_utf8(response.body).unwrap();
    assert!(status < 300, "{} {}: {status} {text}", control.method, control.path);
    if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() }
}

/// Runs a scenario in its own sandbox, so that a request of a cancelled call cannot arrive in another
/// scenario.
async fn run(scenario: &Scenario) -> Result<(), String> {
    let sandbox = Sandbox::start(Config::default()).unwrap();
    let url = sandbox.url();
    let transport = &HttpTransport::with(GENEROUS_TIMEOUT).unwrap();
    for request in &scenario.control {
        send_control(transport, url, request).await;
    }
    let client = client_of(&scenario.client, url);
    let mut saved = BTreeMap::new();
    for step in &scenario.steps {
        match step {
            Step::Between { control } => drop(send_control(transport, url, control).await),
            Step::Call(call) => run_call(call, &client, &mut saved).await?,
        }
    }
    for request in &scenario.then {
        let found = send_control(transport, url, request).await;
        let expected = request.expect.clone().unwrap_or(json!({}));
        if let Some(difference) = mismatch(&expected, &found) {
            return Err(format!("{} {}: {difference}", request.method, request.path));
        }
    }
    Ok(())
}

/// Runs the call of a step and compares its outcome with the expected one.
async fn run_call(
    call: &Call,
    client: &Client,
    saved: &mut BTreeMap<String, Value>,
) -> Result<(), String> {
    let args = matching::fill(&expand(&call.args), saved);
    let calls = (0..call.parallel.unwrap_or(1)).map(|_| calls::call(client, &call.call, &args));
    for outcome in futures_util::future::join_all(calls).await {
        let (expected, found) = match (&call.expect, &outcome) {
            (Expected::Ok(expected), Ok(found)) | (Expected::Error(expected), Err(found)) => {
                (expected, found)
            }
            _ => return Err(format!("{}: unexpected outcome {outcome:?}", call.call)),
        };
        if let Some(difference) = mismatch(expected, found) {
            return Err(format!("{}: {difference} in {found}", call.call));
        }
        for (name, pointer) in &call.save {
            saved.insert(name.clone(), found.pointer(pointer).cloned().unwrap_or_default());
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scenario_passes() {
    let text = include_str!("../../../tests/scenarios/scenarios.json");
    let scenarios: Vec<Scenario> = serde_json::from_str(text).unwrap();
    let results = stream::iter(&scenarios).map(|scenario| async move {
        let result = run(scenario).await;
        result.err().map(|difference| format!("{}: {difference}", scenario.name))
    });
    let results: Vec<Option<String>> = results.buffered(CONCURRENCY).collect().await;
    let failed: Vec<String> = results.into_iter().flatten().collect();
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), scenarios.len(), failed.join("\n"));
    assert_eq!(scenarios.len(), SCENARIO_COUNT);
}
