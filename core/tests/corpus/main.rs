//! Runs the corpus through the crate: by serde values and by JSON text. Holds the index true.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected should stop there"
)]

mod expand;
mod index;
mod run;
mod workflows;

use index::{Door, Index};

#[test]
fn every_case_through_serde_values() {
    run_door("rust/objects");
}

#[test]
fn every_case_through_json_text() {
    run_door("rust/text");
}

fn run_door(name: &str) {
    let index = Index::read();
    let door = index.door(name);
    let mut failures = Vec::new();
    let mut ran = 0;
    for case in index.cases().filter(|case| door.can_run(case)) {
        ran += 1;
        if let Err(why) = run::run(&case, door.takes_text()) {
            failures.push(format!("{}: {}\n    {why}", case.file, case.name()));
        }
    }
    assert!(failures.is_empty(), "{} of {ran} failed:\n{}", failures.len(), failures.join("\n"));
    assert_eq!(ran, door.cases, "the number of cases that this door is to run");
}

#[test]
fn the_index_is_true() {
    let index = Index::read();
    let counted = index.counted();
    if std::env::var_os("UPDATE_CORPUS_INDEX").is_some() {
        counted.write();
    } else {
        assert!(index == counted, "run this test with UPDATE_CORPUS_INDEX=1 to count anew");
    }
}

#[test]
fn names_are_unique_and_codes_are_known() {
    let index = Index::read();
    let mut names = std::collections::HashSet::new();
    for case in index.cases() {
        assert!(
            names.insert((case.file.clone(), case.name().to_owned())),
            "twice: {}",
            case.name()
        );
        for issue in case.json["expect"]["issues"].as_array().into_iter().flatten() {
            let code = issue["code"].as_str().unwrap();
            assert!(
                cognigy_context::Code::ALL.iter().any(|known| known.as_str() == code),
                "unknown code {code} in {}",
                case.name(),
            );
        }
    }
}

#[test]
fn every_code_has_a_case_that_produces_it() {
    let index = Index::read();
    let produced: std::collections::HashSet<String> = index
        .cases()
        .flat_map(|case| match case.json["input"]["steps"].as_array() {
            Some(steps) => steps.iter().map(|step| step["issues"].clone()).collect::<Vec<_>>(),
            None => vec![case.json["expect"]["issues"].clone()],
        })
        .flat_map(|issues| issues.as_array().cloned().unwrap_or_default())
        .filter_map(|issue| issue["code"].as_str().map(str::to_owned))
        .collect();
    let missing: Vec<&str> = cognigy_context::Code::ALL
        .iter()
        .map(|code| code.as_str())
        .filter(|code| !produced.contains(*code))
        .collect();
    assert!(missing.is_empty(), "no case produces {missing:?}");
}

#[test]
fn doors_differ_only_by_what_they_can() {
    for (name, door) in &Index::read().doors {
        let Door { can, .. } = door;
        let text = can.iter().any(|c| c == "text");
        let objects = can.iter().any(|c| c == "objects");
        assert!(text != objects, "{name} is one of the two kinds");
        assert_eq!(name.ends_with("/text"), text, "{name}");
    }
}
