//! A journal file with arbitrary content: a file that is not a journal stays unchanged, a journal keeps its sound
//! lines, and a repaired journal has the same items.

#![cfg_attr(fuzzing, no_main)]

use std::fs;
use std::path::PathBuf;

use cognigy_context::client::{FileJournal, ItemKey, Journal};

/// Opens, checks and repairs one file.
pub fn run(data: &[u8]) {
    let file = TemporaryFile::new();
    fs::write(&file.0, data).expect("the file can be written");
    let report = FileJournal::check(&file.0);
    assert_eq!(read(&file), data, "a check changes nothing");
    match FileJournal::open(&file.0) {
        Err(_) => {
            assert!(report.is_err());
            assert_eq!(read(&file), data, "a foreign file is unchanged");
            assert!(FileJournal::repair(&file.0).is_err());
            assert_eq!(read(&file), data, "a foreign file is unchanged");
        }
        Ok(journal) => {
            let confirmed = journal.confirmed_before();
            let damaged = journal.damaged_lines();
            if let Ok(report) = report {
                assert_eq!((report.confirmed, report.damaged), (confirmed as u64, damaged));
            }
            let item = ItemKey { index: u64::MAX, digest: [7; 16] };
            let is_new = !journal.is_confirmed(&item);
            journal.confirm(&item).expect("the file can be appended to");
            drop(journal);
            // Opening removes only a partial last line.
            let before =
                &data[..data.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)];
            let after = read(&file);
            assert!(after.starts_with(before) || after.starts_with(data));
            check_items(&file, confirmed + usize::from(is_new), damaged);
            FileJournal::repair(&file.0).expect("a journal can be repaired");
            assert!(FileJournal::check(&file.0).is_ok_and(|report| report.is_sound()));
            check_items(&file, confirmed + usize::from(is_new), 0);
        }
    }
}

fn read(file: &TemporaryFile) -> Vec<u8> {
    fs::read(&file.0).expect("the file can be read")
}

fn check_items(file: &TemporaryFile, confirmed: usize, damaged: u64) {
    let journal = FileJournal::open(&file.0).expect("a journal can be opened again");
    assert_eq!((journal.confirmed_before(), journal.damaged_lines()), (confirmed, damaged));
}

/// A file of this process, removed on drop. In memory where the system has such a folder.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn new() -> Self {
        let memory = PathBuf::from("/dev/shm");
        let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
        Self(folder.join(format!("cognigy-context-fuzz-{}.journal", std::process::id())))
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
        // A failed repair may leave its new file.
        let mut repaired = self.0.clone().into_os_string();
        repaired.push(".repaired");
        let _ = fs::remove_file(repaired);
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
