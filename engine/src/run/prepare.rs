//! Before a run exists: which source, entity and settings, and do the files fit? Whatever is wrong here leaves nothing
//! behind.

use std::sync::Arc;

use importer_plans::compile::Shape;
use importer_plans::header::HeaderChoices;
use importer_plans::project::{Bundle, DateOrder, Entity, NewColumns, NumberFormat, Project, Source};
use importer_plans::suggest::Habits;

use super::params::RunParams;
use super::start::Start;
use super::suggested::{accepted, look};
use crate::context::Settings;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::request::{Input, RunRequest};
use crate::steps::land::{How, OpenedFile, Wanted, open};
use crate::store::RunKind;

/// A run that can start.
pub struct Prepared {
    pub kind: RunKind,
    /// The dry run whose plan this run applies.
    pub plan_run_id: Option<i64>,
    /// The run that this one repairs or repeats.
    pub parent_run_id: Option<i64>,
    pub pinned: Pinned,
    pub params: RunParams,
    pub actor: Option<String>,
    pub start: Start,
}

/// What of a project a run is pinned to.
#[derive(Clone)]
pub struct Pinned {
    pub bundle: Bundle,
    pub entity: Arc<Entity>,
    pub source: Source,
    pub shape: Shape,
    /// Findings per rule that the store keeps.
    pub max_violations: u64,
    /// How long one query of the project may take.
    pub max_query_time: std::time::Duration,
}

impl Pinned {
    /// One source and one entity of a project.
    pub fn of(project: &Project, source: &Source, entity: &Entity) -> Self {
        Self {
            bundle: project.bundle(),
            entity: Arc::new(entity.clone()),
            source: source.clone(),
            shape: Shape::of(entity),
            max_violations: project.settings.defaults.max_violations_per_rule,
            max_query_time: project.settings.defaults.max_query_time,
        }
    }
}

/// The namespace of external ids that nobody named.
const DEFAULT_NAMESPACE: &str = "csv";

/// The inputs of a request, opened, or why they cannot be. Nothing where the store has a say in what is read.
pub struct OpenedInputs(Option<Result<Vec<OpenedFile>>>);

impl OpenedInputs {
    /// Those of some inputs of the request.
    pub fn only(self, wanted: &[bool]) -> Self {
        let is_wanted = |file: &OpenedFile| wanted.get(file.input).is_some_and(|wanted| *wanted);
        Self(self.0.map(|opened| opened.map(|files| files.into_iter().filter(is_wanted).collect())))
    }

    /// Opens what a request names, as its source says.
    pub fn of(project: &Project, request: &RunRequest, batch_rows: usize) -> Self {
        let chosen = choose(project, request);
        if let Ok((source, _)) = chosen
            && is_own(source, &request.options)
        {
            return Self(None);
        }
        Self(Some(chosen.and_then(|(source, entity)| {
            let order = request.date_order.unwrap_or(source.date_order);
            open_files(source, entity, &request.inputs, &request.options, &request.headers, order, batch_rows)
        })))
    }

    /// Inputs that were opened by somebody else, or why they cannot be.
    pub(super) fn opened(files: Result<Vec<OpenedFile>>) -> Self {
        Self(Some(files))
    }

    /// Whether they are still to be opened, once the store was asked how far they were read.
    pub(super) fn wait(&self) -> bool {
        self.0.is_none()
    }
}

/// Settles everything that can be settled before the first byte is written.
pub fn prepare(
    engine: &Engine,
    request: &RunRequest,
    inputs: OpenedInputs,
    landed_at: i64,
) -> Result<Prepared> {
    let mut files = inputs.0.ok_or_else(|| Error::internal("inputs that were not opened"))??;
    let (source, entity) = choose(&engine.project, request)?;
    let pinned = Pinned::of(&engine.project, source, entity);
    let usual = Settings::of(source, engine, landed_at);
    let given = region(request.default_region.as_deref().or(usual.default_region.as_deref()))?;
    let order = request.date_order.unwrap_or(source.date_order);
    let so_far = Habits {
        region: given.as_deref(),
        date_order: order,
        number_format: request.number_format.unwrap_or(source.number_format),
    };
    let suggestions = look(&files, entity, request, so_far);
    let proven = accepted(&suggestions, "date_order").and_then(DateOrder::of);
    let order = proven.unwrap_or(order);
    if proven.is_some() {
        let choices = choices(source, &request.headers);
        let wanted = Wanted { contract: &entity.contract, choices: &choices, order };
        files.iter_mut().try_for_each(|file| file.match_again(wanted))?;
    }
    let settings = Settings {
        dry_run: request.dry_run,
        atomic: request.atomic,
        accept_bad: request.accept_bad,
        max_bad: share(request.max_bad.unwrap_or(usual.max_bad))?,
        policy: request.policy.unwrap_or(usual.policy),
        mode: request.mode.unwrap_or(usual.mode),
        external_system: request.external_system.clone().unwrap_or_else(|| usual.external_system.clone()),
        default_region: accepted(&suggestions, "default_region").map(str::to_owned).or(given),
        date_order: order,
        number_format: accepted(&suggestions, "number_format")
            .and_then(NumberFormat::of)
            .or(request.number_format),
        time_zone: time_zone(request.time_zone.as_deref().unwrap_or(&usual.time_zone))?,
        ..usual
    };
    let mut params = RunParams::new(settings, &request.inputs);
    params.headers = request.headers.clone();
    params.options = request.options.clone();
    params.plans = request.plans.clone();
    params.suggestions = suggestions;
    params.default_namespace = request.external_system.is_none() && source.external_system.is_none();
    params.sign(&source.name, &entity.name, &pinned.bundle.hash)?;
    Ok(Prepared {
        kind: if request.dry_run { RunKind::DryRun } else { RunKind::Normal },
        plan_run_id: None,
        parent_run_id: None,
        pinned,
        params,
        actor: request.triggered_by.clone().or_else(|| Some(engine.actor.clone())),
        start: Start::Files(files),
    })
}

impl Settings {
    /// What a source says, with nothing laid over it.
    pub fn of(source: &Source, engine: &Engine, landed_at: i64) -> Self {
        let named = source.external_system.clone();
        Self {
            dry_run: false,
            atomic: false,
            accept_bad: false,
            max_bad: source.max_bad,
            policy: source.policy,
            mode: source.mode,
            external_system: named.unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned()),
            default_region: source.default_region.clone(),
            date_order: source.date_order,
            number_format: None,
            time_zone: source.time_zone.clone(),
            partitions: engine.limits.partitions,
            chunk_rows: engine.chunk_rows,
            chunks_in_pairs: true,
            landed_at,
            loaded_at: None,
        }
    }
}

/// Opens inputs as a run of this source reads them.
pub fn open_files(
    source: &Source,
    entity: &Entity,
    inputs: &[Input],
    options: &[(String, String)],
    headers: &[(String, String)],
    order: DateOrder,
    batch_rows: usize,
) -> Result<Vec<OpenedFile>> {
    let mut how = how_to_read(source, options);
    how.request.batch_rows = batch_rows;
    open_as(source, entity, inputs, headers, order, &how)
}

/// [`open_files`], in a way that is settled.
pub(super) fn open_as(
    source: &Source,
    entity: &Entity,
    inputs: &[Input],
    headers: &[(String, String)],
    order: DateOrder,
    how: &How,
) -> Result<Vec<OpenedFile>> {
    let choices = choices(source, headers);
    let files = open(inputs, how, Wanted { contract: &entity.contract, choices: &choices, order })?;
    refuse_new_columns(source, &files)?;
    Ok(files)
}

/// Whether the options of a source name what it reads, and no file.
pub(super) fn is_own(source: &Source, options: &[(String, String)]) -> bool {
    importer_connectors::connector::is_own(&how_to_read(source, options).connector)
}

/// The options of a source, with others laid over them.
pub fn how_to_read(source: &Source, options: &[(String, String)]) -> How {
    let mut words = source.options.clone();
    words.extend(options.iter().cloned());
    How::new(&source.connector, words)
}

fn choices(source: &Source, headers: &[(String, String)]) -> HeaderChoices {
    HeaderChoices { command_line: headers.iter().cloned().collect(), source_file: source.headers.clone() }
}

pub fn choose<'a>(project: &'a Project, request: &RunRequest) -> Result<(&'a Source, &'a Entity)> {
    let wanted = request.source.as_deref().or(project.settings.source.as_deref()).unwrap_or("csv");
    let (source, entity) = project.source(wanted).ok_or_else(|| {
        let nearest = project.nearest_source(wanted);
        let help = nearest.map_or("the sources stand in sources/*.yml of the project".to_owned(), |n| {
            format!("did you mean --source {n}? The sources stand in sources/*.yml of the project")
        });
        Error::new(ErrorKind::Usage, format!("there is no source {wanted}")).with_help(help)
    })?;
    match request.entity.as_deref() {
        None => Ok((source, entity)),
        Some(name) => project.entities.get(name).map(|e| (source, e)).ok_or_else(|| {
            let known: Vec<&str> = project.entities.keys().map(String::as_str).collect();
            Error::new(ErrorKind::Usage, format!("there is no entity {name}"))
                .with_help(format!("the project has: {}", known.join(", ")))
        }),
    }
}

/// A source whose columns are frozen takes no file with others.
fn refuse_new_columns(source: &Source, files: &[OpenedFile]) -> Result<()> {
    if source.contract.new_columns != NewColumns::Freeze {
        return Ok(());
    }
    let Some(file) = files.iter().find(|f| !f.matched.unmapped.is_empty()) else { return Ok(()) };
    let names: Vec<&str> = file.matched.unmapped.iter().map(|u| u.header.as_str()).collect();
    Err(Error::new(
        ErrorKind::Usage,
        format!("{}: source {} takes no new columns, and the file has {}", file.name, source.name, names.join(", ")),
    )
    .with_help("map them with --map, leave them out with an empty field, or write new_columns: evolve in the source file"))
}

/// A share of bad rows.
pub fn share(value: f64) -> Result<f64> {
    if (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    Err(Error::new(ErrorKind::Usage, format!("--max-bad is a share between 0 and 1, not {value}"))
        .with_help("write 0.2 for 20 %"))
}

/// A time zone that times can be read in.
pub fn time_zone(name: &str) -> Result<String> {
    if importer_sql::functions::is_time_zone(name) {
        return Ok(name.to_owned());
    }
    Err(Error::new(ErrorKind::Usage, format!("{name:?} is no time zone"))
        .with_help("write a name such as Europe/Berlin or America/New_York, or an offset such as +02:00"))
}

fn region(code: Option<&str>) -> Result<Option<String>> {
    match code.map(str::trim).filter(|c| !c.is_empty()) {
        None => Ok(None),
        Some(c) if importer_sql::functions::is_region(&c.to_ascii_uppercase()) => {
            Ok(Some(c.to_ascii_uppercase()))
        }
        Some(c) => Err(Error::new(ErrorKind::Usage, format!("{c:?} is not a region"))
            .with_help("write a two-letter country code such as DE or US")),
    }
}
