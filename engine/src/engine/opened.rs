//! One store, one lake and one project, opened together; and which runs the store knows.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::common::runtime::SpawnedTask;
use importer_plans::project::{Project, ProjectErrors};
use tokio_util::sync::CancellationToken;

use crate::error::{Error, ErrorKind, Result};
use crate::lake::Lake;
use crate::project::{ProjectFailure, load_project, load_untrained};
use crate::session::Limits;
use crate::store::{
    AuditAs, Run, RunFilter, RunKind, RunStatus, Store, StoreOptions, StoreUrl, UpgradeOptions,
};

/// Where things are and what bounds them.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// `sqlite://…` or `postgres://…`.
    pub store: String,
    pub core_schema: Option<String>,
    /// A folder or a `file://` URL.
    pub lake: String,
    pub tenant: String,
    /// Who acts, as the audit names them; a run may name another one.
    pub actor: String,
    /// A project folder laid over the shipped project.
    pub project: Option<PathBuf>,
    /// Trained models of the project are left out: they are made anew.
    pub untrained: bool,
    pub limits: Limits,
    /// Changes per load transaction.
    pub chunk_rows: usize,
    /// For how many days a run can be rolled back.
    pub rollback_days: u32,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            store: "sqlite://.importer/importer.db".to_owned(),
            core_schema: None,
            lake: ".importer/lake".to_owned(),
            tenant: "default".to_owned(),
            actor: "operator".to_owned(),
            project: None,
            untrained: false,
            limits: Limits::default(),
            chunk_rows: 30_000,
            rollback_days: 30,
        }
    }
}

/// Runs of one status that are looked at for a process that is gone.
const MOST_DEAD: i64 = 1_000;

/// An opened engine.
pub struct Engine {
    pub store: Arc<Store>,
    pub lake: Lake,
    pub project: Arc<Project>,
    pub tenant: String,
    pub actor: String,
    pub limits: Limits,
    pub chunk_rows: usize,
    pub rollback_days: u32,
    /// Cancelled to make the runs of this engine finish their chunk and pause.
    pub stop: CancellationToken,
}

/// Why an engine cannot be opened.
#[derive(Debug)]
pub enum OpenError {
    /// The store, the lake or the options.
    Engine(Error),
    /// The project's files, each with its place.
    Project(ProjectErrors),
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

impl From<ProjectFailure> for OpenError {
    fn from(failure: ProjectFailure) -> Self {
        match failure {
            ProjectFailure::Folder(error) => Self::Engine(error),
            ProjectFailure::Files(errors) => Self::Project(errors),
        }
    }
}

/// The core tables that a project's entities use.
pub fn core_tables(project: &Project) -> BTreeSet<String> {
    project
        .entities
        .values()
        .flat_map(|entity| &entity.loads)
        .map(|load| load.own_table().to_owned())
        .collect()
}

impl Engine {
    /// Opens project, store and lake. The embedded store is made and brought up to date without asking; a server's
    /// database is changed by `importer db upgrade` only.
    pub async fn open(options: EngineOptions) -> std::result::Result<Self, OpenError> {
        Ok(Self::open_with(options, |_| ()).await?.0)
    }

    pub(super) async fn open_with<T>(
        options: EngineOptions,
        meanwhile: impl FnOnce(&Project) -> T,
    ) -> std::result::Result<(Self, T), OpenError> {
        #[cfg(feature = "failpoints")]
        crate::failpoints::arm()?;
        check_tenant(&options.tenant)?;
        let (project, store, done) = project_and_store(&options, meanwhile).await?;
        let used = UpgradeOptions { tables: Some(core_tables(&project)), ..UpgradeOptions::default() };
        store.make_ready(used).await.map_err(Error::from)?;
        let lake = Lake::open(&options.lake)?;
        let engine = Self {
            store: Arc::new(store),
            lake,
            project: Arc::new(project),
            tenant: options.tenant,
            actor: options.actor,
            limits: options.limits,
            chunk_rows: options.chunk_rows,
            rollback_days: options.rollback_days,
            stop: CancellationToken::new(),
        };
        Ok((engine, done))
    }

    /// Whether the tenant has had any run.
    pub(crate) async fn has_runs(&self) -> Result<bool> {
        let newest = RunFilter { limit: Some(1), ..RunFilter::default() };
        Ok(!self.store.list_runs(&self.tenant, &newest).await?.is_empty())
    }

    /// Runs that say that they are at work, or about to begin, and whose process is gone; newest first. Rollbacks are told
    /// apart: [`Engine::unfinished_rollbacks`].
    pub async fn dead_runs(&self) -> Result<Vec<Run>> {
        let mut dead = Vec::new();
        for status in [RunStatus::Running, RunStatus::Pending] {
            let filter = RunFilter { status: Some(status), limit: Some(MOST_DEAD), ..RunFilter::default() };
            for run in self.runs(&filter).await? {
                if run.kind != RunKind::Rollback && !self.store.lease_is_held(&self.tenant, run.id).await? {
                    dead.push(run);
                }
            }
        }
        dead.sort_by_key(|run| std::cmp::Reverse(run.id));
        Ok(dead)
    }

    /// Runs, newest first.
    pub async fn runs(&self, filter: &RunFilter) -> Result<Vec<Run>> {
        Ok(self.store.list_runs(&self.tenant, filter).await?)
    }

    /// One run.
    pub async fn get_run(&self, id: i64) -> Result<Run> {
        Ok(self.store.get_run(&self.tenant, id).await?)
    }
}

/// Makes ready what a run needs and what takes its time when it is first used (the numbering plans of the world, the
/// functions of SQL), beside what the caller goes on with. Nobody has to call it.
pub fn warm_up() {
    let work = || {
        importer_sql::functions::warm_up();
        drop(datafusion::execution::SessionStateBuilder::new().with_default_features().build());
    };
    if let Err(error) = std::thread::Builder::new().name("importer-warm-up".to_owned()).spawn(work) {
        tracing::debug!("nothing is made ready ahead: {error}");
    }
}

/// A server answers while the project is read and other work is done. An embedded store is made, which a faulty project must
/// not lead to.
async fn project_and_store<T>(
    options: &EngineOptions,
    meanwhile: impl FnOnce(&Project) -> T,
) -> std::result::Result<(Project, Store, T), OpenError> {
    let url: StoreUrl = options.store.parse().map_err(Error::from)?;
    let connecting = (!url.is_embedded()).then(|| {
        let options = options.clone();
        SpawnedTask::spawn(async move { connect(&options).await })
    });
    let load = if options.untrained { load_untrained } else { load_project };
    let project = load(options.project.as_deref())?;
    let done = meanwhile(&project);
    let store = match connecting {
        None => connect(options).await?,
        Some(connecting) => connecting.join_unwind().await.map_err(Error::from)??,
    };
    Ok((project, store, done))
}

/// Connects to the store alone, for migrations.
pub async fn connect(options: &EngineOptions) -> Result<Store> {
    check_tenant(&options.tenant)?;
    let url = options.store.parse().map_err(Error::from)?;
    let mut store = StoreOptions::new(url);
    store.audit_as = Some(AuditAs { tenant: options.tenant.clone(), actor: options.actor.clone() });
    if let Some(schema) = &options.core_schema {
        store.core_schema = schema.clone();
    }
    Ok(Store::connect(store).await?)
}

/// A tenant is part of paths and keys.
fn check_tenant(tenant: &str) -> Result<()> {
    let plain = !tenant.is_empty()
        && tenant.len() <= 64
        && tenant.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if plain {
        return Ok(());
    }
    let help = match tenant.is_empty() {
        // An empty variable is mostly one that nobody filled: their rows must not go to the default tenant.
        true => "name one with --tenant (IMPORTER_TENANT), or leave it out altogether for `default`",
        false => "use letters, digits, - and _, at most 64",
    };
    Err(Error::new(ErrorKind::Usage, format!("{tenant:?} cannot be the name of a tenant")).with_help(help))
}
