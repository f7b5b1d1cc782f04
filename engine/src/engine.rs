//! The engine as a program uses it: one store, one lake, one project, and what can be asked of them.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::common::runtime::SpawnedTask;
use importer_plans::project::{Project, ProjectErrors};
use tokio_util::sync::CancellationToken;

use crate::error::{Error, ErrorKind, Result};
use crate::lake::Lake;
use crate::plan::{self, ApplyOptions};
use crate::progress::Listener;
use crate::project::{ProjectFailure, load_project};
use crate::request::RunRequest;
use crate::run::{self, OpenedInputs, ResumeOptions, RunSummary, Stopping};
use crate::session::Limits;
use crate::store::{
    AuditAs, Dialect, Run, RunFilter, RunKind, RunStatus, Store, StoreOptions, StoreUrl, UpgradeOptions,
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

    /// [`Engine::open`], and the inputs of a request are opened while a server is connected to.
    pub async fn open_for(
        options: EngineOptions,
        request: &RunRequest,
    ) -> std::result::Result<(Self, OpenedInputs), OpenError> {
        let batch_rows = options.limits.batch_rows;
        Self::open_with(options, |project| OpenedInputs::of(project, request, batch_rows)).await
    }

    async fn open_with<T>(
        options: EngineOptions,
        meanwhile: impl FnOnce(&Project) -> T,
    ) -> std::result::Result<(Self, T), OpenError> {
        #[cfg(feature = "failpoints")]
        crate::failpoints::arm()?;
        check_tenant(&options.tenant)?;
        let (project, store, done) = project_and_store(&options, meanwhile).await?;
        match store.dialect() {
            Dialect::Sqlite => {
                store
                    .upgrade(UpgradeOptions {
                        tables: Some(core_tables(&project)),
                        ..UpgradeOptions::default()
                    })
                    .await
                    .map_err(Error::from)?;
            }
            Dialect::Postgres => store.require_current().await.map_err(Error::from)?,
        }
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

    /// Takes a request down the whole road. Errors mean that no run was made; a run that failed says so itself. When a
    /// run of the very same request was interrupted, that one goes on.
    pub async fn run(&self, request: &RunRequest, listener: Arc<dyn Listener>) -> Result<RunSummary> {
        let landed_at = chrono::Utc::now().timestamp_micros();
        Box::pin(self.run_at(request, landed_at, listener)).await
    }

    /// [`Engine::run`] of inputs that [`Engine::open_for`] has opened.
    pub async fn run_opened(
        &self,
        request: &RunRequest,
        inputs: OpenedInputs,
        listener: Arc<dyn Listener>,
    ) -> Result<RunSummary> {
        let landed_at = chrono::Utc::now().timestamp_micros();
        Box::pin(self.run_inputs(request, inputs, landed_at, listener)).await
    }

    /// [`Engine::run`] with the time of landing given, so that a run can be repeated exactly.
    pub async fn run_at(
        &self,
        request: &RunRequest,
        landed_at: i64,
        listener: Arc<dyn Listener>,
    ) -> Result<RunSummary> {
        let inputs = OpenedInputs::of(&self.project, request, self.limits.batch_rows);
        self.run_inputs(request, inputs, landed_at, listener).await
    }

    async fn run_inputs(
        &self,
        request: &RunRequest,
        inputs: OpenedInputs,
        landed_at: i64,
        listener: Arc<dyn Listener>,
    ) -> Result<RunSummary> {
        let request = &run::completed(&self.project, request)?;
        let inputs = run::from_watermark(self, request, inputs).await;
        let (source, entity) = run::choose(&self.project, request)?;
        let after = request.after.unwrap_or(source.after);
        let (request, inputs) = if request.only_new {
            let new = run::only_new(self, request, (source, entity), listener.as_ref()).await?;
            (&request.only(&new), inputs.only(&new))
        } else {
            (request, inputs)
        };
        let mut summary =
            Box::pin(self.run_prepared(request, inputs, landed_at, Arc::clone(&listener))).await?;
        run::put_away(&mut summary, &request.inputs, after, listener.as_ref());
        Ok(summary)
    }

    async fn run_prepared(
        &self,
        request: &RunRequest,
        inputs: OpenedInputs,
        landed_at: i64,
        listener: Arc<dyn Listener>,
    ) -> Result<RunSummary> {
        let prepared = run::prepare(self, request, inputs, landed_at)?;
        let source = &prepared.pinned.source.name;
        if let Some(run) = run::interrupted(self, source, &prepared.params).await? {
            listener
                .warn(&format!("run {run} of the same input was interrupted; it goes on where it stopped"));
            let options = ResumeOptions { actor: request.triggered_by.clone(), ..ResumeOptions::default() };
            match Box::pin(self.resume(run, &options, Arc::clone(&listener))).await {
                Err(error) if run::was_taken(&error) => {}
                other => return other,
            }
        }
        Box::pin(run::run(self, prepared, listener)).await
    }

    /// Goes on with a run that was interrupted, paused, or failed.
    pub async fn resume(
        &self,
        run: i64,
        options: &ResumeOptions,
        listener: Arc<dyn Listener>,
    ) -> Result<RunSummary> {
        Box::pin(run::resume(self, run, options, listener)).await
    }

    /// Starts a run anew that failed, was given up or never began: from its files, as long as nothing is loaded.
    pub async fn retry(
        &self,
        run: i64,
        actor: Option<&str>,
        listener: Arc<dyn Listener>,
    ) -> Result<RunSummary> {
        let landed_at = chrono::Utc::now().timestamp_micros();
        Box::pin(run::retry(self, run, actor, landed_at, listener)).await
    }

    /// Loads exactly what a dry run planned, as a new run.
    pub async fn apply(
        &self,
        plan: i64,
        options: &ApplyOptions,
        listener: Arc<dyn Listener>,
    ) -> Result<RunSummary> {
        let now = chrono::Utc::now().timestamp_micros();
        Box::pin(plan::apply(self, plan, options, now, listener)).await
    }

    /// Makes a plan anew, from the rows that the old one landed.
    pub async fn replan(
        &self,
        plan: i64,
        actor: Option<&str>,
        listener: Arc<dyn Listener>,
    ) -> Result<RunSummary> {
        Box::pin(plan::replan(self, plan, actor, listener)).await
    }

    /// Makes a run stop, to be resumed.
    pub async fn pause(&self, run: i64, actor: Option<&str>) -> Result<Stopping> {
        run::pause(self, run, actor).await
    }

    /// Gives a run up of which nothing is loaded.
    pub async fn cancel(&self, run: i64, actor: Option<&str>) -> Result<Stopping> {
        run::cancel(self, run, actor).await
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
    let connecting = (url.dialect() == Dialect::Postgres).then(|| {
        let options = options.clone();
        SpawnedTask::spawn(async move { connect(&options).await })
    });
    let project = load_project(options.project.as_deref())?;
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
