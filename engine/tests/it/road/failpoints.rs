//! A run that breaks at a hand-over leaves core as it was, or with whole chunks; the next run of the same file makes
//! it what it would have been.
//!
//! Failpoints are the whole process's, so each of these tests runs in a process of its own: it starts this test binary
//! again for itself alone.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use importer_engine::store::{Dialect, RunStatus};
use importer_engine::{RunSummary, Silent, request::RunRequest};

use super::ground::{Ground, core, count, people_csv, succeeded, whole};
use super::people::{line, people};
use crate::store::harness::{TestStore, on_postgres, on_sqlite};

const ALONE: &str = "IMPORTER_TEST_ALONE";

/// True in the process that was started for the test of this name; otherwise starts it and waits for its end.
fn alone(name: &str) -> bool {
    alone_in(module_path!(), name)
}

/// The same for a test of another module.
pub fn alone_in(module: &str, name: &str) -> bool {
    if std::env::var(ALONE).is_ok_and(|n| n == name) {
        return true;
    }
    let path = format!("{}::{name}", module.split_once("::").expect("a path below the binary").1);
    let run = Command::new(std::env::current_exe().expect("this program"))
        .args([path.as_str(), "--exact", "--include-ignored", "--nocapture", "--test-threads=1"])
        .env(ALONE, name)
        .output()
        .expect("this program starts");
    let (out, error) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    println!("{out}\n{error}");
    assert!(run.status.success() && out.contains("1 passed"), "{path}: {}", run.status);
    false
}

/// Where a run shall break. `store::…_commit` breaks the n-th commit of a chunk, the others the n-th time they are met.
#[derive(Debug, Clone, Copy)]
struct Break {
    name: &'static str,
    after: u64,
}

impl Break {
    fn arm(self) {
        if !self.name.starts_with("store::") {
            fail::cfg(self.name, &format!("{}*off->1*return", self.after)).expect("a failpoint");
            return;
        }
        // The chunk's rows are written: the next commit is that of the chunk.
        let met = AtomicU64::new(0);
        fail::cfg_callback("load::after_copy", move || {
            if met.fetch_add(1, Ordering::SeqCst) == self.after {
                fail::cfg(self.name, "1*return").expect("a failpoint");
            }
        })
        .expect("a failpoint");
    }

    fn disarm(self) {
        fail::remove(self.name);
        fail::remove("load::after_copy");
    }
}

const OLD: u64 = 8;
const ALL: u64 = 20;
const COLUMNS: [&str; 7] = ["first_name", "email", "city", "is_active", "emails", "phones", "links"];

fn person(n: u64, city: &str, day: u64) -> [String; 8] {
    [
        "crm".to_owned(),
        format!("F-{n}"),
        format!("Fay{}", char::from(b'a' + n as u8)),
        format!("Fell{}", char::from(b'a' + n as u8)),
        format!("fay{n}@example.org"),
        format!("312-555-{:04}", 100 + n),
        city.to_owned(),
        format!("2025-01-{day:02}T00:00:00Z"),
    ]
}

/// A person as core shows her.
fn shown(n: u64, city: &str) -> String {
    let phone = format!("+1312555{:04}*", 100 + n);
    format!(
        "Fay{} | fay{n}@example.org | {city} | true | fay{n}@example.org* | {phone} | crm:F-{n}",
        char::from(b'a' + n as u8)
    )
}

async fn found(ground: &Ground) -> BTreeSet<String> {
    let people = people(ground.store()).await;
    let lines: BTreeSet<String> = people.iter().map(|p| line(p, &COLUMNS.map(str::to_owned))).collect();
    assert_eq!(lines.len(), people.len(), "nobody is there twice");
    lines
}

async fn broken(ground: &Ground, file: &Path, at: Break) -> RunSummary {
    at.arm();
    let summary = ground.run(&RunRequest::files([file])).await;
    at.disarm();
    assert_ne!(summary.status, "succeeded", "{at:?} was never reached");
    let run = ground.engine.get_run(summary.run_id).await.expect("the run");
    assert_eq!(run.status.as_str(), summary.status, "{at:?}");
    let told = run.error_summary.unwrap_or_default();
    assert!(told.contains(at.name), "{at:?}: the run says why: {told:?}");
    assert!(run.finished_at.is_some(), "{at:?}");
    whole(ground.store()).await;
    summary
}

async fn every_hand_over(test: &TestStore) {
    every_hand_over_in(test, None).await;
}

async fn every_hand_over_in(test: &TestStore, lake: Option<String>) {
    // One chunk at a time: which chunks are in when one breaks is then known. Two at a time: the chaos program.
    let ground = Ground::with(test, |options, _| {
        options.chunk_rows = 6;
        options.limits.partitions = 1;
        options.lake = lake.unwrap_or_else(|| std::mem::take(&mut options.lake));
    })
    .await;
    let old: BTreeSet<String> = (1..=OLD).map(|n| shown(n, "Old")).collect();
    let new: BTreeSet<String> = (1..=ALL).map(|n| shown(n, "New")).collect();
    let first = people_csv(&(1..=OLD).map(|n| person(n, "Old", 1)).collect::<Vec<_>>());
    let second = people_csv(&(1..=ALL).map(|n| person(n, "New", 2)).collect::<Vec<_>>());
    let (first, second) = (ground.file("first.csv", first), ground.file("second.csv", second));
    ground.load(&first).await;
    assert_eq!(found(&ground).await, old);

    // Before the first chunk is committed: as if the run had never been.
    let early = [
        ("run::before_manifest", 0),
        ("run::after_manifest", 2),
        ("run::before_manifest", 4),
        ("load::ids_taken", 0),
        ("load::before_copy", 0),
        ("load::after_copy", 0),
        ("store::before_commit", 0),
    ];
    for (name, after) in early {
        let at = Break { name, after };
        let summary = broken(&ground, &second, at).await;
        assert_eq!(summary.status, RunStatus::Failed.as_str(), "{at:?}");
        assert_eq!(found(&ground).await, old, "{at:?}");
        let run = format!("SELECT count(*) FROM {{load_ledger}} WHERE run_id = {}", summary.run_id);
        assert_eq!(count(ground.store(), &run).await, 0, "{at:?}");
    }

    // Between chunks: whole ones are in, the others are not.
    let mut loaded = 0;
    for (name, after, chunks) in
        [("store::after_commit", 0, 1), ("load::after_copy", 1, 1), ("load::before_copy", 0, 0)]
    {
        let at = Break { name, after };
        let summary = broken(&ground, &second, at).await;
        let status = if chunks == 0 { RunStatus::Failed } else { RunStatus::PartiallyFailed };
        assert_eq!(summary.status, status.as_str(), "{at:?}");
        let ledger = format!("FROM {{load_ledger}} WHERE run_id = {}", summary.run_id);
        assert_eq!(count(ground.store(), &format!("SELECT count(*) {ledger}")).await, chunks, "{at:?}");
        let applied =
            count(ground.store(), &format!("SELECT CAST(coalesce(sum(applied), 0) AS BIGINT) {ledger}"))
                .await;
        loaded += applied as usize;
        let now = found(&ground).await;
        assert!(
            now.iter().all(|p| old.contains(p) || new.contains(p)),
            "{at:?}: nobody is half there: {now:?}"
        );
        assert_eq!(now.intersection(&new).count(), loaded, "{at:?}: what the ledger says is what is there");
    }

    let last = ground.load(&second).await;
    assert_eq!(found(&ground).await, new, "the end is that of an undisturbed run");
    assert_eq!(core(&last, "rows_processed"), ALL);
    assert_eq!(core(&last, "rows_created") + core(&last, "rows_updated"), ALL - loaded as u64);
    whole(ground.store()).await;
}

/// Breaks every single commit of a run, one run each, before and after it happened.
async fn every_commit(test: &TestStore) {
    let ground = Ground::with(test, |options, _| options.chunk_rows = 3).await;
    let batch = |n: u64| people_csv(&(4 * n..4 * n + 4).map(|n| wide(n, "City")).collect::<Vec<_>>());
    let commits = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&commits);
    fail::cfg_callback("store::before_commit", move || {
        counter.fetch_add(1, Ordering::SeqCst);
    })
    .expect("a failpoint");
    ground.load(&ground.file("0.csv", batch(0))).await;
    fail::remove("store::before_commit");
    let commits = commits.load(Ordering::SeqCst);
    let mut number = 0;
    let mut unfinished = Vec::new();
    for name in ["store::before_commit", "store::after_commit"] {
        for nth in 0..commits {
            number += 1;
            let file = ground.file(&format!("{number}.csv"), batch(number));
            fail::cfg(name, &format!("{nth}*off->1*return")).expect("a failpoint");
            let outcome = ground.engine.run(&RunRequest::files([&file]), Arc::new(Silent)).await;
            fail::remove(name);
            let told = match &outcome {
                Ok(summary) => format!("{} {}", summary.status, summary.error.clone().unwrap_or_default()),
                Err(error) => format!("no run: {error}"),
            };
            whole(ground.store()).await;
            let again = succeeded(ground.run(&RunRequest::files([&file])).await);
            let people = count(ground.store(), "SELECT count(*) FROM {contacts}").await;
            let open = "SELECT count(*) FROM {import_runs} WHERE status NOT IN ('succeeded', 'failed', 'partially_failed', 'cancelled')";
            let open = count(ground.store(), open).await;
            println!("{name} {nth} of {commits}: {told}; then {}; {open} unfinished", again.status);
            assert_eq!(people, 4 * (number as i64 + 1), "{name} {nth}: {told}");
            if open > unfinished.len() as i64 {
                unfinished.push(format!("{name} {nth}: {told}"));
            }
        }
    }
    println!("runs that nobody finished: {unfinished:#?}");
}

/// The ledger cannot be read when a run ends badly: it is not called failed, as if nothing of it were there.
async fn an_unread_ledger(test: &TestStore) {
    let ground = Ground::with(test, |options, _| {
        options.chunk_rows = 6;
        options.limits.partitions = 1;
    })
    .await;
    let file =
        ground.file("all.csv", people_csv(&(1..=ALL).map(|n| person(n, "New", 2)).collect::<Vec<_>>()));
    fail::cfg("run::ledger_unread", "return").expect("a failpoint");
    let early = broken(&ground, &file, Break { name: "run::after_manifest", after: 2 }).await;
    assert_eq!(early.status, "failed", "the load had not begun");
    let summary = broken(&ground, &file, Break { name: "load::after_copy", after: 1 }).await;
    fail::remove("run::ledger_unread");
    assert_eq!(summary.status, RunStatus::PartiallyFailed.as_str());
    assert!(summary.warnings.iter().any(|w| w.contains("ledger")), "{:?}", summary.warnings);
    assert_eq!(core(&summary, "rows_created"), 6, "one chunk is in, and no more is claimed");
    let engine = super::ground::open(&ground.options).await;
    let options = importer_engine::ResumeOptions::default();
    succeeded(engine.resume(summary.run_id, &options, Arc::new(Silent)).await.expect("it goes on"));
    assert_eq!(found(&ground).await.len(), ALL as usize);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unread_ledger_on_postgres() {
    if alone("an_unread_ledger_on_postgres") {
        on(Dialect::Postgres, |test| Box::pin(an_unread_ledger(test))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unread_ledger_on_sqlite() {
    if alone("an_unread_ledger_on_sqlite") {
        on(Dialect::Sqlite, |test| Box::pin(an_unread_ledger(test))).await;
    }
}

fn wide(n: u64, city: &str) -> [String; 8] {
    let letters =
        |n: u64| format!("{}{}", char::from(b'a' + (n / 26) as u8), char::from(b'a' + (n % 26) as u8));
    let mut person = person(0, city, 1);
    person[1] = format!("W-{n}");
    person[2] = format!("Wim{}", letters(n));
    person[3] = format!("Wolf{}", letters(n));
    person[4] = format!("wim{n}@example.org");
    person[5] = format!("773-555-{:04}", 100 + n);
    person
}

async fn on(
    dialect: Dialect,
    case: impl for<'a> FnOnce(&'a TestStore) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + 'a>>,
) {
    match dialect {
        Dialect::Postgres => on_postgres(case).await,
        Dialect::Sqlite => on_sqlite(case).await,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_hand_over_on_postgres() {
    if alone("every_hand_over_on_postgres") {
        on(Dialect::Postgres, |test| Box::pin(every_hand_over(test))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_hand_over_on_sqlite() {
    if alone("every_hand_over_on_sqlite") {
        on(Dialect::Sqlite, |test| Box::pin(every_hand_over(test))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_hand_over_with_a_bucket() {
    if crate::store::harness::has_bucket() && alone("every_hand_over_with_a_bucket") {
        let lake = crate::store::harness::bucket_folder();
        on(Dialect::Sqlite, |test| Box::pin(every_hand_over_in(test, Some(lake)))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: ./test --long"]
async fn every_commit_on_postgres() {
    if alone("every_commit_on_postgres") {
        on(Dialect::Postgres, |test| Box::pin(every_commit(test))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: ./test --long"]
async fn every_commit_on_sqlite() {
    if alone("every_commit_on_sqlite") {
        on(Dialect::Sqlite, |test| Box::pin(every_commit(test))).await;
    }
}
