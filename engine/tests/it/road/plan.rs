//! Plan and apply: what is shown is what is loaded, once, or nothing at all where core has moved.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::{Array, AsArray};
use importer_engine::plan::{self, ApplyOptions, Lines, Wanted};
use importer_engine::request::RunRequest;
use importer_engine::store::{RunKind, RunStatus, Table};
use importer_engine::why::{CoreQuestion, RowQuestion, Which};
use importer_engine::{EngineOptions, Error, Listener, ResumeOptions, RunSummary, Silent, Step, StepReport};

use super::ground::{Ground, adds_up, core_counts, count, everybody, open, people_csv, succeeded, whole};
use super::resume::{ALL, OLD, StopAt, person, prepared, refused};
use crate::store::harness::{TestStore, on_both};

async fn planned(ground: &Ground, file: &Path) -> RunSummary {
    let request = RunRequest { dry_run: true, ..RunRequest::files([file]) };
    succeeded(ground.run(&request).await)
}

async fn apply(ground: &Ground, plan: i64) -> Result<RunSummary, Error> {
    let engine = open(&ground.options).await;
    let options = ApplyOptions { actor: Some("pia".to_owned()), ..ApplyOptions::default() };
    Box::pin(engine.apply(plan, &options, Arc::new(Silent))).await
}

/// The cells of all lines, each as `row|core|…`.
async fn texts(mut lines: Lines) -> Vec<String> {
    let mut found = Vec::new();
    while let Some(batch) = lines.next().await.expect("lines") {
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|c| arrow::compute::cast(c, &arrow::datatypes::DataType::Utf8).expect("text"))
            .collect();
        for row in 0..batch.num_rows() {
            let cell = |c: &Arc<dyn Array>| {
                let text = c.as_string::<i32>();
                if text.is_valid(row) { text.value(row).to_owned() } else { "-".to_owned() }
            };
            found.push(columns.iter().map(cell).collect::<Vec<_>>().join("|"));
        }
    }
    assert!(found.len() as u64 <= lines.count);
    found
}

async fn difference(ground: &Ground, run: i64, wanted: Wanted) -> Vec<String> {
    let run = ground.engine.get_run(run).await.expect("the run");
    texts(plan::of_plan(&ground.engine, &run, wanted).await.expect("a difference")).await
}

async fn host_edits(ground: &Ground, sql: &str) {
    let contacts = Table::core("contacts").sql(ground.store().dialect());
    let mut session = ground.store().session().await.expect("a session");
    session.execute_script(&sql.replace("{contacts}", &contacts)).await.expect("the host writes");
}

/// What the plan shows is what its application loads, and an application is a run like any other.
async fn exactly_the_plan(test: &TestStore) {
    let (ground, file) = prepared(test).await;
    let before = everybody(ground.store()).await;
    let plan = planned(&ground, &file).await;
    let lines = difference(&ground, plan.run_id, Wanted::default()).await;
    for wanted in [
        "1|1|updated|city|Old|New|row 1 of crm wins over crm",
        "9|new:1|created|first_name|-|Rayj|new record from row 9",
        "9|new:1|created|emails|-|ray9@example.org|new record from row 9",
        "20|new:12|created|city|-|New|new record from row 20",
    ] {
        assert!(lines.iter().any(|l| l == wanted), "{wanted}\n{}", lines.join("\n"));
    }
    assert!(lines.iter().all(|l| !l.contains("is_active")), "a new record is active, which is no news");
    let masked = difference(&ground, plan.run_id, Wanted { limit: Some(3), masked: true }).await;
    assert_eq!(masked.len(), 3);
    assert!(!masked.join("\n").contains("ray1@example.org"));
    assert_eq!(everybody(ground.store()).await, before, "a plan changes nothing");

    let folder = ground.folder();
    let run = ground.engine.get_run(plan.run_id).await.expect("the run");
    for name in ["diff.csv", "diff.parquet"] {
        let all = plan::of_plan(&ground.engine, &run, Wanted::default()).await.expect("a difference");
        let rows = plan::write_lines(all, &folder.join(name)).await.expect("a file");
        assert_eq!(rows as usize, lines.len());
    }
    let text = std::fs::read_to_string(folder.join("diff.csv")).expect("text");
    assert!(text.starts_with("row,core_id,action,field,before,after,why\n"), "{text}");
    assert!(text.contains("'+1312555"), "a phone number is no formula: {text}");
    let other = plan::of_plan(&ground.engine, &run, Wanted::default()).await.expect("a difference");
    assert!(plan::write_lines(other, &folder.join("diff.doc")).await.is_err());

    let applied = succeeded(apply(&ground, plan.run_id).await.expect("it is applied"));
    adds_up(&applied);
    assert_eq!(applied.kind, "normal");
    assert_eq!(core_counts(&applied).get("rows_created"), Some(&(ALL - OLD)));
    assert_eq!(
        applied.metrics["core"]["volunteers"]["rows_updated"],
        plan.metrics["core"]["volunteers"]["rows_updated"]
    );
    let stored = ground.engine.get_run(applied.run_id).await.expect("the run");
    assert_eq!((stored.kind, stored.plan_run_id), (RunKind::Normal, Some(plan.run_id)));
    whole(ground.store()).await;
    let findings = format!("SELECT count(*) FROM {{dq_violations}} WHERE run_id = {}", applied.run_id);
    assert_eq!(count(ground.store(), &findings).await, 1, "the plan's findings are told by its run");
    // What was loaded is what a run of the file loads: running it changes nothing more.
    let again = ground.load(&file).await;
    assert_eq!(core_counts(&again).get("rows_created"), None);
    assert_eq!(core_counts(&again).get("rows_updated"), None, "{:?}", core_counts(&again));

    refused(apply(&ground, plan.run_id).await, &format!("is applied by run {}", applied.run_id));
    refused(apply(&ground, applied.run_id).await, "is no plan");
    refused(apply(&ground, 4711).await, "there is no run 4711");
}

/// Of two that apply one plan, one wins and the other is told.
async fn applied_once(test: &TestStore) {
    let (ground, file) = prepared(test).await;
    let plan = planned(&ground, &file).await.run_id;
    let (one, two) = tokio::join!(apply(&ground, plan), apply(&ground, plan));
    let (won, lost): (Vec<_>, Vec<_>) = [one, two].into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1, "{won:?} {lost:?}");
    let won = succeeded(won.into_iter().next().expect("one").expect("a run"));
    let lost = lost.into_iter().next().expect("one").expect_err("the other");
    assert_eq!(lost.code(), Some("PLAN_APPLIED"), "{lost}");
    assert!(lost.to_string().contains(&format!("run {}", won.run_id)), "{lost}");
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, ALL as i64);
    whole(ground.store()).await;
}

/// Core has moved: nothing is loaded, what moved is listed, and a new plan takes it into account.
async fn core_has_moved(test: &TestStore) {
    let (ground, file) = prepared(test).await;
    let plan = planned(&ground, &file).await.run_id;
    host_edits(&ground, "UPDATE {contacts} SET city = 'Host city' WHERE first_name = 'Rayc'").await;
    let newcomer = ground.file("newcomer.csv", people_csv(&[person(15, "Elsewhere", 3)]));
    ground.load(&newcomer).await;
    let before = everybody(ground.store()).await;
    let failed = apply(&ground, plan).await.expect("the run says so");
    assert_eq!(failed.status, "failed");
    assert!(failed.error.as_deref().is_some_and(|e| e.contains("2 of its changes")), "{:?}", failed.error);
    assert!(failed.help.as_deref().is_some_and(|h| h.contains("--replan")));
    assert_eq!(everybody(ground.store()).await, before, "nothing is loaded");
    let run = ground.engine.get_run(failed.run_id).await.expect("the run");
    let moved = plan::moved_of(&ground.engine, &run, Wanted::default()).await.expect("lines").expect("some");
    assert_eq!(
        texts(moved).await,
        ["2|2|city|Old|Host city", "15|-|record|no such record|the id or a key of the row is taken"]
    );

    // The failed application has not used the plan up, but the plan still does not fit.
    refused_status(&apply(&ground, plan).await.expect("the run says so"), "failed");
    let anew = Box::pin(ground.engine.replan(plan, Some("pia"), Arc::new(Silent))).await.expect("a plan");
    let anew = succeeded(anew);
    assert_eq!(anew.kind, "dry_run");
    let (old, new) = (
        ground.engine.get_run(plan).await.expect("the old plan"),
        ground.engine.get_run(anew.run_id).await.expect("the new plan"),
    );
    assert_eq!(new.parent_run_id, Some(plan));
    let different =
        texts(plan::between(&ground.engine, &old, &new, Wanted::default()).await.expect("lines")).await;
    assert!(different.iter().any(|l| l.starts_with("2|2|") && l.contains("|city|Old|")), "{different:#?}");
    assert!(
        different.iter().any(|l| l.starts_with("15|new:7|") && l.ends_with("only in the old plan")),
        "{different:#?}"
    );
    assert!(different.iter().all(|l| l.starts_with("2|") || l.starts_with("15|")), "{different:#?}");
    let applied = succeeded(apply(&ground, anew.run_id).await.expect("the new one fits"));
    adds_up(&applied);
    whole(ground.store()).await;
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, ALL as i64);
}

fn refused_status(summary: &RunSummary, status: &str) {
    assert_eq!(summary.status, status, "{:?}", summary.error);
}

/// Edits somebody in a later chunk once the first one is in.
struct EditMeanwhile {
    options: EngineOptions,
    done: AtomicBool,
}

impl Listener for EditMeanwhile {
    fn started(&self, _: Step, _: Option<u64>) {}
    fn advanced(&self, step: Step, _: u64) {
        if step != Step::Load || self.done.swap(true, Ordering::SeqCst) {
            return;
        }
        let options = self.options.clone();
        let edit = std::thread::spawn(move || {
            tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
                let engine = open(&options).await;
                let contacts = Table::core("contacts").sql(engine.store.dialect());
                let mut session = engine.store.session().await.expect("a session");
                let sql = format!("UPDATE {contacts} SET city = 'Late' WHERE city = 'Old'");
                session.execute_script(&sql).await.expect("the host writes");
            });
        });
        edit.join().expect("the host");
    }
    fn finished(&self, _: &StepReport) {}
    fn warn(&self, _: &str) {}
}

/// Somebody writes between two chunks: the chunk that no longer fits is not loaded, and what is loaded stays whole.
async fn moved_between_chunks(test: &TestStore) {
    let (ground, file) = prepared(test).await;
    let plan = planned(&ground, &file).await.run_id;
    let listener = EditMeanwhile { options: ground.options.clone(), done: AtomicBool::new(false) };
    let options = ApplyOptions::default();
    let failed = Box::pin(ground.engine.apply(plan, &options, Arc::new(listener))).await.expect("a run");
    assert_eq!(failed.status, "partially_failed", "{:?}", failed.error);
    // What is loaded counts, and nothing else.
    let applied = "SELECT CAST(sum(applied) AS BIGINT) FROM {load_ledger} WHERE run_id = 3";
    let changed: u64 = ["rows_created", "rows_updated", "rows_skipped_no_change"]
        .iter()
        .map(|name| failed.counts["core"]["volunteers"][name].as_u64().unwrap_or(0))
        .sum();
    assert_eq!(changed as i64, count(ground.store(), applied).await);
    assert!(changed > 0 && changed < ALL, "{changed}");
    assert!(failed.error.as_deref().is_some_and(|e| e.contains("has moved")), "{:?}", failed.error);
    whole(ground.store()).await;
    let late = "SELECT count(*) FROM {contacts} WHERE city = 'Late'";
    assert!(count(ground.store(), late).await > 0, "the host's edit stays");
    refused(apply(&ground, plan).await, &format!("run {}", failed.run_id));
    // Put back what was planned upon, and the run goes on.
    host_edits(&ground, "UPDATE {contacts} SET city = 'Old' WHERE city = 'Late'").await;
    let engine = open(&ground.options).await;
    let rest = Box::pin(engine.resume(failed.run_id, &ResumeOptions::default(), Arc::new(Silent))).await;
    let rest = succeeded(rest.expect("it goes on"));
    adds_up(&rest);
    assert_eq!(core_counts(&rest).get("rows_created"), Some(&(ALL - OLD)));
    whole(ground.store()).await;
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts} WHERE city = 'Old'").await, 0);
}

/// An application that was interrupted goes on; plans that are not finished, or of another project, are refused.
async fn interrupted_and_refused(test: &TestStore) {
    let (ground, file) = prepared(test).await;
    let plan = planned(&ground, &file).await.run_id;
    let engine = open(&ground.options).await;
    let stop = StopAt { step: Step::Load, stop: engine.stop.clone() };
    let paused = Box::pin(engine.apply(plan, &ApplyOptions::default(), Arc::new(stop))).await.expect("a run");
    assert_eq!(paused.status, "paused", "{:?}", paused.error);
    refused(apply(&ground, plan).await, &format!("run {}, which is paused", paused.run_id));
    let engine = open(&ground.options).await;
    let done = Box::pin(engine.resume(paused.run_id, &ResumeOptions::default(), Arc::new(Silent))).await;
    succeeded(done.expect("it goes on"));
    whole(ground.store()).await;

    let mut bad = person(1, "Bad", 5);
    bad[4] = "no address".to_owned();
    let stopped = ground.file("stopped.csv", people_csv(&[bad, person(2, "Better", 5)]));
    let request = RunRequest { dry_run: true, ..RunRequest::files([&stopped]) };
    let unfinished = ground.run(&request).await;
    assert_eq!(unfinished.status, "failed");
    let error = apply(&ground, unfinished.run_id).await.expect_err("not finished");
    assert!(error.help().is_some_and(|h| h.contains("--accept-bad")), "{:?}", error.help());
    let accept = ResumeOptions { accept_bad: true, ..ResumeOptions::default() };
    succeeded(ground.engine.resume(unfinished.run_id, &accept, Arc::new(Silent)).await.expect("finished"));

    let mut options = ground.options.clone();
    let folder = ground.folder().join("project");
    std::fs::create_dir_all(folder.join("sources")).expect("a folder");
    let shipped = importer_sql::project::files().into_iter().find(|(path, _)| *path == "sources/csv.yml");
    let text = format!("{}\n# another project\n", shipped.expect("the source").1);
    std::fs::write(folder.join("sources/csv.yml"), text).expect("a project file");
    options.project = Some(folder);
    let other = open(&options).await;
    let error = other.apply(unfinished.run_id, &ApplyOptions::default(), Arc::new(Silent)).await;
    let error = error.expect_err("another project");
    assert_eq!(error.code(), Some("PLAN_PROJECT"), "{error}");
    let accepted = ApplyOptions { accept_project: true, ..ApplyOptions::default() };
    let loaded = succeeded(other.apply(unfinished.run_id, &accepted, Arc::new(Silent)).await.expect("a run"));
    let run = ground.engine.get_run(loaded.run_id).await.expect("the run");
    assert_eq!((run.status, run.plan_run_id), (RunStatus::Succeeded, Some(unfinished.run_id)));
}

/// Somebody, with one phone number.
fn one(id: &str, first: &str, last: &str, email: &str, phone: &str) -> [String; 8] {
    ["a", id, first, last, email, phone, "", ""].map(str::to_owned)
}

/// Ann has a new number, which Robert, who is new, has too: two people, and her change comes in a chunk before his.
async fn shares_a_number(test: &TestStore) -> (Ground, PathBuf) {
    let ground = Ground::with(test, |options, _| options.chunk_rows = 1).await;
    let ann = |phone| one("1", "Ann", "Lee", "ann@example.org", phone);
    let robert = one("2", "Robert", "Moss", "rob@example.org", "202-555-0199");
    ground.load(&ground.file("first.csv", people_csv(&[ann("202-555-0143")]))).await;
    let file = ground.file("second.csv", people_csv(&[ann("202-555-0199"), robert]));
    (ground, file)
}

/// Stops the engine once a chunk is in.
struct StopAfterChunk(tokio_util::sync::CancellationToken);

impl Listener for StopAfterChunk {
    fn started(&self, _: Step, _: Option<u64>) {}
    fn advanced(&self, step: Step, _: u64) {
        if step == Step::Load {
            self.0.cancel();
        }
    }
    fn finished(&self, _: &StepReport) {}
    fn warn(&self, _: &str) {}
}

/// What the chunks of a plan write is nobody else's move: neither in one go nor where it stopped between them.
async fn own_chunks_are_no_move(test: &TestStore) {
    let (ground, file) = shares_a_number(test).await;
    let plan = planned(&ground, &file).await.run_id;
    let engine = open(&ground.options).await;
    let stop = StopAfterChunk(engine.stop.clone());
    let paused = Box::pin(engine.apply(plan, &ApplyOptions::default(), Arc::new(stop))).await.expect("a run");
    refused_status(&paused, "paused");
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {load_ledger} WHERE run_id = 3").await, 1);
    let engine = open(&ground.options).await;
    let done = Box::pin(engine.resume(paused.run_id, &ResumeOptions::default(), Arc::new(Silent))).await;
    let done = succeeded(done.expect("it goes on"));
    assert_eq!(core_counts(&done).get("rows_created"), Some(&1));
    assert_eq!(core_counts(&done).get("rows_updated"), Some(&1));
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, 2);
    assert_eq!(
        count(ground.store(), "SELECT count(*) FROM {dedupe_suggestions} WHERE match_type = 'household'")
            .await,
        1
    );
    whole(ground.store()).await;
}

/// The same in a run: it takes one round. Somebody else who takes the number meanwhile is news all the same.
async fn own_chunks_take_one_round(test: &TestStore) {
    let (ground, file) = shares_a_number(test).await;
    let run = ground.load(&file).await;
    assert_eq!(core_counts(&run).get("rows_created"), Some(&1));
    let rounds = "SELECT max(round) FROM {load_ledger} WHERE run_id = 2";
    assert_eq!(count(ground.store(), rounds).await, 0, "nothing had moved");

    let (ann, eve) = (
        one("1", "Ann", "Lee", "ann@example.org", "202-555-0178"),
        one("3", "Eve", "Hart", "eve@example.org", "202-555-0177"),
    );
    let third = ground.file("third.csv", people_csv(&[ann, eve]));
    let plan = planned(&ground, &third).await.run_id;
    let other = one("4", "Ida", "Kern", "ida@example.org", "202-555-0177");
    ground.load(&ground.file("other.csv", people_csv(&[other]))).await;
    let failed = apply(&ground, plan).await.expect("the run says so");
    refused_status(&failed, "failed");
    assert!(failed.error.as_deref().is_some_and(|e| e.contains("1 of its changes")), "{:?}", failed.error);
    assert_eq!(failed.counts["core"]["volunteers"]["rows_updated"], 0, "nothing is loaded, nothing counts");
    assert_eq!(failed.metrics["core"]["volunteers"]["rows_updated"], 1);

    // The failed run took an id for Eve, and nobody was ever loaded under it.
    let taken = format!("SELECT first_id FROM {{id_ranges}} WHERE run_id = {}", failed.run_id);
    let id = count(ground.store(), &taken).await;
    let question = CoreQuestion { entity: "volunteers".to_owned(), id, field: None };
    let error = ground.engine.why_core(&question).await.expect_err("nobody has it");
    assert_eq!(error.code(), Some("NOT_FOUND"), "{error}");
    assert!(error.to_string().contains("loaded nothing under it"), "{error}");
    let told = ground.engine.why_row(&RowQuestion { run: failed.run_id, which: Which::Row(2) }).await;
    let told = told.expect("a story");
    assert!(told.summary.starts_with("would have had this outcome"), "{}", told.summary);
    assert!(told.summary.ends_with("; it was not loaded"), "{}", told.summary);
}

on_both!(
    exactly_the_plan,
    applied_once,
    core_has_moved,
    moved_between_chunks,
    interrupted_and_refused,
    own_chunks_are_no_move,
    own_chunks_take_one_round,
);
