//! A folder with a store and a lake in which the binary works, dies and is taken up again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use arrow::util::display::{ArrayFormatter, FormatOptions};
use importer_engine::store::{Run, RunFilter, RunStatus, Store, StoreOptions, Table};
use serde_json::Value;

/// Whether a process died on its way.
#[derive(Debug, PartialEq, Eq)]
pub enum Died {
    Yes,
    No,
}

/// Where the binary works.
pub struct Place {
    pub folder: PathBuf,
    url: String,
    /// Kept until the place is gone.
    _dir: tempfile::TempDir,
    database: Option<String>,
    /// The plan whose application is killed; nothing where a run is.
    plan: Option<i64>,
}

/// Columns that tell when, how often, or are numbered by the database.
const CLOCKS: [&str; 13] = [
    "held_at",
    "created_at",
    "updated_at",
    "first_seen_at",
    "last_seen_at",
    "changed_at",
    "committed_at",
    "decided_at",
    "resolved_at",
    "first_run_id",
    "attempt",
    "lease_epoch",
    "detail_json",
];

pub fn postgres() -> Option<String> {
    let url = std::env::var("IMPORTER_TEST_POSTGRES").ok();
    if url.is_none() {
        eprintln!("left out: IMPORTER_TEST_POSTGRES is not set");
    }
    url
}

pub fn on_sqlite(_: &str) -> Place {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/store.db", dir.path().display());
    Place::new(dir, url, None)
}

pub fn on_postgres(name: &str) -> Place {
    let server = postgres().unwrap();
    let nanos = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().subsec_nanos();
    let database = format!("importer_chaos_{name}_{}_{nanos}", std::process::id());
    admin(&server, &format!("CREATE DATABASE {database}"));
    let (base, _) = server.rsplit_once('/').unwrap();
    Place::new(tempfile::tempdir().unwrap(), format!("{base}/{database}"), Some(database))
}

fn admin(server: &str, sql: &str) {
    wait(async {
        let store = Store::connect(StoreOptions::new(server.parse().unwrap())).await.unwrap();
        store.session().await.unwrap().execute_script(sql).await.unwrap();
        store.close().await;
    });
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

impl Drop for Place {
    fn drop(&mut self) {
        if let (Some(database), Some(server)) = (&self.database, postgres()) {
            admin(&server, &format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"));
        }
    }
}

impl Place {
    fn new(dir: tempfile::TempDir, url: String, database: Option<String>) -> Self {
        let place = Self { folder: dir.path().to_owned(), url, _dir: dir, database, plan: None };
        place.succeeds(&["db", "upgrade"]);
        place
    }

    pub fn kind(&self) -> &'static str {
        if self.database.is_some() { "postgres" } else { "sqlite" }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_importer"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("IMPORTER_")) {
            command.env_remove(name);
        }
        command.current_dir(&self.folder).args(args).args(["--store", &self.url, "-q"]);
        command.args(["--chunk-rows", "7", "--partitions", "2"]);
        command
    }

    fn succeeds(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{args:?}: {}\n{out}\n{err}", output.status);
        out.into_owned()
    }

    /// Loads a file undisturbed, and says how long that took.
    pub fn loaded(&self, file: &Path) -> Duration {
        let since = Instant::now();
        let summary =
            self.succeeds(&["run", "--json", "--accept-bad", "--file", &file.display().to_string()]);
        let summary: Value = serde_json::from_str(&summary).unwrap();
        assert_eq!(summary["status"], "succeeded", "{summary}");
        since.elapsed()
    }

    /// Plans a file: from now on the application of that plan is what is killed and taken up.
    pub fn plans(&mut self, file: &Path) {
        let summary =
            self.succeeds(&["plan", "--json", "--accept-bad", "--file", &file.display().to_string()]);
        let summary: Value = serde_json::from_str(&summary).unwrap();
        self.plan = summary["run_id"].as_i64().or_else(|| summary["summary"]["run_id"].as_i64());
        assert_eq!(self.plan, Some(2), "{summary}");
    }

    /// The run that is killed and taken up.
    fn number_of_run(&self) -> i64 {
        self.plan.unwrap_or(1) + 1
    }

    /// Whether the binary dies where it is told to: it complains of a place that is none.
    pub fn has_failpoints(&self) -> bool {
        let output = self.command(&["runs"]).env("IMPORTER_ABORT_AT", "nowhere").output().unwrap();
        !output.status.success()
    }

    /// The newest run, as far as it is one of the second file.
    fn newest(&self) -> Option<Run> {
        let number = self.number_of_run();
        self.store(|store| {
            Box::pin(async move {
                let runs = store.list_runs("default", &RunFilter::default()).await.unwrap();
                runs.into_iter().next().filter(|run| run.id >= number)
            })
        })
    }

    /// Goes on with the second file in whatever way an operator would, and perhaps dies.
    pub fn go_on(&self, file: &Path, point: Option<(&str, u64)>, after: Option<Duration>) -> Died {
        let file = file.display().to_string();
        let newest = self.newest();
        let run = newest.as_ref().map(|run| run.id.to_string()).unwrap_or_default();
        let plan = self.plan.unwrap_or_default().to_string();
        let again: &[&str] = match self.plan {
            Some(_) => &["apply", &plan],
            None => &["run", "--accept-bad", "--file", &file],
        };
        let resume = ["resume", run.as_str()];
        let retry = ["retry", run.as_str()];
        let args: &[&str] = match newest.map(|run| (run.status, run.attempt)) {
            None => again,
            Some((RunStatus::Succeeded, _)) => return Died::No,
            Some((RunStatus::Pending, _)) => &retry,
            // The same file finds its run by itself.
            Some((RunStatus::Running | RunStatus::Paused, attempt))
                if attempt % 2 == 0 && self.plan.is_none() =>
            {
                again
            }
            Some(_) => &resume,
        };
        let mut command = self.command(args);
        if let Some((name, nth)) = point {
            command.env("IMPORTER_ABORT_AT", format!("{name}:{nth}"));
        }
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        if let Some(after) = after {
            killed_after(&mut child, after);
        }
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => Died::No,
            // Ended by a signal: that is what was wanted.
            None => Died::Yes,
            Some(code) => panic!("{args:?} at {point:?}: exit code {code}\n{err}"),
        }
    }

    /// Goes on until the run is through.
    pub fn finish(&self, file: &Path) {
        assert_eq!(self.go_on(file, None, None), Died::No);
        let run = self.newest().expect("a run");
        assert_eq!(
            (run.id, run.status),
            (self.number_of_run(), RunStatus::Succeeded),
            "one run, however often it died"
        );
    }

    fn store<T>(
        &self,
        look: impl for<'a> FnOnce(&'a Store) -> std::pin::Pin<Box<dyn Future<Output = T> + 'a>>,
    ) -> T {
        wait(async {
            let store = Store::connect(StoreOptions::new(self.url.parse().unwrap())).await.unwrap();
            let found = look(&store).await;
            store.close().await;
            found
        })
    }

    /// A query that gives one number.
    pub fn number(&self, sql: &str) -> i64 {
        self.store(|store| {
            let sql = sql.replace("{contacts}", &Table::core("contacts").sql(store.dialect()));
            Box::pin(async move {
                store.session().await.unwrap().fetch_one(&sql, &[]).await.unwrap().int(0).unwrap()
            })
        })
    }

    /// `id sequence` of every link.
    pub fn sequences(&self) -> Vec<String> {
        self.store(|store| {
            Box::pin(async move {
                let map = Table::control("external_id_map").sql(store.dialect());
                let sql = format!("SELECT external_id, ingest_version FROM {map}");
                let rows = store.session().await.unwrap().fetch(&sql, &[]).await.unwrap();
                let mut found: Vec<String> =
                    rows.iter().map(|r| format!("{} {}", r.text(0).unwrap(), r.int(1).unwrap())).collect();
                found.sort();
                found
            })
        })
    }

    /// All rows of all tables that a run writes, without the clock.
    fn everything(&self) -> Vec<(String, Vec<String>)> {
        self.store(|store| {
            Box::pin(async move {
                let mut all = Vec::new();
                for table in store.known_tables() {
                    let name = table.name.as_str();
                    if ["import_runs", "run_steps", "run_counts", "id_counters", "store_info", "audit"]
                        .contains(&name)
                    {
                        continue;
                    }
                    all.push((name.to_owned(), lines(store, &table).await));
                }
                all
            })
        })
    }

    /// Everything is as in the other place, and the lake holds no file that no step gave.
    pub fn is_like(&self, other: &Self) {
        for ((name, found), (_, wanted)) in self.everything().iter().zip(&other.everything()) {
            assert_eq!(found, wanted, "{name}");
        }
        let lake = self.folder.join(".importer/lake");
        let (mut there, mut listed) = (BTreeSet::new(), BTreeSet::new());
        walk(&lake, &mut |path| {
            let relative = path.strip_prefix(&lake).unwrap().display().to_string();
            // Also one that is not finished.
            if relative.contains(".parquet") {
                there.insert(relative);
            } else if relative.starts_with("_runs") && relative.ends_with(".json") {
                paths(&serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap(), &mut listed);
            }
        });
        let stray: Vec<_> = there.difference(&listed).collect();
        assert!(stray.is_empty(), "files that no manifest lists: {stray:?}");
        let lost: Vec<_> = listed
            .difference(&there)
            .filter(|path| !path.split('/').any(|part| part == "_scratch"))
            .collect();
        assert!(lost.is_empty(), "files that are gone: {lost:?}");
    }
}

fn killed_after(child: &mut Child, after: Duration) {
    let until = Instant::now() + after;
    while Instant::now() < until {
        if child.try_wait().unwrap().is_some() {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    // SIGKILL; a process that is through by now is not harmed.
    let _ = child.kill();
}

async fn lines(store: &Store, table: &Table) -> Vec<String> {
    let source = store.describe_table(table).await.unwrap();
    let sql = format!("SELECT {} FROM {}", source.expressions.join(", "), source.from);
    let mut session = store.session().await.unwrap();
    let options = FormatOptions::default().with_null("NULL");
    // The database numbers these as they come; a transaction that was rolled back leaves a gap.
    let numbered = ["dq_violations", "dedupe_suggestions"].contains(&table.name.as_str());
    let mut lines = Vec::new();
    for batch in session.read_all(&sql, &[], &source.schema).await.unwrap() {
        let schema = batch.schema();
        let columns: Vec<_> = (0..batch.num_columns())
            .filter(|&c| {
                let name = schema.field(c).name().as_str();
                !(CLOCKS.contains(&name) || (numbered && name == "id"))
            })
            .map(|c| (schema.field(c).name(), ArrayFormatter::try_new(batch.column(c), &options).unwrap()))
            .collect();
        for row in 0..batch.num_rows() {
            let cells: Vec<String> =
                columns.iter().map(|(n, cell)| format!("{n}={}", cell.value(row))).collect();
            lines.push(cells.join(" "));
        }
    }
    lines.sort();
    lines
}

fn walk(folder: &Path, look: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, look) } else { look(&path) }
    }
}

/// Every `path` that a manifest names.
fn paths(document: &Value, into: &mut BTreeSet<String>) {
    match document {
        Value::Object(fields) => {
            if let Some(path) = fields.get("path").and_then(Value::as_str).filter(|p| p.ends_with(".parquet"))
            {
                into.insert(path.to_owned());
            }
            fields.values().for_each(|value| paths(value, into));
        }
        Value::Array(items) => items.iter().for_each(|item| paths(item, into)),
        _ => {}
    }
}
