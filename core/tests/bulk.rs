//! Bulk injection: how many items are read ahead, which items a journal skips, and which items are sent
//! after the process was killed.

#![cfg(feature = "http")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed assumption should fail the test"
)]

#[path = "support/seed.rs"]
mod seed;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cognigy_context::client::{
    BulkOptions, BulkStatus, BulkSummary, FileJournal, ItemKey, Journal, JsonLinesAudit, Settings,
};
use cognigy_context::{ApiErrorKind, Client, Error, InjectionPayload, InjectionVariable};
use cognigy_context_sandbox::{Config, Options, Sandbox};
use futures_util::stream::{self, StreamExt};
use seed::{SeededCase, SplitMix64};
use serde_json::{Value, json};

/// The number of times the process is killed.
const KILLS: usize = 10;
/// The maximum number of rows that a process confirms before it is killed.
const ROWS_PER_KILL: usize = 1_000;
/// More rows than the killed processes can confirm, so that the last process has some left.
const ROWS: usize = (KILLS + 2) * ROWS_PER_KILL;
const ROWS_PER_SESSION: usize = 100;
const CONCURRENCY: usize = 16;
/// The first line of a journal.
const HEADER: &str = "cognigy-context journal 1";
/// A timeout that is long enough for a slow machine. No test here depends on time.
const GENEROUS_TIMEOUT: Duration = Duration::from_secs(600);

fn settings() -> Settings {
    Settings {
        rate: None,
        platform_rate: None,
        max_concurrent: CONCURRENCY,
        deadline: GENEROUS_TIMEOUT,
        attempt_timeout: GENEROUS_TIMEOUT,
        connect_timeout: GENEROUS_TIMEOUT,
        ..Settings::default()
    }
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

/// Returns the row with this index: one variable with a unique key.
fn row(index: usize) -> InjectionPayload {
    let variable = InjectionVariable::new(format!("row_{index}"), json!(index));
    InjectionPayload::new(format!("s-{}", index / ROWS_PER_SESSION), [variable])
}

#[tokio::test]
async fn inject_many_reads_at_most_one_item_beyond_the_items_in_flight() {
    let sandbox = sandbox();
    let client = client_of(sandbox.url());
    const ITEMS_IN_FLIGHT: usize = 4;
    let read_items = AtomicUsize::new(0);
    let rows = (0..500).map(row).inspect(|_| {
        read_items.fetch_add(1, Ordering::Relaxed);
    });
    let outcomes = client.inject_many(
        stream::iter(client.bulk_items(rows)),
        BulkOptions { concurrency: Some(ITEMS_IN_FLIGHT), ..BulkOptions::default() },
    );
    let mut outcomes = std::pin::pin!(outcomes);
    let mut finished = 0;
    while let Some(outcome) = outcomes.next().await {
        assert_eq!(outcome.result.unwrap(), BulkStatus::Injected);
        finished += 1;
        assert!(
            read_items.load(Ordering::Relaxed) <= finished + ITEMS_IN_FLIGHT + 1,
            "{read_items:?} read, {finished} finished"
        );
    }
    assert_eq!(finished, 500);
}

#[tokio::test]
async fn inject_many_reports_failures_and_continues() {
    let sandbox = Sandbox::start(Config::default()).unwrap();
    sandbox.seed_session("s-0", json!({})).unwrap();
    let client = client_of(sandbox.url());
    let bad = InjectionPayload::new("s-0", [InjectionVariable::new("bad name", json!(1))]);
    let missing = InjectionPayload::new("unknown", [InjectionVariable::new("a", json!(1))]);
    let rows = [row(0), bad, missing, row(1)];
    let outcomes =
        client.inject_many(stream::iter(client.bulk_items(rows)), BulkOptions::default());
    let mut summary = BulkSummary::default();
    for outcome in outcomes.collect::<Vec<_>>().await {
        summary.add(&outcome);
        match (outcome.index, outcome.result) {
            (0 | 3, Ok(BulkStatus::Injected)) | (1, Err(Error::Validation(_))) => {}
            (2, Err(Error::Api(error))) => {
                assert_eq!(error.kind, ApiErrorKind::SessionNotFound);
            }
            (index, result) => panic!("{index}: {result:?}"),
        }
    }
    assert_eq!((summary.total, summary.injected, summary.failed), (4, 2, 2));
}

#[tokio::test]
async fn a_journal_skips_only_unchanged_items() {
    let sandbox = sandbox();
    let client = client_of(sandbox.url());
    let folder = folder("changed");
    let path = folder.join("journal");
    for (rows, expected) in [(vec![row(0), row(1)], 2), (vec![row(0), row(7)], 1)] {
        let journal = FileJournal::open(&path).unwrap();
        let options = BulkOptions { journal: Some(Arc::new(journal)), ..BulkOptions::default() };
        let outcomes = client.inject_many(stream::iter(client.bulk_items(rows)), options);
        let injected = outcomes.filter(|outcome| {
            std::future::ready(matches!(outcome.result, Ok(BulkStatus::Injected)))
        });
        assert_eq!(injected.count().await, expected);
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_journal_locks_its_file_and_removes_a_partial_line() {
    let path = folder("partial").join("journal");
    let key = ItemKey { index: 3, digest: [7; 16] };
    let sound = format!("{HEADER}\n{}\n", key.to_line());
    std::fs::write(&path, format!("{sound}9 0123")).unwrap();
    let journal = FileJournal::open(&path).unwrap();
    assert_eq!((journal.confirmed_before(), journal.damaged_lines()), (1, 0));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), sound);
    assert_eq!(FileJournal::open(&path).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    drop(journal);
    assert!(FileJournal::open(&path).is_ok());
}

/// A forked child process. It has a copy of every open file of this process, as any child has between
/// `fork` and `exec`. It is killed on drop.
#[cfg(unix)]
struct ForkedChild(libc::pid_t);

#[cfg(unix)]
#[allow(unsafe_code, reason = "the standard library does not fork without exec")]
impl ForkedChild {
    /// Forks a child that runs `work` and exits.
    fn fork(work: impl FnOnce()) -> Self {
        // SAFETY: the work only closes files or waits, and the child exits without running exit handlers.
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

    /// Forks a child that only waits. It exits after a minute at the latest.
    fn idle() -> Self {
        Self::fork(|| unsafe {
            libc::alarm(60);
            libc::pause();
        })
    }

    /// Waits until the child has finished its work. Panics if the child failed.
    fn join(self) {
        let mut status = 0;
        // SAFETY: the child is ours, and nothing else waits for it.
        assert_eq!(unsafe { libc::waitpid(self.0, &raw mut status, 0) }, self.0);
        assert_eq!(status, 0);
        std::mem::forget(self);
    }
}

#[cfg(unix)]
#[allow(unsafe_code, reason = "the standard library does not kill a forked process")]
impl Drop for ForkedChild {
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
    let first = ForkedChild::idle();
    assert_eq!(FileJournal::open(&path).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    closed.close();
    let dropped = FileJournal::open(&path).unwrap();
    let second = ForkedChild::idle();
    drop(dropped);
    let again = FileJournal::open(&path).unwrap();
    let key = ItemKey { index: 0, digest: [1; 16] };
    again.confirm(&key).unwrap();
    assert!(closed.confirm(&key).is_err(), "a closed journal cannot confirm");
    drop((first, second));
}

#[cfg(unix)]
#[test]
#[allow(unsafe_code, reason = "the standard library does not exit without running exit handlers")]
fn a_forked_child_cannot_confirm_items_in_the_journal_of_its_parent() {
    let path = folder("inherited").join("journal");
    let journal = FileJournal::open(&path).unwrap();
    let key = ItemKey { index: 0, digest: [1; 16] };
    ForkedChild::fork(|| {
        if journal.confirm(&key).is_ok() {
            // SAFETY: ends the child.
            unsafe { libc::_exit(1) }
        }
    })
    .join();
    journal.confirm(&key).unwrap();
    assert_eq!(FileJournal::check(&path).unwrap().lines, 1);
}

#[cfg(unix)]
#[test]
fn a_forked_child_that_drops_a_journal_keeps_the_lock_of_its_parent() {
    let path = folder("child").join("journal");
    let mut journal = Some(FileJournal::open(&path).unwrap());
    ForkedChild::fork(|| drop(journal.take())).join();
    assert!(journal.is_some(), "the child has dropped only its own copy");
    assert_eq!(FileJournal::open(&path).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

/// Creates an empty folder that no other run of these tests uses.
fn folder(name: &str) -> PathBuf {
    let name = format!("bulk-{name}-{}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The child process of `a_killed_bulk_loses_no_item_and_repeats_no_confirmed_item`. It injects the first
/// `BULK_ROWS` rows, with a journal and an audit file. If these are not all rows, it then waits until it is
/// killed. Without its environment variables it does nothing.
#[test]
fn bulk_child_process() {
    let (Ok(url), Ok(folder)) = (std::env::var("BULK_URL"), std::env::var("BULK_FOLDER")) else {
        return;
    };
    let folder = Path::new(&folder);
    let count: usize = std::env::var("BULK_ROWS").unwrap().parse().unwrap();
    // The standard input has no data; it ends when the test ends.
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(1);
    });
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
        let options = BulkOptions { journal: Some(journal), concurrency: Some(CONCURRENCY) };
        let rows = stream::iter(client.bulk_items((0..count).map(row)));
        let mut outcomes = if count < ROWS {
            client.inject_many(rows.chain(stream::pending()), options).boxed_local()
        } else {
            client.inject_many(rows, options).boxed_local()
        };
        while let Some(outcome) = outcomes.next().await {
            outcome.result.unwrap();
        }
    });
}

/// A process that runs `bulk_child_process`. It is killed on drop, and exits when the test process ends.
struct Process {
    child: Child,
    _input: ChildStdin,
}

impl Process {
    /// Starts a process that injects the first `rows` rows into a sandbox.
    fn start(folder: &Path, sandbox: &Sandbox, rows: usize) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["bulk_child_process", "--exact", "--nocapture"])
            .env("BULK_URL", sandbox.url())
            .env("BULK_FOLDER", folder)
            .env("BULK_ROWS", rows.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Waiting for the process would close its standard input.
        let input = child.stdin.take().unwrap();
        Self { child, _input: input }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the number of complete lines of a file after the first one, which names the format.
fn lines(path: &Path) -> usize {
    let bytes = std::fs::read(path).unwrap_or_default();
    bytes.iter().filter(|byte| **byte == b'\n').count().saturating_sub(1)
}

/// Returns the rows that the journal has confirmed.
fn confirmed(folder: &Path) -> HashSet<u64> {
    let text = std::fs::read_to_string(folder.join("journal")).unwrap_or_default();
    let complete = text.rfind('\n').and_then(|end| text.get(..end)).unwrap_or_default();
    let rows: Vec<u64> =
        complete.lines().skip(1).map(|line| ItemKey::of_line(line).unwrap().index).collect();
    let distinct: HashSet<u64> = rows.iter().copied().collect();
    assert_eq!(rows.len(), distinct.len(), "a row was confirmed twice");
    distinct
}

/// Returns the rows that arrived at a sandbox.
fn arrived(sandbox: &Sandbox) -> HashSet<u64> {
    let sessions =
        (0..ROWS / ROWS_PER_SESSION).filter_map(|index| sandbox.session(&format!("s-{index}")));
    sessions
        .flat_map(|session| session["variables"].as_array().cloned().unwrap_or_default())
        .map(|variable| {
            variable["key"].as_str().unwrap().strip_prefix("row_").unwrap().parse().unwrap()
        })
        .collect()
}

#[test]
fn a_killed_bulk_loses_no_item_and_repeats_no_confirmed_item() {
    let folder = folder("killed");
    let (journal, audit) = (folder.join("journal"), folder.join("audit.jsonl"));
    let seed = seed::first_seed();
    let _case = SeededCase { name: "a killed bulk", seed };
    let mut random = SplitMix64(seed);
    let mut confirmed_before = HashSet::new();
    for _ in 0..KILLS {
        // Each process has its own sandbox. Once the sandbox has stopped, no request of the process
        // can arrive any more.
        let sandbox = sandbox();
        let kill_after = confirmed_before.len() + random.below(ROWS_PER_KILL as u64) as usize;
        let mut process = Process::start(&folder, &sandbox, confirmed_before.len() + ROWS_PER_KILL);
        while lines(&journal) <= kill_after {
            let exited = process.child.try_wait().unwrap();
            assert!(exited.is_none(), "the process exited before it was killed");
            std::thread::sleep(Duration::from_millis(2));
        }
        drop(process);
        sandbox.stop();
        let (confirmed_now, arrived) = (confirmed(&folder), arrived(&sandbox));
        assert!(confirmed_before.is_subset(&confirmed_now), "a confirmed row is missing");
        assert!(arrived.is_disjoint(&confirmed_before), "a confirmed row was sent again");
        let new_rows: HashSet<u64> = confirmed_now.difference(&confirmed_before).copied().collect();
        assert!(new_rows.is_subset(&arrived), "a confirmed row did not arrive");
        let in_flight = arrived.difference(&new_rows).count();
        assert!(in_flight <= CONCURRENCY, "{in_flight} rows were in flight");
        confirmed_before = confirmed_now;
    }
    let (sandbox, calls_before) = (sandbox(), lines(&audit));
    assert!(Process::start(&folder, &sandbox, ROWS).child.wait().unwrap().success());
    // The last process sends exactly the rows that are not confirmed, each in one call.
    let all: HashSet<u64> = (0..ROWS as u64).collect();
    assert_eq!(arrived(&sandbox), all.difference(&confirmed_before).copied().collect());
    assert_eq!(lines(&audit) - calls_before, ROWS - confirmed_before.len());
    assert_eq!(confirmed(&folder), all);

    let audit = std::fs::read_to_string(audit).unwrap();
    assert!(audit.ends_with('\n'));
    for line in audit.lines().skip(1) {
        let record: Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("partial line: {line}"));
        assert_eq!(record["operation"], "inject");
    }
    // The folder of a failed test remains for inspection.
    std::fs::remove_dir_all(folder).unwrap();
}
