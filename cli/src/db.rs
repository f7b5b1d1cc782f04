//! `importer db`: the tables of the store, migration by migration.

use std::io::{BufRead, IsTerminal, Write};

use importer_engine::store::{MigrationStatus, Store, UpgradeOptions};
use importer_plans::project::Project;
use serde_json::json;

use crate::failure::Failure;
use crate::screen::{self, Table};
use crate::settings::Settings;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Apply what is missing; nothing when all is there
    Upgrade {
        /// Take existing core tables over, adding the columns and keys that they lack
        #[arg(long)]
        adopt: bool,
        /// Last migration to apply [default: the newest]
        #[arg(long, value_name = "N")]
        to: Option<i64>,
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// Take migrations back, newest first; the data in their tables is lost, adopted tables stay
    Downgrade {
        /// Migration to keep as the newest; 0 takes all back
        #[arg(long, value_name = "N")]
        to: i64,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// Show which migrations are applied
    Status {
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
}

impl Command {
    /// Whether JSON goes to stdout.
    pub fn is_json(&self) -> bool {
        match self {
            Self::Upgrade { json, .. } | Self::Downgrade { json, .. } | Self::Status { json } => *json,
        }
    }
}

/// Runs the verb.
pub async fn command(settings: &Settings, command: Command) -> Result<u8, Failure> {
    match command {
        Command::Upgrade { adopt, to, json } => {
            let project = settings.project()?;
            let store = settings.connect().await?;
            let tables = Some(importer_engine::core_tables(&project));
            let done = store.upgrade(UpgradeOptions { to, adopt, tables }).await?;
            if to.is_none() {
                number_rows(&project, &store).await?;
            }
            let nothing = match to {
                Some(_) => "Nothing is missing up to that migration",
                None => "The store is up to date",
            };
            tell(json, &done, "applied", nothing)?;
        }
        Command::Downgrade { to, yes, json } => {
            existing(settings)?;
            let store = settings.connect().await?;
            confirm(&store, to, yes)?;
            let done = store.downgrade(to).await?;
            tell(json, &done, "taken back", "Nothing is above that migration")?;
        }
        Command::Status { json } => {
            existing(settings)?;
            let store = settings.connect().await?;
            let status = store.migration_status().await?;
            if json {
                screen::print_json(&document(&store, &status))?;
            } else {
                screen::print(&words(settings, &store, &status))?;
            }
        }
    }
    Ok(0)
}

/// Prepares the tables of the organisation's own whose keys are no whole numbers; those that are still to be made are told.
async fn number_rows(project: &Project, store: &Store) -> Result<(), Failure> {
    for entity in project.entities.values() {
        let numbered = entity.loads.iter().filter(|load| load.numbered.is_some());
        let mut missing = Vec::new();
        for load in numbered {
            if store.table_shape(&importer_engine::store::Table::core(load.own_table())).await?.is_none() {
                missing.push(load.own_table());
            }
        }
        match missing.is_empty() {
            true => store.number_rows(&entity.loads, true).await?,
            false => screen::say(&format!(
                "{} is not prepared: the database has no table {}; make it and run this again\n",
                entity.name,
                missing.join(", ")
            )),
        }
    }
    Ok(())
}

/// A question does not make a database.
fn existing(settings: &Settings) -> Result<(), Failure> {
    match settings.store_file().filter(|file| !file.exists()) {
        None => Ok(()),
        Some(file) => Err(Failure::wrong(
            format!("there is no store at {} yet", file.display()),
            "the first run makes it, or `importer db upgrade`",
        )),
    }
}

/// What is lost cannot be had back, so somebody has to say yes.
fn confirm(store: &Store, to: i64, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::wrong(
            "a downgrade loses the data of the tables it removes",
            "say so with --yes",
        ));
    }
    write!(
        std::io::stderr(),
        "Every migration above {to} of {} is taken back, with the data of its tables. Type yes: ",
        store.url()
    )?;
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if answer.trim() == "yes" {
        Ok(())
    } else {
        Err(Failure::wrong("nothing was changed", "type yes, or give --yes"))
    }
}

fn tell(json: bool, done: &[i64], what: &str, nothing: &str) -> Result<(), Failure> {
    if json {
        return screen::print_json(&json!({ "migrations": done, "done": what }));
    }
    let numbers: Vec<String> = done.iter().map(|n| format!("{n:04}")).collect();
    screen::print(&match done {
        [] => format!("{nothing}.\n"),
        _ => format!("Migrations {what}: {}\n", numbers.join(", ")),
    })
}

fn words(settings: &Settings, store: &Store, status: &[MigrationStatus]) -> String {
    let mut table = Table::new(["migration", "applied", "taken over", "not made"]);
    for migration in status {
        let applied = migration.applied_at.map_or("no".to_owned(), screen::time);
        table.row([
            format!("{:04}_{}", migration.version, migration.name),
            applied,
            migration.adopted.join(", "),
            migration.left_out.join(", "),
        ]);
    }
    let mut text = format!("{}\n\n{}", store.url(), table.text());
    if status.iter().any(|m| m.applied_at.is_none()) {
        text.push_str(&format!("\nNext\n  {}\n", settings.command("db upgrade")));
    }
    text
}

fn document(store: &Store, status: &[MigrationStatus]) -> serde_json::Value {
    let migrations: Vec<_> = status
        .iter()
        .map(|m| {
            json!({
                "version": m.version,
                "name": m.name,
                "applied_at": m.applied_at.map(crate::runs::instant),
                "adopted": m.adopted,
                "left_out": m.left_out,
            })
        })
        .collect();
    json!({ "store": store.url().to_string(), "migrations": migrations })
}
