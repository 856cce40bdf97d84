//! Runs the corpus with serde values and with JSON text, and checks its index.

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

use index::{Index, Runner};

#[test]
fn every_case_passes_with_serde_values() {
    run_all("rust/objects");
}

#[test]
fn every_case_passes_with_json_text() {
    run_all("rust/text");
}

fn run_all(runner_name: &str) {
    let index = Index::read();
    let runner = index.runner(runner_name);
    let mut failures = Vec::new();
    let mut case_count = 0;
    for case in index.cases().filter(|case| runner.can_run(case)) {
        case_count += 1;
        if let Err(reason) = run::run(&case, runner.takes_text()) {
            failures.push(format!("{}: {}\n    {reason}", case.file, case.name()));
        }
    }
    let failure_count = failures.len();
    assert!(
        failures.is_empty(),
        "{failure_count} of {case_count} failed:\n{}",
        failures.join("\n")
    );
    assert_eq!(case_count, runner.cases, "the number of cases of this runner in index.json");
}

#[test]
fn index_lists_every_file_with_its_number_of_cases() {
    let index = Index::read();
    let expected = index.with_new_counts();
    if std::env::var_os("UPDATE_CORPUS_INDEX").is_some() {
        expected.write();
    } else {
        assert!(index == expected, "run this test with UPDATE_CORPUS_INDEX=1 to update the counts");
    }
}

#[test]
fn case_names_are_unique_in_their_file_and_issue_codes_are_known() {
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
fn every_code_has_a_case_that_states_its_message() {
    let index = Index::read();
    let stated: std::collections::HashSet<String> = index
        .cases()
        .flat_map(|case| match case.json["input"]["steps"].as_array() {
            Some(steps) => steps.iter().map(|step| step["issues"].clone()).collect::<Vec<_>>(),
            None => vec![case.json["expect"]["issues"].clone()],
        })
        .flat_map(|issues| issues.as_array().cloned().unwrap_or_default())
        .filter(|issue| issue["message"].is_string())
        .filter_map(|issue| issue["code"].as_str().map(str::to_owned))
        .collect();
    let missing: Vec<&str> = cognigy_context::Code::ALL
        .iter()
        .map(|code| code.as_str())
        .filter(|code| !stated.contains(*code))
        .collect();
    assert!(missing.is_empty(), "no case states the message of {missing:?}");
}

#[test]
fn every_runner_takes_either_text_or_objects_and_has_a_matching_name() {
    for (name, runner) in &Index::read().runners {
        let Runner { can, .. } = runner;
        let text = can.iter().any(|c| c == "text");
        let objects = can.iter().any(|c| c == "objects");
        assert!(text != objects, "{name} must take either text or objects");
        assert_eq!(name.ends_with("/text"), text, "{name}");
    }
}
