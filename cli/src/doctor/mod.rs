//! `importer doctor`: can a run work here? Looks at everything, changes nothing that stays.
//!
//! - here: the verb, project and store; `verdict`: how a look ends; `lake`: the folder and whose it is; `machine`: disk and memory; `orphans`: children
//!   without parents

mod lake;
mod machine;
mod orphans;
mod verdict;

use std::time::Duration;

use importer_engine::project_check::compare_tables;
use importer_engine::store::{Dialect, RunStatus, Store};
use importer_plans::project::Project;
use serde_json::json;

use crate::failure::Failure;
use crate::screen::{self, Table};
use crate::settings::Settings;

use verdict::{Look, Verdict};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

/// Runs that are told one by one.
const TOLD: usize = 20;
/// How long a database may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The oldest Postgres that is supported.
const OLDEST_POSTGRES: i64 = 13;

/// Runs the verb.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let mut looks = vec![project(settings)];
    let store = store(settings, &mut looks).await;
    if let (Some(store), Ok(project)) = (&store, settings.project())
        && looks.iter().all(|look| look.verdict == Verdict::Ok)
    {
        load_files(&project, store, &mut looks).await;
        orphans::look(&project, store, &mut looks).await;
    }
    lake::look(settings, store.as_ref(), &mut looks).await;
    if store.is_some() && looks.iter().all(|look| look.verdict != Verdict::Fail) {
        unfinished(settings, &mut looks).await;
    }
    machine::look(settings, &mut looks);
    let failed = looks.iter().any(|look| look.verdict == Verdict::Fail);
    if args.json {
        screen::print_json(&json!({ "ok": !failed, "checks": looks }))?;
    } else {
        screen::print(&words(&looks))?;
    }
    Ok(u8::from(failed))
}

/// Load files that do not fit their tables let no run begin.
async fn load_files(project: &Project, store: &Store, looks: &mut Vec<Look>) {
    if store.migration_status().await.is_ok_and(|all| all.iter().any(|m| m.applied_at.is_none())) {
        return;
    }
    let found = match compare_tables(project, store).await {
        Ok(found) => found,
        Err(error) => {
            looks.push(Look::fail("load files", error.to_string(), error.help().unwrap_or_default()));
            return;
        }
    };
    for finding in &found {
        let (text, help) =
            (format!("{}: {}", finding.path, finding.error.message), finding.error.help.clone());
        let help = help.unwrap_or_default();
        looks.push(match finding.is_warning {
            true => Look::warn("load files", text, help),
            false => Look::fail("load files", text, help),
        });
    }
    if found.is_empty() {
        let files: usize = project.entities.values().map(|entity| entity.loads.len()).sum();
        looks.push(Look::ok("load files", format!("{files} fit their tables")));
    }
}

/// Runs whose process died, and rollbacks that broke off: those leave their run half taken back until they go on.
async fn unfinished(settings: &Settings, looks: &mut Vec<Look>) {
    let engine = match settings.open_existing().await {
        Ok(engine) => engine,
        Err(failure) => return looks.push(Look::fail("runs", failure.text(), "mend what is named there")),
    };
    let (dead, rollbacks) = match (engine.dead_runs().await, engine.unfinished_rollbacks().await) {
        (Ok(dead), Ok(rollbacks)) => (dead, rollbacks),
        (Err(error), _) | (_, Err(error)) => {
            return looks.push(Look::warn("runs", error.to_string(), error.help().unwrap_or_default()));
        }
    };
    for run in dead.iter().take(TOLD) {
        let advice = match run.status {
            RunStatus::Pending => {
                format!("importer retry {0} starts it, importer cancel {0} gives it up", run.id)
            }
            _ => format!("importer resume {0} goes on, importer cancel {0} gives it up", run.id),
        };
        let found = format!(
            "run {} ({}, {}) is {}, and its process is gone",
            run.id, run.kind, run.source, run.status
        );
        looks.push(Look::warn("run", found, advice));
    }
    if dead.len() > TOLD {
        let found = format!("{} more runs whose process is gone", dead.len() - TOLD);
        looks.push(Look::warn("run", found, "importer runs --status running"));
    }
    for rollback in rollbacks {
        let undone = rollback.parent_run_id.unwrap_or_default();
        looks.push(Look::warn(
            "rollback",
            format!("run {} takes run {undone} back and broke off ({})", rollback.id, rollback.status),
            format!("importer rollback {undone} goes on"),
        ));
    }
}

fn words(looks: &[Look]) -> String {
    let mut table = Table::new(["", "what", "found", "what to do"]).wrapped(&[2, 3]);
    for look in looks {
        let verdict = match look.verdict {
            Verdict::Ok => "ok",
            Verdict::Warn => "warn",
            Verdict::Fail => "FAIL",
        };
        table.row([verdict, look.what, look.found.as_str(), look.advice.as_deref().unwrap_or_default()]);
    }
    table.text()
}

fn project(settings: &Settings) -> Look {
    let name = settings
        .options
        .project
        .as_ref()
        .map_or("the shipped project".to_owned(), |p| p.display().to_string());
    match settings.project() {
        Ok(project) => {
            let entities: Vec<&str> = project.entities.keys().map(String::as_str).collect();
            Look::ok("project", format!("{name}: {}", entities.join(", ")))
        }
        Err(_) => Look::fail("project", format!("{name} has errors"), "importer project check shows them"),
    }
}

async fn store(settings: &Settings, looks: &mut Vec<Look>) -> Option<Store> {
    if let Some(file) = settings.store_file().filter(|file| !file.exists()) {
        looks.push(Look::ok("store", format!("none at {} yet; the first run makes it", file.display())));
        return None;
    }
    let store = match tokio::time::timeout(PATIENCE, settings.connect()).await {
        Ok(Ok(store)) => store,
        Ok(Err(error)) => {
            looks.push(Look::fail("store", error.to_string(), error.help().unwrap_or_default()));
            return None;
        }
        Err(_) => {
            let found = format!("no answer within {} s", PATIENCE.as_secs());
            looks.push(Look::fail(
                "store",
                found,
                "check that the database runs and that host and port are right",
            ));
            return None;
        }
    };
    looks.push(version(&store).await);
    looks.push(migrations(&store).await);
    Some(store)
}

async fn version(store: &Store) -> Look {
    let (sql, name) = match store.dialect() {
        Dialect::Postgres => ("SELECT current_setting('server_version')", "PostgreSQL"),
        Dialect::Sqlite => ("SELECT sqlite_version()", "SQLite"),
    };
    let asked = async { store.session().await?.fetch_one(sql, &[]).await?.text(0).map(str::to_owned) };
    match asked.await {
        Err(error) => Look::fail("store", error.to_string(), error.advice()),
        Ok(version) => {
            let found = format!("{} answers ({name} {version})", store.url());
            let major: Option<i64> = version.split(['.', ' ']).next().and_then(|n| n.parse().ok());
            if store.dialect() == Dialect::Postgres && major.is_some_and(|n| n < OLDEST_POSTGRES) {
                return Look::fail("store", found, format!("use PostgreSQL {OLDEST_POSTGRES} or later"));
            }
            Look::ok("store", found)
        }
    }
}

async fn migrations(store: &Store) -> Look {
    match store.migration_status().await {
        Err(error) => Look::fail("tables", error.to_string(), error.advice()),
        Ok(status) => {
            let missing: Vec<String> = status
                .iter()
                .filter(|m| m.applied_at.is_none())
                .map(|m| format!("{:04}_{}", m.version, m.name))
                .collect();
            match (missing.is_empty(), store.dialect()) {
                (true, _) => Look::ok("tables", format!("{} migrations applied", status.len())),
                (false, Dialect::Sqlite) => {
                    Look::ok("tables", format!("{} missing; the next run applies them", missing.join(", ")))
                }
                (false, Dialect::Postgres) => {
                    Look::fail("tables", format!("missing: {}", missing.join(", ")), "importer db upgrade")
                }
            }
        }
    }
}
