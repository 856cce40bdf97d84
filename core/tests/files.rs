//! Journals and audit files: which files are written to, what remains of a failed write, who can read them,
//! and what a run notices.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed assumption should fail the test"
)]

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use cognigy_context::client::{
    AuditDetails, AuditRecord, AuditSink, AuditStatus, FileJournal, ItemKey, Journal,
    JournalReport, JsonLinesAudit,
};
use serde_json::Value;

const JOURNAL_HEADER: &str = "cognigy-context journal 1";
const AUDIT_HEADER: &str = r#"{"format":"cognigy-context audit","version":1}"#;

/// Creates an empty folder that no other run of these tests uses.
fn folder(name: &str) -> PathBuf {
    let name = format!("files-{name}-{}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn key(index: u64) -> ItemKey {
    ItemKey { index, digest: [0xab; 16] }
}

/// Returns the text of a journal with these lines.
fn journal_of(lines: &[&str]) -> String {
    [&[JOURNAL_HEADER], lines].concat().iter().map(|line| format!("{line}\n")).collect()
}

fn record() -> AuditRecord {
    AuditRecord {
        timestamp: "2026-01-01T00:00:00Z".to_owned(),
        operation: "inject",
        status: AuditStatus::Success,
        session: None,
        variable_count: 1,
        latency_ms: 2.0,
        details: AuditDetails::default(),
    }
}

fn append(path: &Path, text: &str) {
    File::options().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

/// Tries every function that opens a file, and returns the kinds of their errors.
fn errors(path: &Path) -> Vec<ErrorKind> {
    let results = [
        FileJournal::open(path).map(drop),
        FileJournal::open_durable(path).map(drop),
        FileJournal::check(path).map(drop),
        FileJournal::repair(path).map(drop),
        JsonLinesAudit::open(path).map(drop),
        JsonLinesAudit::open_durable(path).map(drop),
    ];
    results.into_iter().map(|result| result.unwrap_err().kind()).collect()
}

#[test]
fn a_file_of_another_format_is_rejected_and_unchanged() {
    let path = folder("foreign").join("file");
    let item = key(7).to_line();
    let contents: [&[u8]; 12] = [
        br#"{"a": 1}"#,
        b"name,value\na,1\nb,2",
        b"notes without a line break",
        b"\n",
        b"{",
        b"\x7fELF\0\x01\x02\n\xff\xfe",
        &[0; 4_096],
        b"cognigy-context journal 2\n0 ab",
        b"cognigy-context journal\n",
        br#"{"format":"cognigy-context audit","version":2}"#,
        br#"{"timestamp":"2026-01-01T00:00:00Z","operation":"inject"}"#,
        item.as_bytes(),
    ];
    for content in contents {
        fs::write(&path, content).unwrap();
        assert_eq!(errors(&path), [ErrorKind::InvalidData; 6]);
        assert_eq!(fs::read(&path).unwrap(), content);
    }
    // Each of the two formats rejects the other.
    fs::write(&path, journal_of(&[])).unwrap();
    assert_eq!(JsonLinesAudit::open(&path).unwrap_err().kind(), ErrorKind::InvalidData);
    fs::write(&path, format!("{AUDIT_HEADER}\n")).unwrap();
    assert_eq!(FileJournal::open(&path).unwrap_err().kind(), ErrorKind::InvalidData);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no other file remains");
}

#[test]
fn a_huge_file_without_a_line_break_is_rejected_after_a_few_bytes() {
    let path = folder("huge").join("file");
    // Sparse. Reading it whole would take more memory and time than a test has.
    const HUGE: u64 = 1 << 40;
    File::create(&path).unwrap().set_len(HUGE).unwrap();
    assert_eq!(errors(&path), [ErrorKind::InvalidData; 6]);
    assert_eq!(fs::metadata(&path).unwrap().len(), HUGE);
    fs::remove_file(&path).unwrap();
}

#[test]
fn a_message_about_another_version_names_both_versions() {
    let path = folder("version").join("file");
    fs::write(&path, "cognigy-context journal 12\n").unwrap();
    let message = FileJournal::open(&path).unwrap_err().to_string();
    assert!(message.contains("version 12") && message.contains("supports version 1;"), "{message}");
}

#[test]
fn an_empty_file_and_a_partial_first_line_are_completed() {
    let folder = folder("empty");
    for (index, start) in ["", "cognigy-context", "cognigy-context journal 1"].iter().enumerate() {
        let path = folder.join(format!("journal-{index}"));
        fs::write(&path, start).unwrap();
        assert_eq!(FileJournal::check(&path).unwrap().confirmed, 0);
        FileJournal::open(&path).unwrap().confirm(&key(1)).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), journal_of(&[&key(1).to_line()]));
    }
    for (index, start) in ["", r#"{"format":"cognigy-context"#].iter().enumerate() {
        let path = folder.join(format!("audit-{index}"));
        fs::write(&path, start).unwrap();
        JsonLinesAudit::open(&path).unwrap().record(&record()).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(&format!("{AUDIT_HEADER}\n{{\"timestamp\"")), "{text}");
    }
}

#[test]
fn a_journal_keeps_its_sound_lines_and_a_repair_removes_the_others() {
    let path = folder("damaged").join("journal");
    let (first, second) = (key(1).to_line(), key(2).to_line());
    let torn = second.get(..20).unwrap();
    // A full disk has torn the third line, and the next write continued it.
    let glued = format!("{torn}{second}");
    let text = journal_of(&[&second, &first, &glued, "\u{0}\u{0}", &first]);
    fs::write(&path, format!("{text}{torn}")).unwrap();
    let expected = JournalReport { lines: 5, confirmed: 2, damaged: 2, partial: true };
    assert_eq!(FileJournal::check(&path).unwrap(), expected);
    assert!(!expected.is_sound());

    let journal = FileJournal::open(&path).unwrap();
    assert_eq!((journal.confirmed_before(), journal.damaged_lines()), (2, 2));
    assert!(journal.is_confirmed(&key(1)) && journal.is_confirmed(&key(2)));
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "only the partial line is removed");
    assert_eq!(FileJournal::repair(&path).unwrap_err().kind(), ErrorKind::WouldBlock);
    journal.close();

    let report = JournalReport { partial: false, ..expected };
    assert_eq!(FileJournal::repair(&path).unwrap(), report);
    assert_eq!(fs::read_to_string(&path).unwrap(), journal_of(&[&first, &second]));
    let report = FileJournal::repair(&path).unwrap();
    assert_eq!(report, JournalReport { lines: 2, confirmed: 2, damaged: 0, partial: false });
    assert_eq!(FileJournal::open(&path).unwrap().damaged_lines(), 0);
}

#[test]
fn a_repair_ignores_its_own_leftovers_and_keeps_other_files() {
    let folder = folder("leftover");
    let (path, new_path) = (folder.join("journal"), folder.join("journal.repaired"));
    let damaged = journal_of(&["damaged"]);
    fs::write(&path, &damaged).unwrap();
    fs::write(&new_path, "notes").unwrap();
    assert_eq!(FileJournal::repair(&path).unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(fs::read_to_string(&new_path).unwrap(), "notes");
    assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
    fs::write(&new_path, journal_of(&["0 partial"])).unwrap();
    assert_eq!(FileJournal::repair(&path).unwrap().damaged, 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), journal_of(&[]));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    let missing = folder.join("missing");
    assert_eq!(FileJournal::repair(&missing).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(FileJournal::check(&missing).unwrap_err().kind(), ErrorKind::NotFound);
    assert!(!missing.exists());
}

#[test]
fn a_line_never_continues_a_partial_one() {
    let folder = folder("continued");
    let path = folder.join("journal");
    let journal = FileJournal::open(&path).unwrap();
    journal.confirm(&key(1)).unwrap();
    append(&path, "2 ab");
    journal.confirm(&key(3)).unwrap();
    let expected = journal_of(&[&key(1).to_line(), "2 ab", &key(3).to_line()]);
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);

    let path = folder.join("audit");
    let audit = JsonLinesAudit::open(&path).unwrap();
    append(&path, r#"{"timestamp":"20"#);
    // Another process has the file open, too.
    let other = JsonLinesAudit::open(&path).unwrap();
    other.record(&record()).unwrap();
    audit.record(&record()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.get(..2).unwrap(), [AUDIT_HEADER, r#"{"timestamp":"20"#]);
    let records = lines.get(2..).unwrap().iter().map(|line| serde_json::from_str(line).unwrap());
    assert!(records.map(|record: Value| record["operation"] == "inject").eq([true, true]));
}

#[test]
fn a_deleted_replaced_or_truncated_file_is_an_error_of_the_next_line() {
    let folder = folder("replaced");
    type Change = fn(&Path);
    let changes: [(&str, Change); 3] = [
        ("deleted", |path| fs::remove_file(path).unwrap()),
        ("replaced", |path| {
            let other = path.with_extension("new");
            fs::write(&other, journal_of(&[])).unwrap();
            fs::rename(other, path).unwrap();
        }),
        ("truncated", |path| File::options().write(true).open(path).unwrap().set_len(30).unwrap()),
    ];
    for (name, change) in changes {
        let path = folder.join(name);
        let journal = FileJournal::open(&path).unwrap();
        journal.confirm(&key(1)).unwrap();
        change(&path);
        for index in [2, 3] {
            assert!(journal.confirm(&key(index)).unwrap_err().contains("in use"), "{name}");
        }
    }
    for (name, change) in changes.into_iter().take(2) {
        let path = folder.join(format!("{name}-audit"));
        let audit = JsonLinesAudit::open(&path).unwrap();
        audit.record(&record()).unwrap();
        change(&path);
        assert!(audit.record(&record()).unwrap_err().contains("deleted or replaced"), "{name}");
    }
}

#[test]
fn an_audit_file_that_a_rotation_empties_begins_again() {
    let path = folder("rotated").join("audit");
    let audit = JsonLinesAudit::open(&path).unwrap();
    audit.record(&record()).unwrap();
    File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
    audit.record(&record()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(AUDIT_HEADER) && text.lines().count() == 2, "{text}");
    assert!(JsonLinesAudit::open(&path).is_ok());
}

#[test]
fn durable_files_have_the_same_content() {
    let folder = folder("durable");
    let path = folder.join("journal");
    let journal = FileJournal::open_durable(&path).unwrap();
    journal.confirm(&key(1)).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), journal_of(&[&key(1).to_line()]));
    let path = folder.join("audit");
    JsonLinesAudit::open_durable(&path).unwrap().record(&record()).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
}

#[test]
fn the_lock_of_another_program_does_not_stop_an_audit_file() {
    let path = folder("locked").join("audit");
    let other = File::create(&path).unwrap();
    other.lock().unwrap();
    // Empty, so the first line has to be written; then with its first line.
    for expected in [2, 3] {
        JsonLinesAudit::open(&path).unwrap().record(&record()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), expected);
    }
}

#[test]
fn processes_that_create_an_audit_file_together_keep_each_other_s_records() {
    const WRITERS: usize = 8;
    const RECORDS: usize = 50;
    let path = folder("together").join("audit");
    let start = std::sync::Barrier::new(WRITERS);
    std::thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| {
                start.wait();
                let audit = JsonLinesAudit::open(&path).unwrap();
                for _ in 0..RECORDS {
                    audit.record(&record()).unwrap();
                }
            });
        }
    });
    let text = fs::read_to_string(&path).unwrap();
    // A writer that sees the partial line of another one for long begins on a new line, which leaves an empty line.
    let lines = text.lines().filter(|line| !line.is_empty());
    let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let records = lines.iter().filter(|line| line["operation"] == "inject").count();
    assert_eq!(records, WRITERS * RECORDS);
    assert!(text.starts_with(AUDIT_HEADER));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn only_the_owner_can_read_a_new_file_and_an_existing_one_keeps_its_mode() {
        let folder = folder("mode");
        let (journal, audit) = (folder.join("journal"), folder.join("audit"));
        drop(FileJournal::open(&journal).unwrap());
        drop(JsonLinesAudit::open(&audit).unwrap());
        assert_eq!((mode(&journal), mode(&audit)), (0o600, 0o600));
        for path in [&journal, &audit] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o640)).unwrap();
        }
        drop(FileJournal::open(&journal).unwrap());
        drop(JsonLinesAudit::open(&audit).unwrap());
        assert_eq!((mode(&journal), mode(&audit)), (0o640, 0o640));
        append(&journal, "damaged\n");
        FileJournal::repair(&journal).unwrap();
        assert_eq!(mode(&journal), 0o600);
    }

    #[test]
    fn anything_but_a_regular_file_is_rejected_without_waiting() {
        let folder = folder("special");
        let fifo = folder.join("fifo");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let socket = folder.join("socket");
        let _listener = UnixListener::bind(&socket).unwrap();
        let link = folder.join("link");
        symlink(&fifo, &link).unwrap();
        let paths = [fifo, socket, link, folder, "/dev/null".into(), "/dev/full".into()];
        for path in paths.iter().filter(|path| path.exists()) {
            assert_eq!(errors(path), [ErrorKind::InvalidInput; 6], "{}", path.display());
        }
    }

    #[test]
    fn a_symbolic_link_to_a_file_is_that_file_also_after_a_repair() {
        let folder = folder("link");
        let (target, link) = (folder.join("target"), folder.join("link"));
        fs::write(&target, journal_of(&[&key(1).to_line(), "damaged"])).unwrap();
        symlink(&target, &link).unwrap();
        let journal = FileJournal::open(&link).unwrap();
        journal.confirm(&key(2)).unwrap();
        assert_eq!(FileJournal::open(&target).unwrap_err().kind(), ErrorKind::WouldBlock);
        drop(journal);
        assert_eq!(FileJournal::repair(&link).unwrap().damaged, 1);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let expected = journal_of(&[&key(1).to_line(), &key(2).to_line()]);
        assert_eq!(fs::read_to_string(&target).unwrap(), expected);
    }

    #[test]
    fn a_lock_file_of_node_counts_until_its_process_has_ended() {
        let path = folder("node").join("journal");
        let lock = path.with_extension("lock");
        let host = rustix::system::uname().nodename().to_str().unwrap().to_owned();
        let own = std::process::id();
        let mut ended = Command::new("true").spawn().unwrap();
        let ended_id = ended.id();
        ended.wait().unwrap();
        for (text, is_locked) in [
            (format!("{own} - {host}\n"), cfg!(not(target_os = "linux"))),
            (format!("{ended_id} 1 {host}\n"), false),
            (format!("{ended_id} 1 other.{host}\n"), true),
            (String::new(), true),
            ("notes".to_owned(), true),
        ] {
            fs::write(&lock, &text).unwrap();
            let opened = FileJournal::open(&path).map(drop).map_err(|error| error.kind());
            let expected = if is_locked { Err(ErrorKind::WouldBlock) } else { Ok(()) };
            assert_eq!(opened, expected, "{text:?}");
            assert_eq!(fs::read_to_string(&lock).unwrap(), text);
        }
        if let Ok(stat) = fs::read_to_string("/proc/self/stat") {
            let (_, fields) = stat.rsplit_once(')').unwrap();
            let start = fields.split_whitespace().nth(19).unwrap();
            fs::write(&lock, format!("{own} {start} {host}\n")).unwrap();
            assert_eq!(FileJournal::open(&path).unwrap_err().kind(), ErrorKind::WouldBlock);
        }
    }

    /// Sets the maximum size of the files of this process. A larger write is partial, like one to a full disk.
    #[allow(unsafe_code, reason = "the standard library does not ignore signals")]
    fn limit_file_size(bytes: Option<u64>) {
        use rustix::process::{Resource, Rlimit, setrlimit};

        // SAFETY: ignores a signal that otherwise ends the process.
        unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
        setrlimit(Resource::Fsize, Rlimit { current: bytes, maximum: None }).unwrap();
    }

    /// The child process of `a_failed_write_leaves_no_damage`. Without its environment variable it does
    /// nothing.
    #[test]
    fn full_disk_child_process() {
        let Ok(folder) = std::env::var("FILES_FOLDER") else { return };
        let folder = Path::new(&folder);
        let path = folder.join("journal");
        let journal = FileJournal::open(&path).unwrap();
        journal.confirm(&key(1)).unwrap();
        let before = fs::read(&path).unwrap();
        limit_file_size(Some(before.len() as u64 + 10));
        for index in [2, 3] {
            journal.confirm(&key(index)).unwrap_err();
            assert_eq!(fs::read(&path).unwrap(), before, "the partial line is removed");
        }
        limit_file_size(None);
        journal.confirm(&key(4)).unwrap();
        let expected = journal_of(&[&key(1).to_line(), &key(4).to_line()]);
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);

        let path = folder.join("audit");
        let audit = JsonLinesAudit::open(&path).unwrap();
        let length = fs::metadata(&path).unwrap().len();
        limit_file_size(Some(length + 10));
        audit.record(&record()).unwrap_err();
        limit_file_size(None);
        audit.record(&record()).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!((&last["operation"], text.lines().count()), (&Value::from("inject"), 3));

        // Not even the first line of a new file fits.
        limit_file_size(Some(5));
        let path = folder.join("new");
        FileJournal::open(&path).unwrap_err();
        JsonLinesAudit::open(&path).unwrap_err();
        assert_eq!(fs::read(&path).unwrap(), b"");
        // A repair that fails changes nothing.
        let path = folder.join("damaged");
        let damaged = fs::read(&path).unwrap();
        FileJournal::repair(&path).unwrap_err();
        assert_eq!(fs::read(&path).unwrap(), damaged);
        assert!(!folder.join("damaged.repaired").exists());
        limit_file_size(None);
        assert!(FileJournal::open(folder.join("new")).is_ok());
    }

    #[test]
    fn a_failed_write_leaves_no_damage() {
        let folder = folder("full");
        fs::write(folder.join("damaged"), journal_of(&["damaged", &key(1).to_line()])).unwrap();
        // In its own process, because the limit concerns every file of a process.
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["unix::full_disk_child_process", "--exact", "--nocapture"])
            .env("FILES_FOLDER", &folder)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && text.contains("1 passed"), "{text}{error}");
    }
}
