//! Many concurrent writers to one session, one dialog and one document of the sandbox, with conflicts and
//! faults: no key is lost.

#![cfg(feature = "http")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed assumption should fail the test"
)]

#[path = "support/seed.rs"]
mod seed;

use std::time::Duration;

use cognigy_context::client::{Settings, UpdateOptions};
use cognigy_context::{Client, Error, InjectionPayload, InjectionVariable, StateUpdate};
use cognigy_context_sandbox::{Config, Sandbox};
use seed::SeededCase;
use serde_json::{Value, json};

const WRITERS: usize = 32;
/// Each writer writes its own 50 keys in 10 steps of 5 keys.
const STEPS: usize = 10;
const KEYS: usize = 5;
/// A timeout that is long enough for a slow machine. No test here depends on time.
const GENEROUS_TIMEOUT: Duration = Duration::from_secs(600);

fn client_of(sandbox: &Sandbox) -> Client {
    let settings = Settings {
        rate: None,
        platform_rate: None,
        deadline: GENEROUS_TIMEOUT,
        attempt_timeout: GENEROUS_TIMEOUT,
        connect_timeout: GENEROUS_TIMEOUT,
        ..Settings::default()
    };
    Client::builder()
        .base_url(sandbox.url())
        .api_key("sandbox-key")
        .settings(settings)
        .build()
        .unwrap()
}

fn key(writer: usize, step: usize, index: usize) -> String {
    format!("w{writer}_{step}_{index}")
}

/// Adds random faults under a path: false conflicts, failures before and after the effect, broken
/// connections.
fn add_random_faults(sandbox: &Sandbox, prefix: &str, first_seed: u64) {
    for (index, fault) in [
        json!({"status": 409, "chance": 0.15}),
        json!({"status": 409, "chance": 0.1, "applied": true}),
        json!({"status": 500, "chance": 0.03}),
        json!({"status": 503, "retryAfter": "0.05", "chance": 0.05, "applied": true}),
        json!({"drop": true, "chance": 0.03}),
        json!({"drop": true, "chance": 0.03, "applied": true}),
    ]
    .into_iter()
    .enumerate()
    {
        let mut fault = fault;
        fault["seed"] = json!(first_seed.wrapping_add(index as u64));
        fault["pathPrefix"] = json!(prefix);
        sandbox.fault(fault).unwrap();
    }
}

/// Returns whether the writers of these tests repeat a call after this error.
fn is_transient(error: &Error) -> bool {
    use cognigy_context::ApiErrorKind::{Conflict, Deadline, Network, Server, StateConflict};
    match error {
        Error::Api(error) => {
            matches!(error.kind, Conflict | StateConflict | Server | Network | Deadline)
        }
        _ => false,
    }
}

/// Injects the keys of one writer and repeats each injection until it succeeds.
async fn inject_keys(client: Client, writer: usize) {
    for step in 0..STEPS {
        let variables = (0..KEYS)
            .map(|index| InjectionVariable::new(key(writer, step, index), json!([writer, step])));
        let payload = InjectionPayload::new("shared", variables);
        while let Err(error) = client.inject(&payload, None).await {
            assert!(is_transient(&error), "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_injections_lose_no_key() {
    let sandbox = Sandbox::start(Config::default()).unwrap();
    sandbox.seed_session("shared", json!({})).unwrap();
    let seed = seed::first_seed();
    let _case = SeededCase { name: "concurrent writers to a session", seed };
    add_random_faults(&sandbox, "/api/v2/sessions", seed);
    let writers = (0..WRITERS).map(|writer| tokio::spawn(inject_keys(client_of(&sandbox), writer)));
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    sandbox.clear_faults();
    let variables = client_of(&sandbox).get_injected("shared").await.unwrap().variables;
    assert_eq!(variables.len(), WRITERS * STEPS * KEYS);
    for writer in 0..WRITERS {
        for step in 0..STEPS {
            for index in 0..KEYS {
                assert_eq!(variables[&key(writer, step, index)], json!([writer, step]));
            }
        }
    }
    assert!(sandbox.counters().responses_with_status(409) > 0, "no conflict occurred");
}

/// Sets the keys of one writer in the dialog and repeats each update until it succeeds.
async fn update_keys(client: Client, writer: usize, mut tag: Option<String>) {
    for step in 0..STEPS {
        let update = (0..KEYS).fold(StateUpdate::default(), |update, index| {
            update.session(key(writer, step, index), json!([writer, step]))
        });
        loop {
            let options = UpdateOptions { if_match: tag.clone(), rebase: true };
            match client.update_state("shared", &update, options).await {
                Ok(result) => break tag = result.tag,
                Err(error) => assert!(is_transient(&error), "{error}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_state_updates_lose_no_key() {
    let sandbox = Sandbox::start(Config::default()).unwrap();
    sandbox.seed_dialog("shared", json!({})).unwrap();
    // All writers start with the same tag, so that only the first update meets no conflict.
    let tag = client_of(&sandbox).get_state("shared").await.unwrap().tag;
    let seed = seed::first_seed();
    let _case = SeededCase { name: "concurrent writers to a dialog", seed };
    add_random_faults(&sandbox, "/runtime/v2/dialogs", seed);
    let writers = (0..WRITERS)
        .map(|writer| tokio::spawn(update_keys(client_of(&sandbox), writer, tag.clone())));
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    sandbox.clear_faults();
    let state = Value::Object(client_of(&sandbox).get_state("shared").await.unwrap().state);
    let session = state["session"].as_object().unwrap();
    assert_eq!(session.len(), WRITERS * STEPS * KEYS);
    for writer in 0..WRITERS {
        for step in 0..STEPS {
            assert_eq!(session[&key(writer, step, 0)], json!([writer, step]));
        }
    }
    assert!(sandbox.counters().responses_with_status(412) > 0, "no conflict occurred");
}

/// Syncs of one session run one after another in a process, so none of them meets a conflict.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_syncs_of_a_document_lose_no_key_and_meet_no_conflict() {
    let sandbox = Sandbox::start(Config::default()).unwrap();
    sandbox.seed_session("shared", json!({"document": {"before": true}})).unwrap();
    let client = client_of(&sandbox);
    let syncs = (0..64).map(|writer| {
        let client = client.clone();
        tokio::spawn(async move {
            client.sync_context("shared", &json!({ key(writer, 0, 0): writer })).await.unwrap();
        })
    });
    for sync in syncs.collect::<Vec<_>>() {
        sync.await.unwrap();
    }
    assert_eq!(client.get_document("shared").await.unwrap().document.len(), 65);
    assert_eq!(sandbox.counters().responses_with_status(412), 0);
}
