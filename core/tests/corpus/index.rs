//! The index of the corpus and the cases it lists.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Returns the folder of the corpus.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus")
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Index {
    pub(crate) about: String,
    pub(crate) files: Vec<File>,
    pub(crate) cases: usize,
    pub(crate) runners: BTreeMap<String, Runner>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct File {
    pub(crate) file: String,
    pub(crate) cases: usize,
}

/// One runner: its capabilities (a case lists the required ones), and the number of cases it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Runner {
    pub(crate) can: Vec<String>,
    pub(crate) cases: usize,
}

pub(crate) struct Case {
    pub(crate) file: String,
    pub(crate) json: Value,
}

impl Case {
    pub(crate) fn name(&self) -> &str {
        self.json["name"].as_str().unwrap()
    }

    fn requires(&self) -> impl Iterator<Item = &str> {
        self.json["requires"].as_array().into_iter().flatten().map(|r| r.as_str().unwrap())
    }
}

impl Runner {
    pub(crate) fn can_run(&self, case: &Case) -> bool {
        case.requires().all(|required| self.can.iter().any(|can| can == required))
    }

    pub(crate) fn takes_text(&self) -> bool {
        self.can.iter().any(|can| can == "text")
    }
}

impl Index {
    pub(crate) fn read() -> Self {
        let text = fs::read_to_string(folder().join("index.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) fn runner(&self, name: &str) -> &Runner {
        &self.runners[name]
    }

    pub(crate) fn cases(&self) -> impl Iterator<Item = Case> {
        self.files.iter().flat_map(|file| {
            let text = fs::read_to_string(folder().join(&file.file)).unwrap();
            let Value::Object(mut parsed) = serde_json::from_str(&text).unwrap() else {
                panic!("{} is no object", file.file)
            };
            let Value::Array(cases) = parsed["cases"].take() else {
                panic!("{} has no cases", file.file)
            };
            cases.into_iter().map(|json| Case { file: file.file.clone(), json })
        })
    }

    /// Returns the index with all files of the folder and with new counts.
    pub(crate) fn with_new_counts(&self) -> Self {
        let mut index = self.clone();
        index.files = list_files();
        for file in &mut index.files {
            let file_index = Self { files: vec![file.clone()], ..self.clone() };
            file.cases = file_index.cases().count();
        }
        index.cases = index.files.iter().map(|file| file.cases).sum();
        let cases: Vec<Case> = index.cases().collect();
        for runner in index.runners.values_mut() {
            runner.cases = cases.iter().filter(|case| runner.can_run(case)).count();
        }
        index
    }

    pub(crate) fn write(&self) {
        let mut text = serde_json::to_string_pretty(self).unwrap();
        text.push('\n');
        fs::write(folder().join("index.json"), text).unwrap();
    }
}

/// Lists the JSON files of the corpus except its index and schema, sorted, with a count of 0.
fn list_files() -> Vec<File> {
    let mut names = Vec::new();
    let mut folders = vec![folder()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "json") {
                let name = path.strip_prefix(folder()).unwrap().to_str().unwrap().to_owned();
                if name != "index.json" && name != "case.schema.json" {
                    names.push(name);
                }
            }
        }
    }
    names.sort();
    names.into_iter().map(|file| File { file, cases: 0 }).collect()
}
