//! Interrupted, resumed, paused, cancelled, retried: a run that was begun ends as if nothing had happened, and what
//! cannot go on says why.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use importer_engine::request::RunRequest;
use importer_engine::store::{LeaseOptions, RunStatus, Table};
use importer_engine::{
    Error, ErrorKind, Listener, ResumeOptions, RunSummary, Silent, Step, StepReport, Stopping,
};
use tokio_util::sync::CancellationToken;

use super::ground::{Ground, adds_up, core_counts, count, lines, open, people_csv, succeeded, whole};
use crate::store::harness::{TestStore, on_both};

pub(super) const OLD: u64 = 8;
pub(super) const ALL: u64 = 20;

/// Columns that tell when, and numbers that the database gives.
const CLOCKS: [&str; 16] = [
    "created_at",
    "held_at",
    "updated_at",
    "first_seen_at",
    "last_seen_at",
    "changed_at",
    "committed_at",
    "deactivated_at",
    "decided_at",
    "resolved_at",
    "attempt",
    "lease_epoch",
    "tenant_id",
    "id",
    "last_effective_at",
    "last_confirmed_at",
];

/// Asks the engine to stop when a step begins.
pub(super) struct StopAt {
    pub step: Step,
    pub stop: CancellationToken,
}

impl Listener for StopAt {
    fn started(&self, step: Step, _: Option<u64>) {
        if step == self.step {
            self.stop.cancel();
        }
    }
    fn advanced(&self, _: Step, _: u64) {}
    fn finished(&self, _: &StepReport) {}
    fn warn(&self, _: &str) {}
}

pub(super) fn person(n: u64, city: &str, day: u64) -> [String; 8] {
    let letter = char::from(b'a' + u8::try_from(n).expect("few people"));
    [
        "crm".to_owned(),
        format!("R-{n}"),
        format!("Ray{letter}"),
        format!("Rook{letter}"),
        format!("ray{n}@example.org"),
        format!("312-555-{:04}", 200 + n),
        city.to_owned(),
        format!("2025-01-{day:02}T00:00:00Z"),
    ]
}

/// The first file is loaded, the second one is there: old people moved, new people, somebody without an id who is
/// there already, and an address that is none.
pub(super) async fn prepared(test: &TestStore) -> (Ground, PathBuf) {
    prepared_in(test, None).await
}

/// The same with a lake elsewhere.
async fn prepared_in(test: &TestStore, lake: Option<String>) -> (Ground, PathBuf) {
    let ground = Ground::with(test, |options, _| {
        options.chunk_rows = 6;
        options.lake = lake.unwrap_or_else(|| std::mem::take(&mut options.lake));
    })
    .await;
    let first = people_csv(&(1..=OLD).map(|n| person(n, "Old", 1)).collect::<Vec<_>>());
    let mut second: Vec<_> = (1..=ALL).map(|n| person(n, "New", 2)).collect();
    let mut nameless = person(3, "Newer", 3);
    (nameless[0], nameless[1]) = (String::new(), String::new());
    second.push(nameless);
    let mut bad = person(21, "Bad", 2);
    bad[4] = "no address".to_owned();
    second.push(bad);
    ground.load(&ground.file("first.csv", first)).await;
    let file = ground.file("second.csv", people_csv(&second));
    (ground, file)
}

/// Everything that a run leaves in the store, but for the clock.
async fn everything(ground: &Ground) -> Vec<(String, Vec<String>)> {
    let store = ground.store();
    let mut all = Vec::new();
    for table in store.known_tables() {
        if ["import_runs", "run_steps", "run_counts", "id_counters", "store_info", "audit"]
            .contains(&table.name.as_str())
        {
            continue;
        }
        let without: Vec<&str> =
            CLOCKS.into_iter().filter(|c| *c != "id" || table.name.starts_with("d")).collect();
        all.push((table.name.clone(), lines(store, &table, &without).await));
    }
    all
}

/// What an undisturbed run leaves.
async fn undisturbed(test: &TestStore) -> (Vec<(String, Vec<String>)>, RunSummary) {
    let (ground, file) = prepared(test).await;
    let summary = ground.load(&file).await;
    (everything(&ground).await, summary)
}

async fn resume(ground: &Ground, run: i64) -> Result<RunSummary, Error> {
    // An engine stops once; whoever resumes is a new process.
    let engine = open(&ground.options).await;
    Box::pin(engine.resume(run, &ResumeOptions::default(), Arc::new(Silent))).await
}

async fn stopped_at(ground: &Ground, file: &Path, step: Step) -> RunSummary {
    let engine = open(&ground.options).await;
    let listener = StopAt { step, stop: engine.stop.clone() };
    let summary = Box::pin(engine.run(&RunRequest::files([file]), Arc::new(listener))).await.expect("a run");
    assert_eq!(summary.status, "paused", "{step:?}: {:?}", summary.error);
    summary
}

pub(super) fn refused(result: Result<RunSummary, Error>, words: &str) {
    let error = result.expect_err("it is refused");
    assert!(error.to_string().contains(words), "{error}");
    assert!(error.help().is_some_and(|h| !h.is_empty()), "{error}");
}

/// Stopped at every single step, again and again, a run ends as one that was never stopped.
async fn stopped_at_every_step(test: &TestStore) {
    stopped_at_every_step_in(test, None).await;
}

/// The same, with a lake elsewhere, leaves what a run with a lake in a folder leaves.
pub(super) async fn stopped_at_every_step_in(test: &TestStore, lake: Option<String>) {
    let (ground, file) = prepared_in(test, lake).await;
    let paused = stopped_at(&ground, &file, Step::ALL[0]).await;
    for step in Step::ALL {
        // The next run of the same file is the same run.
        let summary = stopped_at(&ground, &file, step).await;
        assert_eq!(summary.run_id, paused.run_id, "{step:?}");
        let run = ground.engine.get_run(summary.run_id).await.expect("the run");
        assert_eq!((run.status, run.finished_at), (RunStatus::Paused, None), "{step:?}");
        let ledger = format!("SELECT count(*) FROM {{load_ledger}} WHERE run_id = {}", run.id);
        let chunks = count(ground.store(), &ledger).await;
        assert_eq!(chunks > 0, step == Step::Reconcile, "{step:?}: {chunks} chunks");
        whole(ground.store()).await;
    }
    let last = succeeded(resume(&ground, paused.run_id).await.expect("it goes on"));
    adds_up(&last);
    let steps = ground.store().list_steps("default", last.run_id).await.expect("steps");
    let done: Vec<&str> = steps.iter().map(|s| s.step.as_str()).collect();
    assert_eq!(done, Step::ALL.map(Step::name), "every step was finished once");
    assert!(steps.is_sorted_by_key(|s| s.attempt) && steps[0].attempt < steps[6].attempt, "{steps:?}");
    refused(resume(&ground, last.run_id).await, "has succeeded");

    let found = everything(&ground).await;
    ground.store().downgrade(0).await.expect("an empty store");
    let (wanted, summary) = undisturbed(test).await;
    for (found, wanted) in found.iter().zip(&wanted) {
        assert_eq!(found, wanted);
    }
    // How fresh the data is depends on when the file was landed.
    let facts = |summary: &RunSummary| {
        let mut counts = summary.counts.clone();
        counts["reconcile"]["volunteers"]["freshness_seconds"] = serde_json::Value::Null;
        counts
    };
    assert_eq!(facts(&last), facts(&summary));
    assert_eq!(last.anomalies, summary.anomalies);
    assert_eq!(last.rules.len(), summary.rules.len());
    assert_eq!(core_counts(&last), core_counts(&summary));
}

/// A live run is not taken away from whoever has it, and somebody else's run goes on beside it.
async fn a_live_run_is_left_alone(test: &TestStore) {
    let (ground, file) = prepared(test).await;
    let run = stopped_at(&ground, &file, Step::Match).await.run_id;
    let lease = ground
        .store()
        .acquire_lease("default", run, "elsewhere:7", LeaseOptions::default())
        .await
        .expect("nobody has it");
    refused(resume(&ground, run).await, "elsewhere:7");
    // The same file is run beside it: a run that is being worked on is not interrupted.
    let other = ground.load(&file).await;
    assert_ne!(other.run_id, run);
    lease.release().await.expect("given back");
    // What the other one loaded meanwhile is seen by the guard, and resolved again.
    let late = succeeded(resume(&ground, run).await.expect("it goes on"));
    assert_eq!(core_counts(&late).get("rows_created"), None, "{:?}", core_counts(&late));
    whole(ground.store()).await;
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, ALL as i64);
}

/// Files of the lake that were lost or changed are made again, until something was loaded from them.
async fn damaged_files(test: &TestStore) {
    let (ground, file) = prepared(test).await;
    for (data_set, step) in
        [("staging_volunteers", Step::Match), ("landed", Step::Check), ("changes", Step::Load)]
    {
        let run = stopped_at(&ground, &file, step).await.run_id;
        let damaged = parquet(&ground, data_set, run);
        std::fs::write(&damaged[0], b"PAR1 or not").expect("the file is damaged");
        let summary = succeeded(resume(&ground, run).await.expect("it goes on"));
        let told = summary.warnings.join("\n");
        assert!(told.contains("is done again") && told.contains(data_set), "{data_set}: {told}");
        adds_up(&summary);
        whole(ground.store()).await;
        assert_eq!(parquet(&ground, data_set, run).len(), damaged.len(), "no file is left over");
        std::fs::write(&file, std::fs::read_to_string(&file).expect("text").replace("New", "Next"))
            .expect("a new file");
    }
    let run = stopped_at(&ground, &file, Step::Reconcile).await.run_id;
    std::fs::remove_file(&parquet(&ground, "changes", run)[0]).expect("the file is gone");
    let failed = resume(&ground, run).await.expect("the run says so");
    assert_eq!(failed.status, "partially_failed");
    assert!(failed.error.is_some_and(|e| e.contains("step resolve") && e.contains("is missing")));
    assert!(failed.help.is_some_and(|h| h.contains("backup")));
}

fn parquet(ground: &Ground, data_set: &str, run: i64) -> Vec<PathBuf> {
    let folder = ground.lake().join(data_set).join("tenant=default").join(format!("run_id={run}"));
    let files = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<_> = files.map(|f| f.expect("a file").path()).collect();
    files.sort();
    files
}

/// Before land is finished the file is needed again, and it must be the same one; a retry takes the new one.
async fn the_file_changed(test: &TestStore) {
    let (ground, file) = prepared(test).await;
    let run = stopped_at(&ground, &file, Step::Land).await.run_id;
    let text = std::fs::read_to_string(&file).expect("text");
    std::fs::write(&file, text.replace("New", "Other city")).expect("a new file");
    let failed = resume(&ground, run).await.expect("the run says so");
    assert_eq!(failed.status, "failed");
    assert!(failed.error.is_some_and(|e| e.contains("second.csv") && e.contains("has changed")));
    assert!(failed.help.is_some_and(|h| h.contains("importer retry")));

    let retried = ground.engine.retry(run, Some("rita"), Arc::new(Silent)).await.expect("a new attempt");
    let retried = succeeded(retried);
    assert_eq!(retried.run_id, run);
    let moved = "SELECT count(*) FROM {contacts} WHERE city = 'Other city'";
    assert_eq!(count(ground.store(), moved).await, ALL as i64 - 1);
    let audited = "SELECT count(*) FROM {audit} WHERE action = 'IMPORT_RUN_RETRIED' AND actor = 'rita'";
    assert_eq!(count(ground.store(), audited).await, 1);
    whole(ground.store()).await;

    std::fs::write(&file, people_csv(&[person(22, "Last", 4)])).expect("a file");
    let run = stopped_at(&ground, &file, Step::Land).await.run_id;
    std::fs::remove_file(&file).expect("the file goes");
    let gone = resume(&ground, run).await.expect("the run says so");
    assert!(gone.error.is_some_and(|e| e.contains("not there any more")));
    let error = ground.engine.retry(run, None, Arc::new(Silent)).await.expect_err("no file");
    assert_eq!((error.kind(), error.code()), (ErrorKind::Input, Some("INPUT_GONE")));
    let left = ground.engine.get_run(run).await.expect("the run");
    assert_eq!(left.status, RunStatus::Failed, "a retry that cannot begin changes nothing");
}

/// Stopped by the breaker, a run goes on when somebody says that the bad rows are known.
async fn bad_rows_are_accepted_later(test: &TestStore) {
    let (ground, _) = prepared(test).await;
    let mut bad = person(1, "Bad", 5);
    bad[4] = "no address".to_owned();
    let file = ground.file("bad.csv", people_csv(&[bad, person(2, "Better", 5)]));
    let failed = ground.run(&RunRequest::files([&file])).await;
    assert_eq!(failed.status, "failed");
    let again = resume(&ground, failed.run_id).await.expect("the run says so");
    assert_eq!((again.status.as_str(), &again.error), ("failed", &failed.error));
    let options =
        ResumeOptions { accept_bad: true, actor: Some("bea".to_owned()), ..ResumeOptions::default() };
    let engine = open(&ground.options).await;
    let loaded =
        succeeded(engine.resume(failed.run_id, &options, Arc::new(Silent)).await.expect("it goes on"));
    assert_eq!(loaded.run_id, failed.run_id);
    assert_eq!(core_counts(&loaded).get("rows_updated"), Some(&1));
    let findings = format!("SELECT count(*) FROM {{dq_violations}} WHERE run_id = {}", loaded.run_id);
    assert_eq!(count(ground.store(), &findings).await, 1, "findings are written once");
    let audited = "SELECT count(*) FROM {audit} WHERE action = 'IMPORT_RUN_RESUMED' AND actor = 'bea'";
    assert_eq!(count(ground.store(), audited).await, 1);
}

/// Asks through the store, as another process does.
struct AskAt {
    step: Step,
    engine: importer_engine::EngineOptions,
    cancel: bool,
}

impl Listener for AskAt {
    fn started(&self, step: Step, _: Option<u64>) {
        if step != self.step {
            return;
        }
        let (options, cancel) = (self.engine.clone(), self.cancel);
        let asked = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(async {
                let engine = open(&options).await;
                let run =
                    engine.runs(&importer_engine::store::RunFilter::default()).await.expect("runs")[0].id;
                let asked = if cancel {
                    engine.cancel(run, Some("cora")).await
                } else {
                    engine.pause(run, Some("cora")).await
                };
                assert!(matches!(asked.expect("it is asked"), Stopping::Asked { .. }));
            });
        });
        asked.join().expect("the other process");
    }
    fn advanced(&self, _: Step, _: u64) {}
    fn finished(&self, _: &StepReport) {}
    fn warn(&self, _: &str) {}
}

async fn paused_and_cancelled_from_elsewhere(test: &TestStore) {
    let (ground, file) = prepared(test).await;
    let ask = |step, cancel| AskAt { step, engine: ground.options.clone(), cancel };
    let request = RunRequest::files([&file]);
    let run = |listener: AskAt| ground.engine.run(&request, Arc::new(listener));
    let paused = Box::pin(run(ask(Step::Load, false))).await.expect("a run");
    assert_eq!(paused.status, "paused", "{:?}", paused.error);
    assert!(paused.help.is_some_and(|h| h.contains("importer resume")));
    let id = paused.run_id;
    refused_stop(ground.engine.pause(id, None).await, "paused already");
    refused(ground.engine.retry(id, None, Arc::new(Silent)).await, "is paused");

    // Nothing is loaded: it can be given up, and started anew.
    assert_eq!(ground.engine.cancel(id, Some("cora")).await.expect("given up"), Stopping::Stopped);
    refused_stop(ground.engine.cancel(id, None).await, "cancelled");
    refused(resume(&ground, id).await, "was cancelled");
    let left: Vec<_> = std::fs::read_dir(ground.lake().join("_scratch")).into_iter().flatten().collect();
    assert!(left.is_empty(), "{left:?}");
    let done = succeeded(ground.engine.retry(id, Some("cora"), Arc::new(Silent)).await.expect("anew"));
    assert_eq!(done.run_id, id);
    refused_stop(ground.engine.cancel(id, None).await, "succeeded");
    refused_stop(ground.engine.pause(id, None).await, "succeeded");

    // Asked at a moment when nothing is loaded yet, but seen by the run itself.
    let next = ground.file("next.csv", people_csv(&[person(23, "Next", 6)]));
    let cancelled =
        Box::pin(ground.engine.run(&RunRequest::files([&next]), Arc::new(ask(Step::Check, true)))).await;
    let cancelled = cancelled.expect("a run");
    assert_eq!(cancelled.status, "cancelled", "{:?}", cancelled.error);
    let stored = ground.engine.get_run(cancelled.run_id).await.expect("the run");
    assert_eq!(stored.status, RunStatus::Cancelled);

    // Chunks are in: it can go on or be taken back, and nothing else.
    let last = ground.file("last.csv", people_csv(&[person(24, "Last", 7)]));
    let loaded = stopped_at(&ground, &last, Step::Reconcile).await.run_id;
    refused_stop(ground.engine.cancel(loaded, None).await, "chunks of run");
    succeeded(resume(&ground, loaded).await.expect("it goes on"));
    for action in [
        "IMPORT_RUN_PAUSE_REQUESTED",
        "IMPORT_RUN_PAUSED",
        "IMPORT_RUN_CANCELLED",
        "IMPORT_RUN_CANCEL_REQUESTED",
    ] {
        let sql = format!("SELECT count(*) FROM {{audit}} WHERE action = '{action}'");
        assert!(count(ground.store(), &sql).await > 0, "{action}");
    }
    whole(ground.store()).await;
}

fn refused_stop(result: Result<Stopping, Error>, words: &str) {
    let error = result.expect_err("it is refused");
    assert!(error.to_string().contains(words), "{error}");
    assert!(error.help().is_some());
}

/// The run of a process that is gone: its row says running, and nobody has its lease.
async fn a_dead_run_is_paused_or_taken_over(test: &TestStore) {
    let (ground, file) = prepared(test).await;
    let run = stopped_at(&ground, &file, Step::Resolve).await.run_id;
    let table = Table::control("import_runs").sql(ground.store().dialect());
    let mut session = ground.store().session().await.expect("a session");
    session
        .execute(&format!("UPDATE {table} SET status = 'running' WHERE id = $1"), &[run.into()])
        .await
        .expect("as if it had been killed");
    drop(session);
    assert_eq!(ground.engine.pause(run, None).await.expect("at once"), Stopping::Stopped);
    let taken = ground.load(&file).await;
    assert_eq!(taken.run_id, run, "the same file goes on with it");
    assert!(taken.steps.iter().any(|s| s.step == Step::Stage));
    whole(ground.store()).await;
    refused(resume(&ground, 4711).await, "there is no run 4711");
}

/// A lake in which something cannot be written: the run says so and goes on when there is room again.
async fn the_lake_cannot_be_written(test: &TestStore) {
    let (ground, file) = prepared(test).await;
    for (data_set, loaded) in [("staging_volunteers", false), ("changes", false), ("created_ids", true)] {
        let (folder, aside) = (ground.lake().join(data_set), ground.lake().join("aside"));
        std::fs::rename(&folder, &aside).expect("out of the way");
        std::fs::write(&folder, "a file where a folder has to be").expect("a file");
        let failed = ground.run(&RunRequest::files([&file])).await;
        assert_eq!(failed.status, if loaded { "partially_failed" } else { "failed" }, "{data_set}");
        assert!(failed.error.is_some() && failed.help.is_some(), "{data_set}: {:?}", failed.error);
        whole(ground.store()).await;
        std::fs::remove_file(&folder).expect("away");
        std::fs::rename(&aside, &folder).expect("back");
        let done = succeeded(resume(&ground, failed.run_id).await.expect("it goes on"));
        adds_up(&done);
        whole(ground.store()).await;
        let text = std::fs::read_to_string(&file).expect("text");
        std::fs::write(&file, text.replace("2025-01-02", "2025-01-03").replace("New", "Newest"))
            .expect("a new file");
    }
}

/// Ends all connections of the database but its own when the first chunk is in.
struct Terminate {
    engine: importer_engine::EngineOptions,
    done: std::sync::atomic::AtomicBool,
}

impl Listener for Terminate {
    fn started(&self, _: Step, _: Option<u64>) {}
    fn advanced(&self, step: Step, _: u64) {
        if step != Step::Load || self.done.swap(true, std::sync::atomic::Ordering::SeqCst) {
            return;
        }
        let options = self.engine.clone();
        let ended = std::thread::spawn(move || {
            tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
                let engine = open(&options).await;
                let mut session = engine.store.session().await.expect("a session");
                let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
                session.fetch(all, &[]).await.expect("they end");
            });
        });
        ended.join().expect("the administrator");
    }
    fn finished(&self, _: &StepReport) {}
    fn warn(&self, _: &str) {}
}

/// The database ends all connections in the middle of a load: whole chunks are in, and the run goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_ended() {
    crate::store::harness::on_postgres(|test| {
        Box::pin(async move {
            let (ground, file) = prepared(test).await;
            let listener = Terminate { engine: ground.options.clone(), done: false.into() };
            let engine = open(&ground.options).await;
            let ended = Box::pin(engine.run(&RunRequest::files([&file]), Arc::new(listener))).await;
            match ended {
                Ok(summary) => {
                    assert_ne!(summary.status, "failed", "a chunk was in: {:?}", summary.error);
                    assert!(summary.status == "succeeded" || summary.help.is_some());
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::Store, "{error}"),
            }
            drop(engine);
            let run =
                ground.engine.runs(&importer_engine::store::RunFilter::default()).await.expect("runs")[0].id;
            if ground.engine.get_run(run).await.expect("the run").status != RunStatus::Succeeded {
                succeeded(resume(&ground, run).await.expect("it goes on"));
            }
            whole(ground.store()).await;
            assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, ALL as i64);
        })
    })
    .await;
}

on_both!(
    the_lake_cannot_be_written,
    stopped_at_every_step,
    a_live_run_is_left_alone,
    damaged_files,
    the_file_changed,
    bad_rows_are_accepted_later,
    paused_and_cancelled_from_elsewhere,
    a_dead_run_is_paused_or_taken_over,
);
