//! Bulks of injections: what is taken of the input, what a journal remembers, and what is left when
//! a process is killed at any moment.

#![cfg(feature = "http")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should stop there"
)]

use std::collections::HashSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cognigy_context::client::{
    BulkDone, BulkOptions, BulkSummary, FileJournal, ItemKey, Journal, JsonLinesAudit, Settings,
};
use cognigy_context::{Client, Error, FailureKind, InjectionPayload, InjectionVariable};
use cognigy_context_sandbox::{Config, Options, Sandbox};
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};

const ROWS: usize = 20_000;
const AT_A_TIME: usize = 16;

fn settings() -> Settings {
    Settings { rate: None, platform_rate: None, max_concurrent: AT_A_TIME, ..Settings::default() }
}

fn client_of(url: &str) -> Client {
    Client::builder().base_url(url).api_key("sandbox-key").settings(settings()).build().unwrap()
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::start(Config::default()).unwrap();
    sandbox.set_options(Options {
        create_sessions: true,
        record_requests: false,
        ..Options::default()
    });
    sandbox
}

/// A hundred rows a session, each with a key of its own.
fn row(index: usize) -> InjectionPayload {
    let variable = InjectionVariable::new(format!("row_{index}"), json!(index));
    InjectionPayload::new(format!("s-{}", index / 100), [variable])
}

#[tokio::test]
async fn no_more_of_the_input_is_taken_than_is_under_way() {
    let sandbox = sandbox();
    let client = client_of(sandbox.url());
    let taken = AtomicUsize::new(0);
    let rows = (0..500).map(row).inspect(|_| {
        taken.fetch_add(1, Ordering::Relaxed);
    });
    let outcomes = client.inject_many(
        stream::iter(client.bulk_items(rows)),
        BulkOptions { concurrency: Some(4), ..BulkOptions::default() },
    );
    let mut outcomes = std::pin::pin!(outcomes);
    let mut done = 0;
    while let Some(outcome) = outcomes.next().await {
        assert_eq!(outcome.result.unwrap(), BulkDone::Injected);
        done += 1;
        assert!(taken.load(Ordering::Relaxed) <= done + 5, "{taken:?} taken, {done} done");
    }
    assert_eq!(done, 500);
}

#[tokio::test]
async fn what_is_refused_or_fails_is_told_and_the_rest_goes_on() {
    let sandbox = Sandbox::start(Config::default()).unwrap();
    sandbox.seed_session("s-0", json!({})).unwrap();
    let client = client_of(sandbox.url());
    let bad = InjectionPayload::new("s-0", [InjectionVariable::new("bad name", json!(1))]);
    let missing = InjectionPayload::new("nobody", [InjectionVariable::new("a", json!(1))]);
    let rows = [row(0), bad, missing, row(1)];
    let outcomes =
        client.inject_many(stream::iter(client.bulk_items(rows)), BulkOptions::default());
    let mut summary = BulkSummary::default();
    for outcome in outcomes.collect::<Vec<_>>().await {
        summary.add(&outcome);
        match (outcome.index, outcome.result) {
            (0 | 3, Ok(BulkDone::Injected)) | (1, Err(Error::Validation(_))) => {}
            (2, Err(Error::Failure(failure))) => {
                assert_eq!(failure.kind, FailureKind::SessionNotFound);
            }
            (index, result) => panic!("{index}: {result:?}"),
        }
    }
    assert_eq!((summary.total, summary.injected, summary.failed), (4, 2, 2));
}

#[tokio::test]
async fn an_input_that_was_changed_is_sent_where_it_was_changed() {
    let sandbox = sandbox();
    let client = client_of(sandbox.url());
    let folder = folder("changed");
    let path = folder.join("journal");
    for (rows, expected) in [(vec![row(0), row(1)], 2), (vec![row(0), row(7)], 1)] {
        let journal = FileJournal::open(&path).unwrap();
        let options = BulkOptions { journal: Some(Arc::new(journal)), ..BulkOptions::default() };
        let outcomes = client.inject_many(stream::iter(client.bulk_items(rows)), options);
        let injected = outcomes
            .filter(|outcome| std::future::ready(matches!(outcome.result, Ok(BulkDone::Injected))));
        assert_eq!(injected.count().await, expected);
    }
}

#[test]
fn a_journal_is_used_by_one_process_at_a_time_and_mends_a_torn_line() {
    let path = folder("torn").join("journal");
    let key = ItemKey { index: 3, digest: [7; 16] };
    std::fs::write(&path, format!("{}\n9 0123", key.to_line())).unwrap();
    let journal = FileJournal::open(&path).unwrap();
    assert_eq!(journal.confirmed_before(), 1);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{}\n", key.to_line()));
    assert_eq!(FileJournal::open(&path).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    drop(journal);
    std::fs::write(&path, "name,value\n").unwrap();
    assert_eq!(FileJournal::open(&path).unwrap_err().kind(), std::io::ErrorKind::InvalidData);
}

/// A child process that has a copy of every file which this process has open, as each has between
/// `fork` and `exec`. It is killed when this is dropped.
#[cfg(unix)]
struct Child(libc::pid_t);

#[cfg(unix)]
#[allow(unsafe_code, reason = "the standard library does not fork without exec")]
impl Child {
    /// Forks a child that does `work` and ends.
    fn fork(work: impl FnOnce()) -> Self {
        // SAFETY: the work closes files or waits, and the child ends without the handlers of its parent.
        match unsafe { libc::fork() } {
            0 => {
                work();
                unsafe { libc::_exit(0) }
            }
            id => {
                assert!(id > 0, "fork: {}", std::io::Error::last_os_error());
                Self(id)
            }
        }
    }

    /// Forks a child that does nothing. It ends after a minute where nothing else ends it.
    fn idle() -> Self {
        Self::fork(|| unsafe {
            libc::alarm(60);
            libc::pause();
        })
    }

    /// Waits until the child has done its work.
    fn join(self) {
        let mut status = 0;
        // SAFETY: the child is ours, and nothing else waits for it.
        assert_eq!(unsafe { libc::waitpid(self.0, &raw mut status, 0) }, self.0);
        assert_eq!(status, 0);
        std::mem::forget(self);
    }
}

#[cfg(unix)]
#[allow(unsafe_code, reason = "it ends what `fork` began")]
impl Drop for Child {
    fn drop(&mut self) {
        // SAFETY: the child is ours, and nothing else waits for it.
        unsafe {
            libc::kill(self.0, libc::SIGKILL);
            libc::waitpid(self.0, std::ptr::null_mut(), 0);
        }
    }
}

#[cfg(unix)]
#[test]
fn closing_or_dropping_a_journal_releases_its_lock_while_a_forked_child_lives() {
    let path = folder("forked").join("journal");
    let closed = FileJournal::open(&path).unwrap();
    let first = Child::idle();
    assert_eq!(FileJournal::open(&path).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    closed.close();
    let dropped = FileJournal::open(&path).unwrap();
    let second = Child::idle();
    drop(dropped);
    let again = FileJournal::open(&path).unwrap();
    let key = ItemKey { index: 0, digest: [1; 16] };
    again.confirm(&key).unwrap();
    assert!(closed.confirm(&key).is_err(), "a closed journal cannot remember");
    drop((first, second));
}

#[cfg(unix)]
#[test]
fn a_forked_child_that_drops_a_journal_leaves_its_parent_the_lock() {
    let path = folder("child").join("journal");
    let mut journal = Some(FileJournal::open(&path).unwrap());
    Child::fork(|| drop(journal.take())).join();
    assert!(journal.is_some(), "the child has dropped a copy of its own");
    assert_eq!(FileJournal::open(&path).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bulk-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The process that is killed: it injects all rows, with a journal and an audit file. It does
/// nothing when the tests are run as a whole.
#[test]
fn the_process_that_is_killed() {
    let (Ok(url), Ok(folder)) = (std::env::var("BULK_URL"), std::env::var("BULK_FOLDER")) else {
        return;
    };
    let folder = Path::new(&folder);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let client = Client::builder()
            .base_url(url)
            .api_key("sandbox-key")
            .settings(settings())
            .audit(JsonLinesAudit::open(folder.join("audit.jsonl")).unwrap())
            .build()
            .unwrap();
        let journal = Arc::new(FileJournal::open(folder.join("journal")).unwrap());
        let options = BulkOptions { journal: Some(journal), concurrency: Some(AT_A_TIME) };
        let rows = stream::iter(client.bulk_items((0..ROWS).map(row)));
        let mut outcomes = std::pin::pin!(client.inject_many(rows, options));
        while let Some(outcome) = outcomes.next().await {
            outcome.result.unwrap();
        }
    });
}

fn confirmed(folder: &Path) -> HashSet<u64> {
    let text = std::fs::read_to_string(folder.join("journal")).unwrap_or_default();
    let whole = text.rfind('\n').and_then(|end| text.get(..end)).unwrap_or_default();
    let rows: Vec<u64> = whole.lines().map(|line| ItemKey::of_line(line).unwrap().index).collect();
    let distinct: HashSet<u64> = rows.iter().copied().collect();
    assert_eq!(rows.len(), distinct.len(), "a row was confirmed twice");
    distinct
}

#[test]
fn a_bulk_that_is_killed_again_and_again_loses_nothing_and_repeats_nothing_confirmed() {
    let sandbox = sandbox();
    let folder = folder("killed");
    let begin = || {
        Command::new(std::env::current_exe().unwrap())
            .args(["the_process_that_is_killed", "--exact"])
            .env("BULK_URL", sandbox.url())
            .env("BULK_FOLDER", &folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut lots = 12_345_u64;
    for _ in 0..10 {
        let (before, sent_before) = (confirmed(&folder).len(), sandbox.counters().requests);
        let mut process = begin();
        // It is killed once it has confirmed some rows, and then at any moment.
        while confirmed(&folder).len() <= before {
            assert!(process.try_wait().unwrap().is_none(), "it ended before it was killed");
            std::thread::sleep(Duration::from_millis(2));
        }
        lots = lots.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_millis(lots >> 57));
        process.kill().unwrap();
        process.wait().unwrap();
        // What it had under way may still arrive.
        std::thread::sleep(Duration::from_millis(50));
        let now = confirmed(&folder).len();
        let sent = sandbox.counters().requests - sent_before;
        assert!(now < ROWS, "the rows were all done before it was killed often enough");
        assert!(sent as usize <= now - before + AT_A_TIME, "{sent} sent, {before} to {now}");
    }
    let (before, sent_before) = (confirmed(&folder).len(), sandbox.counters().requests);
    assert!(begin().wait().unwrap().success());
    // Exactly those were sent that were not confirmed: none of the others again.
    assert_eq!((sandbox.counters().requests - sent_before) as usize, ROWS - before);
    assert_eq!(confirmed(&folder).len(), ROWS);

    for index in 0..ROWS {
        if index % 100 == 0 {
            let session = sandbox.session(&format!("s-{}", index / 100)).unwrap();
            let held = session["variables"].as_array().map_or(0, Vec::len);
            assert_eq!(held, 100, "{session}");
        }
    }
    let audit = std::fs::read_to_string(folder.join("audit.jsonl")).unwrap();
    assert!(audit.ends_with('\n'));
    for line in audit.lines() {
        let record: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("torn: {line}"));
        assert_eq!(record["operation"], "inject");
    }
}
