//! The Rust rows of BENCHMARKS.md. Each row compares a function of this crate with a function of `serde_json` by the
//! median ratio of their times in interleaved rounds. Prints one JSON line per row; `make bench` collects them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark should stop at an unexpected result"
)]

use std::hint::black_box;
use std::time::Instant;

use cognigy_context::{CheckOptions, Policy, check_json};
use serde_json::{Value, json};

/// The number of rounds of each comparison.
const ROUNDS: usize = 61;
/// The minimum time of the function of `serde_json` in a round.
const ROUND_SECONDS: f64 = 0.005;

/// Generates a context of `count` variables of the types that CRMs have.
fn context(count: usize) -> Value {
    let variable = |index: usize| {
        json!({
            "id": format!("A-{index:05}"),
            "total": index as f64 * 1.25,
            "items": index % 7,
            "open": index.is_multiple_of(3),
            "note": if index.is_multiple_of(11) { "wichtig: „später“ liefern" } else { "ship with the next order" },
        })
    };
    Value::Object((0..count).map(|index| (format!("order_{index}"), variable(index))).collect())
}

/// Returns the mean time of one call of `work` in seconds.
fn time<R>(calls: usize, work: &mut dyn FnMut() -> R) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        black_box(work());
    }
    start.elapsed().as_secs_f64() / calls as f64
}

/// Returns the median ratio ours ÷ theirs over interleaved rounds, and the median times of both in seconds.
fn compare<A, B>(ours: &mut dyn FnMut() -> A, theirs: &mut dyn FnMut() -> B) -> (f64, f64, f64) {
    let calls = (ROUND_SECONDS / time(3, theirs).max(1e-9)).ceil() as usize;
    let mut rounds: Vec<(f64, f64)> =
        (0..ROUNDS).map(|_| (time(calls, ours), time(calls, theirs))).collect();
    let mut median = |figure: &dyn Fn(&(f64, f64)) -> f64| {
        rounds.sort_by(|a, b| figure(a).total_cmp(&figure(b)));
        figure(&rounds[rounds.len() / 2])
    };
    (median(&|(a, b)| a / b), median(&|(a, _)| *a), median(&|(_, b)| *b))
}

fn print(row: &str, work: &str, peer: &str, target: &str, (ratio, ours, theirs): (f64, f64, f64)) {
    let line = json!({
        "row": row, "work": work, "peer": peer, "target": target,
        "ratio": ratio, "ours_seconds": ours, "theirs_seconds": theirs,
    });
    println!("{line}");
}

fn main() {
    let policy = Policy { max_context_bytes: None, ..Policy::platform().clone() };
    let value = context(560);
    let text = serde_json::to_vec(&value).unwrap();
    assert!((50_000..60_000).contains(&text.len()), "{}", text.len());

    let check = CheckOptions::new(&policy);
    assert_eq!(check.value_to_json(&value).unwrap().body, text);
    print(
        "13",
        "Rust: check + write of a 60 kB body",
        "serde_json::to_vec of the same Value",
        "≤ 1.2×",
        compare(&mut || check.value_to_json(&value).unwrap().body, &mut || {
            serde_json::to_vec(&value).unwrap()
        }),
    );

    assert!(check_json(&text, &policy).ok());
    assert_eq!(check_json(&text, &policy).sizes.json_bytes, text.len() as u64);
    print(
        "13b",
        "Rust: 60 kB of JSON text → verdict and sizes",
        "serde_json::from_slice to a Value",
        "none",
        compare(&mut || check_json(&text, &policy), &mut || {
            serde_json::from_slice::<Value>(&text).unwrap()
        }),
    );
}
