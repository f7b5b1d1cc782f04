//! A process that slept and wakes when another one has its run: it leaves the files of the other one alone, and what it wrote is
//! not taken for the other's.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use importer_engine::request::RunRequest;
use importer_engine::store::Table;
use importer_engine::{EngineOptions, ErrorKind, Listener, ResumeOptions, Step, StepReport};
use serde_json::Value;

use super::ground::{adds_up, count, open, succeeded, whole};
use super::resume::{ALL, StopAt, prepared};
use crate::store::harness::{TestStore, on_both};

on_both!(who_lost_the_run_leaves_the_lake_alone, a_manifest_of_who_lost_the_run_is_none,);

/// What the new owner of a run has written.
const NEWER: &str = "of the new owner";

fn of_run(lake: &Path, data_set: &str, run: i64) -> PathBuf {
    lake.join(data_set).join("tenant=default").join(format!("run_id={run}"))
}

fn manifest(lake: &Path, run: i64, step: &str) -> PathBuf {
    lake.join(format!("_runs/default/{run}/{step}.json"))
}

fn written(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
    std::fs::write(path, text).expect("the file is written");
}

/// Has somebody take the run over when match begins, whose files are there at once.
struct TakenOver {
    options: EngineOptions,
    run: AtomicI64,
    files: Box<dyn Fn(i64) -> Vec<PathBuf> + Send + Sync>,
}

impl Listener for TakenOver {
    fn begun(&self, run: i64) {
        self.run.store(run, Ordering::SeqCst);
    }

    fn started(&self, step: Step, _: Option<u64>) {
        if step != Step::Match {
            return;
        }
        let (options, run) = (self.options.clone(), self.run.load(Ordering::SeqCst));
        let taken = std::thread::spawn(move || {
            tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
                let engine = open(&options).await;
                let runs = Table::control("import_runs").sql(engine.store.dialect());
                let sql = format!("UPDATE {runs} SET lease_epoch = lease_epoch + 1 WHERE id = $1");
                let mut session = engine.store.session().await.expect("a session");
                session.execute(&sql, &[run.into()]).await.expect("it is taken over");
            });
        });
        taken.join().expect("the new owner");
        for file in (self.files)(run) {
            written(&file, NEWER);
        }
    }

    fn advanced(&self, _: Step, _: u64) {}
    fn finished(&self, _: &StepReport) {}
    fn warn(&self, _: &str) {}
}

async fn who_lost_the_run_leaves_the_lake_alone(test: &TestStore) {
    let (ground, file) = prepared(test).await;
    let lake = ground.lake();
    let files = move |run: i64| {
        vec![
            manifest(&lake, run, "summary"),
            of_run(&lake, "reports", run).join("errors-1-second.csv"),
            of_run(&lake, "staging_volunteers", run).join("a9-r0-part-0.parquet"),
        ]
    };
    // Of its own attempt, and nobody will ever list it: whoever globs over the lake would count its rows.
    let lake = ground.lake();
    let unlisted = move |run: i64| of_run(&lake, "links", run).join("a1-r7-part-0.parquet");
    let (theirs, own) = (files.clone(), unlisted.clone());
    let listener = Arc::new(TakenOver {
        options: ground.options.clone(),
        run: AtomicI64::new(0),
        files: Box::new(move |run| theirs(run).into_iter().chain([own(run)]).collect()),
    });
    let engine = open(&ground.options).await;
    let (request, told) = (RunRequest::files([&file]), Arc::clone(&listener) as Arc<dyn Listener>);
    let lost = Box::pin(engine.run(&request, told)).await;
    let error = lost.expect_err("it is another one's run");
    assert_eq!(error.kind(), ErrorKind::Lease, "{error}");
    drop(engine);
    let run = listener.run.load(Ordering::SeqCst);
    for file in files(run) {
        let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        assert_eq!(text, NEWER, "{}", file.display());
    }
    assert!(!unlisted(run).exists(), "{}", unlisted(run).display());

    let engine = open(&ground.options).await;
    let silent = Arc::new(importer_engine::Silent);
    let done = Box::pin(engine.resume(run, &ResumeOptions::default(), silent)).await.expect("it goes on");
    adds_up(&succeeded(done));
    for file in files(run) {
        let text = std::fs::read(&file).unwrap_or_default();
        assert_ne!(text, NEWER.as_bytes(), "{}", file.display());
    }
    whole(ground.store()).await;
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, ALL as i64);
}

/// Writes a manifest in the place of that of match when match begins, as a process would that lost the run long ago.
struct Late {
    older: PathBuf,
    matched: PathBuf,
}

impl Listener for Late {
    fn started(&self, step: Step, _: Option<u64>) {
        if step == Step::Match {
            std::fs::copy(&self.older, &self.matched).expect("a manifest");
        }
    }
    fn advanced(&self, _: Step, _: u64) {}
    fn finished(&self, _: &StepReport) {}
    fn warn(&self, _: &str) {}
}

fn epoch(path: &Path) -> i64 {
    let text = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let manifest: Value = serde_json::from_slice(&text).expect("a manifest");
    manifest["epoch"].as_i64().expect("an epoch")
}

async fn a_manifest_of_who_lost_the_run_is_none(test: &TestStore) {
    let (ground, file) = prepared(test).await;
    let engine = open(&ground.options).await;
    let listener = StopAt { step: Step::Match, stop: engine.stop.clone() };
    let stopped = Box::pin(engine.run(&RunRequest::files([&file]), Arc::new(listener))).await.expect("a run");
    assert_eq!(stopped.status, "paused", "{:?}", stopped.error);
    drop(engine);
    let (run, lake) = (stopped.run_id, ground.lake());
    // A second owner had done land and stage anew; then the first one woke, and wrote down its check.
    for step in ["land", "stage"] {
        let path = manifest(&lake, run, step);
        let text = std::fs::read_to_string(&path).expect("a manifest");
        let newer = text.replace("\"epoch\": 1", "\"epoch\": 2");
        assert_ne!(newer, text);
        std::fs::write(&path, newer).expect("it is written");
    }
    assert_eq!(epoch(&manifest(&lake, run, "check")), 1);
    let runs = Table::control("import_runs").sql(ground.store().dialect());
    let raised = format!("UPDATE {runs} SET lease_epoch = 2 WHERE id = $1");
    let mut session = ground.store().session().await.expect("a session");
    session.execute(&raised, &[run.into()]).await.expect("a second owner");
    drop(session);

    let late = Late { older: manifest(&lake, run, "land"), matched: manifest(&lake, run, "match") };
    let engine = open(&ground.options).await;
    let done =
        Box::pin(engine.resume(run, &ResumeOptions::default(), Arc::new(late))).await.expect("it goes on");
    let done = succeeded(done);
    let told = done.warnings.join("\n");
    assert!(told.contains("step check is done again") && told.contains("had lost the run"), "{told}");
    for (step, by) in [("land", 2), ("stage", 2), ("check", 3), ("match", 3), ("reconcile", 3)] {
        assert_eq!(epoch(&manifest(&lake, run, step)), by, "{step}");
    }
    adds_up(&done);
    whole(ground.store()).await;
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, ALL as i64);
}
