//! Before a run exists: which source, entity and settings, and do the files fit? Whatever is wrong here leaves nothing
//! behind.

use std::collections::BTreeMap;
use std::sync::Arc;

use importer_plans::compile::Shape;
use importer_plans::header::HeaderChoices;
use importer_plans::project::{Entity, NewColumns, Project, Source};

use super::Settings;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::request::{RunRequest, csv_options};
use crate::steps::land::{OpenedFile, open};

/// A run that can start.
pub struct Prepared {
    pub entity: Arc<Entity>,
    pub source: Source,
    pub shape: Shape,
    pub settings: Settings,
    pub files: Vec<OpenedFile>,
    /// The namespace was not named by anybody: ids fall into the default one.
    pub namespace_is_default: bool,
}

/// The namespace of external ids that nobody named.
const DEFAULT_NAMESPACE: &str = "csv";

/// Settles everything that can be settled before the first byte is written.
pub fn prepare(engine: &Engine, request: &RunRequest, landed_at: i64) -> Result<Prepared> {
    let (source, entity) = choose(&engine.project, request)?;
    let mut words: BTreeMap<&str, &str> =
        source.options.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    words.extend(request.csv.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    let mut options = csv_options(words)?;
    options.batch_rows = engine.limits.batch_rows;
    let choices = HeaderChoices {
        command_line: request.headers.iter().cloned().collect(),
        source_file: source.headers.clone(),
    };
    let files = open(&request.inputs, &options, &entity.contract, &choices)?;
    refuse_new_columns(source, &files)?;
    let named = request.external_system.clone().or_else(|| source.external_system.clone());
    let settings = Settings {
        dry_run: request.dry_run,
        atomic: request.atomic,
        accept_bad: request.accept_bad,
        max_bad: share(request.max_bad.unwrap_or(source.max_bad))?,
        policy: request.policy.unwrap_or(source.policy),
        mode: request.mode.unwrap_or(source.mode),
        external_system: named.clone().unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned()),
        default_region: region(request.default_region.as_deref().or(source.default_region.as_deref()))?,
        date_order: request.date_order.unwrap_or(source.date_order).as_str().to_owned(),
        time_zone: request.time_zone.clone().unwrap_or_else(|| source.time_zone.clone()),
        partitions: engine.limits.partitions,
        chunk_rows: engine.chunk_rows,
        landed_at,
    };
    Ok(Prepared {
        shape: Shape::of(entity),
        entity: Arc::new(entity.clone()),
        source: source.clone(),
        settings,
        files,
        namespace_is_default: named.is_none(),
    })
}

fn choose<'a>(project: &'a Project, request: &RunRequest) -> Result<(&'a Source, &'a Entity)> {
    let wanted = request.source.as_deref().or(project.settings.source.as_deref()).unwrap_or("csv");
    let (source, entity) = project.source(wanted).ok_or_else(|| {
        let nearest = project.nearest_source(wanted);
        let help = nearest.map_or("the sources stand in sources/*.yml of the project".to_owned(), |n| {
            format!("did you mean --source {n}? The sources stand in sources/*.yml of the project")
        });
        Error::new(ErrorKind::Usage, format!("there is no source {wanted}")).with_help(help)
    })?;
    if source.connector != "csv" {
        return Err(Error::new(
            ErrorKind::Usage,
            format!("source {wanted} uses the connector {}, which cannot read files", source.connector),
        )
        .with_help("name a source whose connector is csv"));
    }
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

fn share(value: f64) -> Result<f64> {
    if (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    Err(Error::new(ErrorKind::Usage, format!("--max-bad is a share between 0 and 1, not {value}"))
        .with_help("write 0.2 for 20 %"))
}

fn region(code: Option<&str>) -> Result<Option<String>> {
    match code.map(str::trim).filter(|c| !c.is_empty()) {
        None => Ok(None),
        Some(c) if c.len() == 2 && c.bytes().all(|b| b.is_ascii_alphabetic()) => {
            Ok(Some(c.to_ascii_uppercase()))
        }
        Some(c) => Err(Error::new(ErrorKind::Usage, format!("{c:?} is not a region"))
            .with_help("write a two-letter country code such as DE or US")),
    }
}
