//! Many writers on one session and on one dialog of the sandbox, through conflicts and faults: no
//! key of anyone is lost.

#![cfg(feature = "http")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should stop there"
)]

#[path = "support/seed.rs"]
mod seed;

use std::time::Duration;

use cognigy_context::client::{Settings, UpdateOptions};
use cognigy_context::{Client, Error, InjectionPayload, InjectionVariable, StateUpdate};
use cognigy_context_sandbox::{Config, Sandbox};
use seed::Story;
use serde_json::{Value, json};

const WRITERS: usize = 32;
/// Each writer owns fifty keys, and writes them five at a time.
const STEPS: usize = 10;
const KEYS: usize = 5;
/// No test here is about time: a slow machine is no failure.
const PATIENCE: Duration = Duration::from_secs(600);

fn client_of(sandbox: &Sandbox) -> Client {
    let settings = Settings {
        rate: None,
        platform_rate: None,
        deadline: PATIENCE,
        attempt_timeout: PATIENCE,
        connect_timeout: PATIENCE,
        ..Settings::default()
    };
    Client::builder()
        .base_url(sandbox.url())
        .api_key("sandbox-key")
        .settings(settings)
        .build()
        .unwrap()
}

fn key(writer: usize, step: usize, place: usize) -> String {
    format!("w{writer}_{step}_{place}")
}

/// What goes wrong by chance, under a path: conflicts that are none, failures before and after the
/// effect, broken connections.
fn break_by_chance(sandbox: &Sandbox, prefix: &str, first_seed: u64) {
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

/// Whoever is given up on tries again, as a caller does who wants its data there.
fn is_passing(error: &Error) -> bool {
    use cognigy_context::ApiErrorKind::{Conflict, Deadline, Network, Server, StateConflict};
    match error {
        Error::Api(failure) => {
            matches!(failure.kind, Conflict | StateConflict | Server | Network | Deadline)
        }
        _ => false,
    }
}

async fn inject(client: Client, writer: usize) {
    for step in 0..STEPS {
        let variables = (0..KEYS)
            .map(|place| InjectionVariable::new(key(writer, step, place), json!([writer, step])));
        let payload = InjectionPayload::new("shared", variables);
        while let Err(error) = client.inject(&payload, None).await {
            assert!(is_passing(&error), "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_key_of_any_writer_is_lost_in_a_session() {
    let sandbox = Sandbox::start(Config::default()).unwrap();
    sandbox.seed_session("shared", json!({})).unwrap();
    let seed = seed::first_seed();
    let _story = Story { name: "many writers in a session", seed };
    break_by_chance(&sandbox, "/api/v2/sessions", seed);
    let writers = (0..WRITERS).map(|writer| tokio::spawn(inject(client_of(&sandbox), writer)));
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    sandbox.clear_faults();
    let held = client_of(&sandbox).get_injected("shared").await.unwrap().variables;
    assert_eq!(held.len(), WRITERS * STEPS * KEYS);
    for writer in 0..WRITERS {
        for step in 0..STEPS {
            for place in 0..KEYS {
                assert_eq!(held[&key(writer, step, place)], json!([writer, step]));
            }
        }
    }
    assert!(sandbox.counters().answered(409) > 0, "there was no conflict at all");
}

async fn update(client: Client, writer: usize, mut tag: Option<String>) {
    for step in 0..STEPS {
        let update = (0..KEYS).fold(StateUpdate::default(), |update, place| {
            update.session(key(writer, step, place), json!([writer, step]))
        });
        loop {
            let options = UpdateOptions { if_match: tag.clone(), rebase: true };
            match client.update_state("shared", &update, options).await {
                Ok(updated) => break tag = updated.tag,
                Err(error) => assert!(is_passing(&error), "{error}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_key_of_any_writer_is_lost_in_a_dialog() {
    let sandbox = Sandbox::start(Config::default()).unwrap();
    sandbox.seed_dialog("shared", json!({})).unwrap();
    // All begin under one tag, so that only the first of them meets no conflict.
    let tag = client_of(&sandbox).get_state("shared").await.unwrap().tag;
    let seed = seed::first_seed();
    let _story = Story { name: "many writers in a dialog", seed };
    break_by_chance(&sandbox, "/runtime/v2/dialogs", seed);
    let writers =
        (0..WRITERS).map(|writer| tokio::spawn(update(client_of(&sandbox), writer, tag.clone())));
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    sandbox.clear_faults();
    let state = Value::Object(client_of(&sandbox).get_state("shared").await.unwrap().state);
    let held = state["session"].as_object().unwrap();
    assert_eq!(held.len(), WRITERS * STEPS * KEYS);
    for writer in 0..WRITERS {
        for step in 0..STEPS {
            assert_eq!(held[&key(writer, step, 0)], json!([writer, step]));
        }
    }
    assert!(sandbox.counters().answered(412) > 0, "there was no conflict at all");
}

/// Merging documents in one process: those of other tags are merged again, and none is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_key_of_any_writer_is_lost_in_a_document() {
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
    // They followed each other, so that nobody met a conflict.
    assert_eq!(sandbox.counters().answered(412), 0);
}
