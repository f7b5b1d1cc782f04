//! What the tests of the road share: an engine on the test's store with a lake and a folder of its own, and ways to
//! look at what a run left.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use importer_engine::request::RunRequest;
use importer_engine::store::{Store, Table};
use importer_engine::{Engine, EngineOptions, Limits, RunSummary, Silent};
use serde_json::Value;
use tempfile::TempDir;

use super::people::people;
use crate::store::harness::TestStore;

pub const CORE: [&str; 4] = ["contacts", "volunteers", "contact_emails", "contact_phones"];
pub const CONTROL: [&str; 10] = [
    "external_id_map",
    "core_provenance",
    "change_log",
    "dedupe_suggestions",
    "dq_violations",
    "namespaces",
    "load_ledger",
    "id_ranges",
    "import_runs",
    "audit",
];
/// What is told of runs beside their rows, and views.
const OF_RUNS: [&str; 4] = ["run_files", "run_rules", "run_counts", "held_rows"];

/// An engine at work in a folder of its own.
pub struct Ground {
    pub options: EngineOptions,
    pub engine: Engine,
    folder: TempDir,
}

impl Ground {
    pub async fn new(test: &TestStore) -> Self {
        Self::with(test, |_, _| ()).await
    }

    /// The same with other options; the folder is there already.
    pub async fn with(test: &TestStore, change: impl FnOnce(&mut EngineOptions, &Path)) -> Self {
        test.upgraded().await;
        let folder = tempfile::tempdir().expect("a folder");
        let mut options = EngineOptions {
            // The display form hides a password; the test server trusts its users.
            store: test.options.url.to_string(),
            lake: folder.path().join("lake").display().to_string(),
            limits: Limits { partitions: 2, ..Limits::default() },
            ..EngineOptions::default()
        };
        change(&mut options, folder.path());
        let engine = open(&options).await;
        Self { options, engine, folder }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn lake(&self) -> PathBuf {
        PathBuf::from(&self.options.lake)
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("the file is written");
        path
    }

    /// Runs a request; whether it succeeded is for the caller to see.
    pub async fn run(&self, request: &RunRequest) -> RunSummary {
        let run = Box::pin(self.engine.run(request, Arc::new(Silent)));
        run.await.unwrap_or_else(|e| panic!("no run was made: {e} ({:?})", e.help()))
    }

    /// Loads one file, successfully.
    pub async fn load(&self, path: &Path) -> RunSummary {
        succeeded(self.run(&RunRequest::files([path])).await)
    }

    pub fn store(&self) -> &Store {
        &self.engine.store
    }
}

pub async fn open(options: &EngineOptions) -> Engine {
    Box::pin(Engine::open(options.clone()))
        .await
        .unwrap_or_else(|e| panic!("the engine does not open: {e:?}"))
}

pub fn succeeded(summary: RunSummary) -> RunSummary {
    assert_eq!(summary.status, "succeeded", "{:?} {:?}", summary.error, summary.help);
    summary
}

pub fn golden(name: &str) -> PathBuf {
    workspace().join("testdata/golden").join(name)
}

pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// A counter of `counts` or `metrics`.
pub fn number(document: &Value, stage: &str, name: &str) -> u64 {
    document[stage]["volunteers"][name].as_u64().unwrap_or(0)
}

/// A core counter of a run.
pub fn core(summary: &RunSummary, name: &str) -> u64 {
    number(&summary.counts, "core", name)
}

/// Core counters that are not zero.
pub fn core_counts(summary: &RunSummary) -> BTreeMap<String, u64> {
    let all = summary.counts["core"]["volunteers"].as_object().cloned().unwrap_or_default();
    all.iter().filter_map(|(k, v)| Some((k.clone(), v.as_u64()?))).filter(|(_, v)| *v > 0).collect()
}

/// The counts of a run add up.
pub fn adds_up(summary: &RunSummary) {
    let n = |stage: &str, name: &str| number(&summary.metrics, stage, name);
    let landed =
        n("staging", "rows_staged") + n("staging", "rows_rejected") + n("staging", "rows_skipped_blank");
    assert_eq!(n("staging", "rows_processed"), landed, "records in: {}", summary.metrics);
    assert_eq!(n("dq", "rows_evaluated"), n("dq", "rows_validated") + n("dq", "rows_quarantined"));
    let places = [
        "rows_created",
        "rows_updated",
        "rows_reactivated",
        "rows_soft_deleted",
        "rows_skipped_duplicates",
        "rows_skipped_no_change",
        "rows_skipped_not_found",
        "rows_review",
    ];
    let sum: u64 = places.iter().map(|p| n("core", p)).sum();
    assert_eq!(n("core", "rows_processed"), sum, "every row is somewhere: {}", summary.metrics);
}

/// Everybody in core with their children and links, without ids and clocks, sorted.
pub async fn everybody(store: &Store) -> Vec<String> {
    let mut lines: Vec<String> = people(store).await.iter().map(|p| format!("{p:?}")).collect();
    lines.sort();
    lines
}

/// A small file of people, one tuple each: system and id, both names, e-mail, phone, city, time of the last change.
pub fn people_csv(people: &[[String; 8]]) -> String {
    let mut text =
        "external_system,external_id,first_name,last_name,email,phone,city,source_updated_at\n".to_owned();
    for person in people {
        text.push_str(&person.join(","));
        text.push('\n');
    }
    text
}

/// All rows of a table.
pub async fn table(store: &Store, table: &Table) -> Vec<RecordBatch> {
    let source = store.describe_table(table).await.expect("the table is there");
    let sql = format!("SELECT {} FROM {}", source.expressions.join(", "), source.from);
    let mut session = store.session().await.expect("a session");
    session.read_all(&sql, &[], &source.schema).await.expect("the table can be read")
}

/// The rows of a table as sorted lines `column=value`, without some columns.
pub async fn lines(store: &Store, name: &Table, without: &[&str]) -> Vec<String> {
    let mut lines: Vec<String> = table(store, name).await.iter().flat_map(|b| text(b, without)).collect();
    lines.sort();
    lines
}

fn text(batch: &RecordBatch, without: &[&str]) -> Vec<String> {
    let options = FormatOptions::default().with_null("NULL");
    let schema = batch.schema();
    let columns: Vec<_> = (0..batch.num_columns())
        .filter(|&c| !without.contains(&schema.field(c).name().as_str()))
        .map(|c| (schema.field(c).name(), ArrayFormatter::try_new(batch.column(c), &options).expect("text")))
        .collect();
    (0..batch.num_rows())
        .map(|row| {
            columns
                .iter()
                .map(|(name, cell)| format!("{name}={}", cell.value(row)))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

/// Fills in table names: `{contacts}` and the like.
pub fn named(store: &Store, sql: &str) -> String {
    let core = CORE.iter().map(|t| (t, Table::core(*t)));
    let control = CONTROL.iter().chain(&OF_RUNS).map(|t| (t, Table::control(*t)));
    core.chain(control).fold(sql.to_owned(), |sql, (name, table)| {
        sql.replace(&format!("{{{name}}}"), &table.sql(store.dialect()))
    })
}

/// A query that gives one number.
pub async fn count(store: &Store, sql: &str) -> i64 {
    let mut session = store.session().await.expect("a session");
    let row = session.fetch_one(&named(store, sql), &[]).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    row.int(0).expect("a number")
}

/// Nothing in core is half there: every core row has its volunteer, a link, provenance and its primary contacts, and
/// nothing of these stands alone; every link and core row was written by a run with a chunk in the ledger.
pub async fn whole(store: &Store) {
    const HALVES: [(&str, &str); 8] = [
        (
            "volunteer",
            "FROM {contacts} c WHERE NOT EXISTS (SELECT 1 FROM {volunteers} v WHERE v.tenant_id = c.tenant_id AND v.contact_id = c.id)",
        ),
        (
            "link",
            "FROM {contacts} c WHERE NOT EXISTS (SELECT 1 FROM {external_id_map} m WHERE m.tenant_id = c.tenant_id AND m.core_id = c.id)",
        ),
        (
            "provenance",
            "FROM {contacts} c WHERE NOT EXISTS (SELECT 1 FROM {core_provenance} p WHERE p.tenant_id = c.tenant_id AND p.core_id = c.id)",
        ),
        (
            "primary e-mail",
            "FROM {contacts} c WHERE c.email IS NOT NULL AND 1 <> (SELECT count(*) FROM {contact_emails} e WHERE e.tenant_id = c.tenant_id AND e.contact_id = c.id AND e.is_primary)",
        ),
        (
            "primary phone",
            "FROM {contacts} c WHERE c.phone IS NOT NULL AND 1 <> (SELECT count(*) FROM {contact_phones} e WHERE e.tenant_id = c.tenant_id AND e.contact_id = c.id AND e.is_primary)",
        ),
        (
            "core row of a link",
            "FROM {external_id_map} m WHERE NOT EXISTS (SELECT 1 FROM {contacts} c WHERE c.tenant_id = m.tenant_id AND c.id = m.core_id)",
        ),
        (
            "core row of a provenance",
            "FROM {core_provenance} p WHERE NOT EXISTS (SELECT 1 FROM {contacts} c WHERE c.tenant_id = p.tenant_id AND c.id = p.core_id)",
        ),
        (
            "ledger row",
            "FROM {core_provenance} p WHERE NOT EXISTS (SELECT 1 FROM {load_ledger} l WHERE l.tenant_id = p.tenant_id AND l.run_id = p.run_id AND l.applied > 0)",
        ),
    ];
    for (what, sql) in HALVES {
        assert_eq!(count(store, &format!("SELECT count(*) {sql}")).await, 0, "rows without their {what}");
    }
}

/// The Python that the tests may use; `None` where it was switched off.
pub fn python() -> Option<String> {
    match std::env::var("IMPORTER_TEST_PYTHON") {
        Ok(python) if python == "off" => {
            eprintln!("IMPORTER_TEST_PYTHON is off: the outside look is left out");
            None
        }
        Ok(python) if !python.is_empty() => Some(python),
        _ => panic!("IMPORTER_TEST_PYTHON is not set: run ./test, which prepares one (or set it to \"off\")"),
    }
}
