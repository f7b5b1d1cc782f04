//! Where things are: flags, then `IMPORTER_*`, then `importer.toml`, then the defaults.
//!
//! - here: [`Settings`], what every verb gets
//! - `actor`: who acts
//! - `file`: `importer.toml`, with unknown keys refused at their line
//! - `size`: `1GiB` as bytes; `time`: `10m` as a limit

mod actor;
mod file;
mod size;
mod time;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use clap::ArgMatches;
use clap::parser::ValueSource;
use importer_engine::request::RunRequest;
use importer_engine::store::{Dialect, Store};
use importer_engine::{Engine, EngineOptions, Limits, OpenError, OpenedInputs};
use importer_plans::project::Project;

use crate::failure::Failure;
use crate::globals::Globals;
use crate::screen;
pub use actor::actor;
use file::Layer;
pub use size::shown;
pub use time::limit;

/// The stores that this process has opened.
static OPENED: Mutex<Vec<Store>> = Mutex::new(Vec::new());
/// How long a store may take to close.
pub const CLOSING: Duration = Duration::from_secs(5);

fn remember(store: &Store) {
    if let Ok(mut opened) = OPENED.lock() {
        opened.push(store.clone());
    }
}

/// Closes embedded stores, so that all of their data is in their file when the process ends. A server sees by itself that
/// nobody asks any more.
pub async fn close_stores() {
    let opened = OPENED.lock().map(|opened| opened.clone()).unwrap_or_default();
    for store in opened.iter().filter(|store| store.dialect() == Dialect::Sqlite) {
        if tokio::time::timeout(CLOSING, store.close()).await.is_err() {
            screen::say("warning: the store was still at work; what it has written is in the file beside it");
        }
    }
}

/// What every verb gets.
#[derive(Debug, Clone)]
pub struct Settings {
    pub options: EngineOptions,
    pub quiet: bool,
    pub no_progress: bool,
    /// Global flags as they stood on the command line, for commands that are proposed: each with a blank before it.
    pub restated: String,
}

impl Settings {
    /// Puts the layers together.
    pub fn read(global: &Globals, restated: String) -> Result<Self, Failure> {
        let layer = file::read(global.config.as_deref(), &Layer::of(global))?;
        let defaults = EngineOptions::default();
        let memory = match layer.memory {
            Some(memory) => size::bytes(&memory.to_string()).map_err(|why| {
                Failure::wrong(
                    format!("the memory limit cannot be {memory}: {why}"),
                    "write it as 768MiB or 2GiB",
                )
            })?,
            None => defaults.limits.memory,
        };
        let limits = Limits {
            memory,
            partitions: positive("partitions", layer.partitions)?.unwrap_or(defaults.limits.partitions),
            batch_rows: positive("batch-rows", layer.batch_rows)?.unwrap_or(defaults.limits.batch_rows),
            ..defaults.limits
        };
        let options = EngineOptions {
            store: layer.store.unwrap_or(defaults.store),
            core_schema: layer.core_schema,
            lake: layer.lake.unwrap_or(defaults.lake),
            tenant: layer.tenant.unwrap_or(defaults.tenant),
            actor: actor::actor().unwrap_or(defaults.actor),
            project: layer.project,
            untrained: defaults.untrained,
            limits,
            chunk_rows: positive("chunk-rows", layer.chunk_rows)?.unwrap_or(defaults.chunk_rows),
            rollback_days: layer.rollback_days.unwrap_or(defaults.rollback_days),
        };
        Ok(Self { options, quiet: global.quiet, no_progress: global.no_progress, restated })
    }

    /// Opens project, store and lake.
    pub async fn open(&self) -> Result<Engine, Failure> {
        let engine = Box::pin(Engine::open(self.options.clone())).await?;
        remember(&engine.store);
        Ok(engine)
    }

    /// [`Settings::open`], and the inputs of a request meanwhile.
    pub async fn open_for(&self, request: &RunRequest) -> Result<(Engine, OpenedInputs), Failure> {
        let (engine, inputs) = Box::pin(Engine::open_for(self.options.clone(), request)).await?;
        remember(&engine.store);
        Ok((engine, inputs))
    }

    /// Opens the store alone.
    pub async fn connect(&self) -> importer_engine::Result<Store> {
        let store = importer_engine::connect(&self.options).await?;
        remember(&store);
        Ok(store)
    }

    /// Opens what is there already. A question must not leave an empty database behind.
    pub async fn open_existing(&self) -> Result<Engine, Failure> {
        if let Some(file) = self.store_file().filter(|file| !file.exists()) {
            return Err(Failure::wrong(
                format!("there is no store at {} yet", file.display()),
                "import a file first: importer run --file people.csv (or name another store with --store)",
            ));
        }
        self.open().await
    }

    /// The project alone.
    pub fn project(&self) -> Result<Project, Failure> {
        importer_engine::load_project(self.options.project.as_deref()).map_err(|e| OpenError::from(e).into())
    }

    /// The file of a SQLite store.
    pub fn store_file(&self) -> Option<PathBuf> {
        let url: importer_engine::store::StoreUrl = self.options.store.parse().ok()?;
        url.file().map(PathBuf::from)
    }

    /// A command to type next.
    pub fn command(&self, rest: &str) -> String {
        format!("importer{} {rest}", self.restated)
    }
}

fn positive(name: &str, value: Option<usize>) -> Result<Option<usize>, Failure> {
    match value {
        Some(0) => Err(Failure::wrong(format!("--{name} cannot be 0"), "leave it out for the default")),
        other => Ok(other),
    }
}

/// The flags that say where things are, as they were typed.
pub fn restated(matches: &ArgMatches, global: &Globals) -> String {
    let typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let mut text = String::new();
    let mut add = |id: &str, flag: &str, value: Option<String>| {
        if let Some(value) = value.filter(|_| typed(id)) {
            text.push_str(&format!(" --{flag} {}", quoted(&value)));
        }
    };
    // A password does not belong into a line that is meant to be copied.
    add("store", "store", global.store.clone().filter(|url| !has_password(url)));
    add("lake", "lake", global.lake.clone());
    add("tenant", "tenant", global.tenant.clone());
    add("project", "project", global.project.as_ref().map(|p| p.display().to_string()));
    add("core_schema", "core-schema", global.core_schema.clone());
    add("config", "config", global.config.as_ref().map(|p| p.display().to_string()));
    text
}

fn has_password(url: &str) -> bool {
    url.contains("password=")
        || url.split_once("://").is_some_and(|(_, rest)| {
            rest.split('@').next().is_some_and(|who| who.contains(':') && rest.contains('@'))
        })
}

/// A word for a shell.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,=+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
