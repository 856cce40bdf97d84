//! A short run of every fuzz target of `core/fuzz`, without libFuzzer: the seeds from the corpus, and inputs that are
//! mutated from them. `make fuzz` runs the same targets for longer, guided by coverage.
//!
//! `FUZZ_INPUTS` sets the number of mutated inputs of each target, `PROPTEST_RNG_SEED` the seed of the mutations.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test that meets the unexpected should stop there"
)]

#[allow(dead_code, reason = "the seeds need only a part of this module")]
#[path = "../corpus/expand.rs"]
mod expand;
#[allow(dead_code, reason = "the seeds need only a part of this module")]
#[path = "../corpus/index.rs"]
mod index;
mod mutator;
#[path = "../support/seed.rs"]
mod seed;
mod seeds;

use std::fs;
use std::path::{Path, PathBuf};

use mutator::Mutator;

/// The usual number of mutated inputs of a target.
const MUTATED_INPUTS: u64 = 2_000;

/// Declares the module of each target, its test, and the list of their names.
macro_rules! targets {
    ($($name:ident $file:literal,)*) => {
        $(
            #[path = $file]
            mod $name;
        )*

        mod a_short_run_finds_nothing {
            $(
                #[test]
                fn $name() {
                    super::run(stringify!($name), super::$name::run);
                }
            )*
        }

        const TARGETS: &[&str] = &[$(stringify!($name)),*];
    };
}

targets! {
    api_answers "../../fuzz/fuzz_targets/api_answers.rs",
    base_url "../../fuzz/fuzz_targets/base_url.rs",
    coerce "../../fuzz/fuzz_targets/coerce.rs",
    context_manager "../../fuzz/fuzz_targets/context_manager.rs",
    entity_tags "../../fuzz/fuzz_targets/entity_tags.rs",
    ids "../../fuzz/fuzz_targets/ids.rs",
    injection_payload "../../fuzz/fuzz_targets/injection_payload.rs",
    journal_files "../../fuzz/fuzz_targets/journal_files.rs",
    journal_lines "../../fuzz/fuzz_targets/journal_lines.rs",
    json_text "../../fuzz/fuzz_targets/json_text.rs",
    measure "../../fuzz/fuzz_targets/measure.rs",
    merge "../../fuzz/fuzz_targets/merge.rs",
    overflow "../../fuzz/fuzz_targets/overflow.rs",
    page_scanner "../../fuzz/fuzz_targets/page_scanner.rs",
    policy "../../fuzz/fuzz_targets/policy.rs",
    retry_after "../../fuzz/fuzz_targets/retry_after.rs",
    schema "../../fuzz/fuzz_targets/schema.rs",
    state_update "../../fuzz/fuzz_targets/state_update.rs",
    times "../../fuzz/fuzz_targets/times.rs",
    token_answers "../../fuzz/fuzz_targets/token_answers.rs",
    variables_pages "../../fuzz/fuzz_targets/variables_pages.rs",
    webhook_event "../../fuzz/fuzz_targets/webhook_event.rs",
}

/// Runs a target on its seeds and on mutated inputs.
fn run(name: &str, target: fn(&[u8])) {
    let seeds = seeds::of(name);
    assert!(!seeds.is_empty(), "{name} has no seeds");
    let inputs =
        std::env::var("FUZZ_INPUTS").map_or(MUTATED_INPUTS, |count| count.parse().unwrap());
    let words = dictionary_of(name);
    let mut mutator = Mutator::new(seed::first_seed(), &seeds, &words);
    for input in &seeds {
        run_one(name, target, input);
    }
    for _ in 0..inputs {
        run_one(name, target, &mutator.next_input());
    }
}

/// Runs a target on one input, and prints the input if the target panics.
fn run_one(name: &str, target: fn(&[u8]), input: &[u8]) {
    struct Printer<'i>(&'i str, &'i [u8]);
    impl Drop for Printer<'_> {
        fn drop(&mut self) {
            if std::thread::panicking() {
                eprintln!(
                    "The target {} fails for the input b\"{}\"",
                    self.0,
                    self.1.escape_ascii()
                );
            }
        }
    }
    let _printer = Printer(name, input);
    target(input);
}

fn fuzz_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// Returns the words of a target's dictionary. A target without its own dictionary uses that of JSON.
fn dictionary_of(name: &str) -> Vec<Vec<u8>> {
    let folder = fuzz_folder().join("dictionaries");
    let own = folder.join(format!("{name}.dict"));
    let file = if own.exists() { own } else { folder.join("json.dict") };
    fs::read_to_string(&file).unwrap().lines().filter_map(mutator::parse_dictionary_line).collect()
}

#[test]
fn every_target_is_declared_here_and_in_the_manifest() {
    let manifest = fs::read_to_string(fuzz_folder().join("Cargo.toml")).unwrap();
    let mut names: Vec<String> = fs::read_dir(fuzz_folder().join("fuzz_targets"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "support")
        .collect();
    names.sort_unstable();
    assert_eq!(names, TARGETS);
    for name in names {
        let path = fuzz_folder().join(format!("fuzz_targets/{name}.rs"));
        assert!(
            fs::read_to_string(path).unwrap().contains("libfuzzer_sys::fuzz_target!"),
            "{name}"
        );
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
    }
}

/// Writes the seeds of every target to the folders that libFuzzer reads. `make fuzz` calls it.
#[test]
#[ignore = "writes files for make fuzz"]
fn write_seeds() {
    for name in TARGETS {
        let folder = fuzz_folder().join("corpus").join(name);
        fs::create_dir_all(&folder).unwrap();
        for (index, seed) in seeds::of(name).iter().enumerate() {
            fs::write(folder.join(format!("seed-{index:04}")), seed).unwrap();
        }
    }
}
