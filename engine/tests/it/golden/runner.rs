//! Runs one golden case on one database with one set of limits, and compares everything that the case expects.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use importer_engine::request::{Input, RunRequest};
use importer_engine::store::{Dialect, Table};
use importer_engine::{Engine, EngineOptions, Limits, OpenError, Policy, RunSummary, Silent};
use serde_json::Value;

use super::case::{Case, Expect, Step};
use super::people::{Person, expected, line, people, rows};
use crate::store::harness::{TestStore, on_postgres, on_sqlite};

/// Which limits a case runs under; results must not depend on them.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub partitions: usize,
    pub batch_rows: usize,
    pub held: usize,
    pub chunk_rows: usize,
    /// The lake is a folder in a bucket of an S3-compatible server.
    pub bucket: bool,
    /// How runs are executed, whatever their size.
    pub policy: Option<Policy>,
}

pub const USUAL: Shape = Shape {
    partitions: 2,
    batch_rows: 8192,
    held: 192 << 20,
    chunk_rows: 50_000,
    bucket: false,
    policy: None,
};
pub const OTHER: Shape = Shape { partitions: 3, batch_rows: 2, held: 0, chunk_rows: 2, ..USUAL };
pub const LARGE: Shape = Shape { policy: Some(Policy::Large), held: 0, ..USUAL };
pub const FRUGAL: Shape = Shape { policy: Some(Policy::Frugal), held: 0, ..USUAL };
pub const BUCKET: Shape = Shape { bucket: true, held: 0, ..USUAL };

/// Runs a case; steps that ask for a fresh store get one.
pub async fn run(folder: &Path, dialect: Dialect, shape: Shape) {
    let case = Arc::new(Case::load(folder));
    let mut from = 0;
    while from < case.steps.len() {
        let to = (from + 1..case.steps.len()).find(|&n| case.steps[n].fresh).unwrap_or(case.steps.len());
        let part = Arc::clone(&case);
        match dialect {
            Dialect::Postgres => {
                on_postgres(move |test| Box::pin(async move { steps(test, &part, from..to, shape).await }))
                    .await;
            }
            Dialect::Sqlite => {
                on_sqlite(move |test| Box::pin(async move { steps(test, &part, from..to, shape).await }))
                    .await;
            }
        }
        from = to;
    }
}

async fn steps(test: &TestStore, case: &Case, range: std::ops::Range<usize>, shape: Shape) {
    test.upgraded().await;
    let folder = tempfile::tempdir().expect("a lake");
    let lake = match shape.bucket {
        true => crate::store::harness::bucket_folder(),
        false => folder.path().display().to_string(),
    };
    for number in range {
        let step = &case.steps[number];
        let title = step.name.clone().unwrap_or_else(|| case.title.clone());
        let place = format!("{} step {} ({title})", case.folder.display(), number + 1);
        if let Some(sql) = &step.sql {
            let file = match test.store.dialect() {
                Dialect::Postgres => &sql["postgres"],
                Dialect::Sqlite => &sql["sqlite"],
            };
            let script = std::fs::read_to_string(case.folder.join(file)).expect("the script");
            test.store
                .session()
                .await
                .expect("a session")
                .execute_script(&script)
                .await
                .expect("the script runs");
        } else {
            let (exit, outcome) = execute(test, case, step, &lake, shape).await;
            compare(&place, test, &step.expect, exit, outcome).await;
        }
        if let Some(file) = &step.expect.people {
            compare_people(&place, test, &case.folder.join(file)).await;
        }
    }
}

type Outcome = Result<RunSummary, String>;

async fn execute(test: &TestStore, case: &Case, step: &Step, lake: &str, shape: Shape) -> (u8, Outcome) {
    let mut request = RunRequest::files(step.run.iter().map(|f| case.folder.join(f)));
    request.inputs = step.run.iter().map(|f| Input::File(case.folder.join(f))).collect();
    let mut options = EngineOptions {
        store: store_url(test),
        lake: lake.to_owned(),
        limits: Limits {
            partitions: shape.partitions,
            batch_rows: shape.batch_rows,
            held: shape.held,
            policy: shape.policy,
            ..Limits::default()
        },
        chunk_rows: shape.chunk_rows,
        ..EngineOptions::default()
    };
    let strict = arguments(case, &step.args, &mut request, &mut options);
    let engine = match Engine::open(options).await {
        Ok(engine) => engine,
        Err(OpenError::Engine(e)) => return (e.kind().exit_code(), Err(e.to_string())),
        Err(OpenError::Project(errors)) => return (2, Err(format!("{errors:?}"))),
    };
    match engine.run(&request, Arc::new(Silent)).await {
        Ok(summary) => {
            let bad = number(&summary.counts, "staging", "rows_rejected")
                + number(&summary.counts, "dq", "rows_quarantined");
            let exit = if summary.status != "succeeded" {
                1
            } else if strict && bad > 0 {
                3
            } else {
                0
            };
            (exit, Ok(summary))
        }
        Err(error) => (error.kind().exit_code(), Err(format!("{error} ({:?})", error.help()))),
    }
}

fn store_url(test: &TestStore) -> String {
    // The display form hides a password; the test server trusts its users.
    test.options.url.to_string()
}

fn arguments(case: &Case, args: &[String], request: &mut RunRequest, options: &mut EngineOptions) -> bool {
    let mut strict = false;
    let mut args = args.iter();
    while let Some(name) = args.next() {
        let mut value =
            || args.next().expect("a value").replace("{case}", &case.folder.display().to_string());
        match name.as_str() {
            "--dry-run" => request.dry_run = true,
            "--accept-bad" => request.accept_bad = true,
            "--strict" => strict = true,
            "--external-system" => request.external_system = Some(value()),
            "--default-region" => request.default_region = Some(value()),
            "--time-zone" => request.time_zone = Some(value()),
            "--date-order" => {
                let wanted = value();
                request.date_order = importer_plans::project::DateOrder::of(&wanted);
                assert!(request.date_order.is_some(), "{wanted} is no date order");
            }
            "--map" => {
                let pair = value();
                let (header, field) = pair.split_once('=').expect("header=field");
                request.headers.push((header.to_owned(), field.to_owned()));
            }
            "--suggested" => request.suggested = true,
            "--no-header" => request.options.push(("header".to_owned(), "false".to_owned())),
            "--skip-lines" => request.options.push(("skip_lines".to_owned(), value())),
            "--encoding" => request.options.push(("encoding".to_owned(), value())),
            "--project" => options.project = Some(PathBuf::from(value())),
            "--policy" => {
                request.policy = Some(word(importer_plans::project::DuplicatePolicy::WORDS, &value()))
            }
            "--mode" => request.mode = Some(word(importer_plans::project::ImportMode::WORDS, &value())),
            other => panic!("the runner does not know {other}"),
        }
    }
    strict
}

fn word<T: Copy>(words: &[(&str, T)], wanted: &str) -> T {
    words.iter().find(|(w, _)| *w == wanted).map(|(_, v)| *v).expect("a known word")
}

fn number(document: &Value, stage: &str, name: &str) -> u64 {
    document[stage]["volunteers"][name].as_u64().unwrap_or(0)
}

async fn compare(place: &str, test: &TestStore, expect: &Expect, exit: u8, outcome: Outcome) {
    let told = match &outcome {
        Ok(summary) => format!("{:?}, counts {}", summary.error, summary.counts),
        Err(error) => error.clone(),
    };
    match &expect.exit_any {
        Some(any) => assert!(any.contains(&exit), "{place}: exit {exit}, not one of {any:?}: {told}"),
        None => assert_eq!(exit, expect.exit.unwrap_or(0), "{place}: exit: {told}"),
    }
    let Ok(summary) = outcome else {
        assert!(expect.status.is_none(), "{place}: there is no run to have a status: {told}");
        says(place, &told, &expect.says);
        return;
    };
    says(place, &format!("{:?} {:?}", summary.error, summary.help), &expect.says);
    for part in expect.warns.iter().flatten() {
        let found = summary.warnings.iter().chain(&summary.anomalies).any(|w| w.contains(part.as_str()));
        assert!(found, "{place}: no warning says {part:?}: {:#?}", summary.warnings);
    }
    if expect.status.is_some() || exit == 0 {
        assert_eq!(
            summary.status,
            expect.status.as_deref().unwrap_or("succeeded"),
            "{place}: status: {told}"
        );
    }
    equations(place, &summary);
    compare_counts(place, "counts", &summary.counts, "staging", &expect.staging);
    compare_counts(place, "counts", &summary.counts, "dq", &expect.dq);
    compare_counts(place, "counts", &summary.counts, "core", &expect.core);
    compare_counts(place, "metrics", &summary.metrics, "core", &expect.core_would_be);
    compare_rules(place, &summary, expect);
    compare_suggestions(place, test, &summary, expect).await;
    compare_change_log(place, test, &summary, expect).await;
}

fn says(place: &str, told: &str, parts: &Option<Vec<String>>) {
    for part in parts.iter().flatten() {
        assert!(told.contains(part.as_str()), "{place}: nothing says {part:?}: {told}");
    }
}

/// The counts of every run add up, whatever a case expects.
fn equations(place: &str, summary: &RunSummary) {
    let n = |stage: &str, name: &str| number(&summary.metrics, stage, name);
    assert_eq!(
        n("staging", "rows_processed"),
        n("staging", "rows_staged") + n("staging", "rows_rejected") + n("staging", "rows_skipped_blank"),
        "{place}: records in = landed + rejects + blank"
    );
    assert_eq!(
        n("dq", "rows_evaluated"),
        n("dq", "rows_validated") + n("dq", "rows_quarantined"),
        "{place}: staged"
    );
    let core = [
        "rows_created",
        "rows_updated",
        "rows_reactivated",
        "rows_soft_deleted",
        "rows_skipped_duplicates",
        "rows_skipped_no_change",
        "rows_skipped_not_found",
        "rows_review",
    ];
    let sum: u64 = core.iter().map(|c| n("core", c)).sum();
    assert_eq!(n("core", "rows_processed"), sum, "{place}: every processed row is somewhere");
}

fn compare_counts(
    place: &str,
    what: &str,
    document: &Value,
    stage: &str,
    expected: &Option<BTreeMap<String, u64>>,
) {
    let Some(expected) = expected else { return };
    let found: BTreeMap<String, u64> = document[stage]["volunteers"]
        .as_object()
        .map(|o| {
            o.iter().filter_map(|(k, v)| Some((k.clone(), v.as_u64()?))).filter(|(_, v)| *v > 0).collect()
        })
        .unwrap_or_default();
    let wanted: BTreeMap<String, u64> =
        expected.iter().filter(|(_, v)| **v > 0).map(|(k, v)| (k.clone(), *v)).collect();
    assert_eq!(found, wanted, "{place}: {what}.{stage}");
}

fn compare_rules(place: &str, summary: &RunSummary, expect: &Expect) {
    let counted = |keep: &dyn Fn(&str, &str) -> bool| -> BTreeMap<String, u64> {
        let mut counted = BTreeMap::new();
        for rule in summary.rules.iter().filter(|r| keep(&r.rule_code, &r.severity)) {
            *counted.entry(rule.rule_code.clone()).or_default() += rule.violations;
        }
        counted
    };
    if let Some(wanted) = &expect.rejects {
        assert_eq!(&counted(&|c, s| c.starts_with("CSV_") && s == "error"), wanted, "{place}: rejects");
    }
    if let Some(wanted) = &expect.violations {
        assert_eq!(&counted(&|c, s| !c.starts_with("CSV_") && s == "error"), wanted, "{place}: violations");
    }
    for part in expect.finds.iter().flatten() {
        let said = |r: &importer_engine::RuleCount| {
            format!("{}: {} {}", r.rule_code, r.message, r.hint).contains(part.as_str())
        };
        assert!(summary.rules.iter().any(said), "{place}: no rule says {part:?}: {:#?}", summary.rules);
    }
    for (code, count) in expect.findings.iter().flatten() {
        assert_eq!(counted(&|_, s| s != "error").get(code), Some(count), "{place}: finding {code}");
    }
}

async fn compare_suggestions(place: &str, test: &TestStore, summary: &RunSummary, expect: &Expect) {
    let Some(wanted) = &expect.suggestions else { return };
    let filter = format!("WHERE run_id = {}", summary.run_id);
    let table = Table::control("dedupe_suggestions");
    let found = rows(&test.store, &table, &["match_type", "decision", "reason", "link_id"], &filter).await;
    for w in wanted {
        let fits = |row: &&Person| {
            [("match_type", &w.match_type), ("decision", &w.decision), ("reason", &w.reason)]
                .iter()
                .all(|(c, v)| v.as_ref().is_none_or(|v| row[*c] == *v))
        };
        assert_eq!(found.iter().filter(fits).count() as u64, w.count, "{place}: {w:?} among {found:#?}");
    }
}

async fn compare_change_log(place: &str, test: &TestStore, summary: &RunSummary, expect: &Expect) {
    let Some(wanted) = &expect.change_log else { return };
    let filter = format!("WHERE run_id = {}", summary.run_id);
    let columns = ["field_name", "before_value", "after_value", "winner", "reason"];
    let found = rows(&test.store, &Table::control("change_log"), &columns, &filter).await;
    for w in wanted {
        let count =
            found.iter().filter(|r| w.field.as_ref().is_none_or(|f| r["field_name"] == *f)).count() as u64;
        assert_eq!(count, w.count, "{place}: change log {w:?} among {found:#?}");
    }
}

async fn compare_people(place: &str, test: &TestStore, path: &std::path::Path) {
    let (columns, wanted) = expected(path);
    let mut wanted: Vec<String> = wanted.iter().map(|p| line(p, &columns)).collect();
    let mut found: Vec<String> = people(&test.store).await.iter().map(|p| line(p, &columns)).collect();
    wanted.sort();
    found.sort();
    assert_eq!(found, wanted, "{place}: people ({})", columns.join(" | "));
}
