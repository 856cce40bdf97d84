//! Measures how the CPU time of the core's operations grows with the input. Prints one JSON line per
//! operation and size; `make bench` draws them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark should stop at an unexpected result"
)]

use std::hint::black_box;

use cognigy_context::coerce::Mode;
use cognigy_context::context::{ContextManager, ContextOptions};
use cognigy_context::{
    CheckOptions, Code, InjectionPayload, InjectionVariable, Policy, StateUpdate, SystemClock,
    check_json, debug_view, parse_variables,
};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Map, Value, json};

const SIZES: [usize; 9] = [100, 316, 1_000, 3_162, 10_000, 31_623, 100_000, 316_228, 1_000_000];
const SCOPES: [&str; 4] = ["session", "user", "global", "bot"];

/// Generates `count` variables of the types that CRMs have.
fn variables(count: usize) -> Map<String, Value> {
    let value = |index: usize| match index % 6 {
        0 => json!("gold, since the spring"),
        1 => json!(index),
        2 => json!(index as f64 * 1.25),
        3 => json!(true),
        4 => json!(["crm", index]),
        _ => json!({"id": format!("A-{index}"), "open": true}),
    };
    (0..count).map(|index| (format!("variable_{index}"), value(index))).collect()
}

/// Generates a response of `/api/v2/botsessions` with `count` variables. The values are text, as flows store them.
fn response(count: usize) -> Vec<u8> {
    let text = |index: usize| match index % 5 {
        0 => json!("gold since spring"),
        1 => json!(index.to_string()),
        2 => json!("129.5"),
        3 => json!("true"),
        _ => json!(format!("{{\"id\":\"A-{index}\",\"open\":true}}")),
    };
    let variable = |index: usize| json!({"name": format!("variable_{index}"), "value": text(index), "scope": SCOPES[index % 4]});
    json!({"variables": (0..count).map(variable).collect::<Vec<_>>()}).to_string().into_bytes()
}

/// Returns the CPU time of the process in seconds, which other load of the machine does not change.
fn clock() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Returns the median time of a call in seconds, measured for 0.2 s. If a call takes more than 0.3 s, returns the
/// shorter time of two calls.
fn seconds<R>(mut work: impl FnMut() -> R) -> f64 {
    let mut time = |calls: u32| {
        let start = clock();
        for _ in 0..calls {
            black_box(work());
        }
        (clock() - start) / f64::from(calls)
    };
    let first = time(1);
    if first > 0.3 {
        return first.min(time(1));
    }
    let calls = (0.002 / time(2).max(1e-9)).ceil() as u32;
    let start = clock();
    let mut rounds = Vec::new();
    while rounds.len() < 3 || clock() - start < 0.2 {
        rounds.push(time(calls));
    }
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

fn print(operation: &str, rows: &str, size: usize, seconds: f64) {
    let line = json!({
        "language": "Rust", "growth": operation, "rows": rows, "size": size, "seconds": seconds,
    });
    println!("{line}");
}

fn main() {
    let without_limits = |policy: &Policy| Policy {
        max_context_bytes: None,
        max_payload_bytes: None,
        ..policy.clone()
    };
    let platform = without_limits(Policy::platform());
    let state = without_limits(Policy::state());
    for size in SIZES {
        let context = variables(size);
        let value = Value::Object(context.clone());
        let text = serde_json::to_vec(&value).unwrap();

        assert!(check_json(&text, &platform).ok());
        print("check of JSON text", "13b", size, seconds(|| check_json(&text, &platform)));

        let check = CheckOptions::new(&platform);
        assert_eq!(check.value_to_json(&value).unwrap().body, text);
        print("check and write", "13", size, seconds(|| check.value_to_json(&value).unwrap()));

        // The payload limit of injections still applies: a larger payload is rejected, but only after the same work.
        let injected = context.iter().enumerate().map(|(index, (key, value))| {
            InjectionVariable::new(key, value.clone()).scope(SCOPES[index % 3])
        });
        let payload = InjectionPayload::new("s", injected);
        let write = || payload.to_json(&SystemClock);
        assert!(match write() {
            Ok(body) => body.report.ok(),
            Err(error) => error.has(Code::PayloadTooLarge) && error.report().issues.len() == 1,
        });
        print("payload of an injection", "1", size, seconds(write));

        let page = response(size);
        let view = || {
            let variables = parse_variables([&page], Mode::Lossless).unwrap();
            let entries = debug_view(variables.iter()).iter().len();
            (entries, variables)
        };
        assert_eq!(view().0, size);
        print("response to debug view", "2", size, seconds(view));

        let manager = ContextManager::new(ContextOptions {
            max_size_bytes: u64::MAX,
            ..ContextOptions::default()
        });
        manager.update("s", &value).unwrap();
        let mut turns = 0;
        let mut update = || {
            turns += 1;
            manager.update("s", &json!({"variable_1": turns})).unwrap().context
        };
        assert_eq!(update().len(), size);
        print("update of a context", "3", size, seconds(update));

        let update = StateUpdate { session: context, ..StateUpdate::default() };
        assert!(update.to_json_with_policy(&state).unwrap().report.ok());
        print("state update", "4", size, seconds(|| update.to_json_with_policy(&state).unwrap()));

        print("serde_json: write alone", "", size, seconds(|| serde_json::to_vec(&value).unwrap()));
        let read = || serde_json::from_slice::<Value>(&text).unwrap();
        print("serde_json: read alone", "", size, seconds(read));
    }
}
