//! The rows that are looked at: what some runs have staged, as the table of records.

use importer_plans::compile::fuzzy;
use importer_plans::compile::ident;
use importer_plans::compile::why::ROW_STATUS;
use importer_plans::project::{Entity, FuzzySpec, Model};

use super::desk::Desk;
use crate::catalogue;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::run::RunParams;
use crate::store::{Run, RunFilter, RunKind, RunStatus};

/// Which rows, and of which entity.
#[derive(Debug, Clone, Default)]
pub struct RowsOf {
    /// Where not given: that of the runs.
    pub entity: Option<String>,
    /// Runs and dry runs; the newest one that succeeded where none is named.
    pub runs: Vec<i64>,
}

/// Runs of one entity, with what its project says of likeness now.
pub(super) struct Chosen<'a> {
    pub(super) entity: &'a Entity,
    pub(super) spec: &'a FuzzySpec,
    runs: Vec<Run>,
}

impl Chosen<'_> {
    /// The numbers of the runs.
    pub(super) fn numbers(&self) -> Vec<i64> {
        self.runs.iter().map(|run| run.id).collect()
    }
}

/// Finds the runs that are meant.
pub(super) async fn choose<'a>(engine: &'a Engine, rows: &RowsOf) -> Result<Chosen<'a>> {
    let runs = match rows.runs.as_slice() {
        [] => vec![newest(engine, rows.entity.as_deref()).await?],
        numbers => {
            let mut runs = Vec::with_capacity(numbers.len());
            for number in numbers {
                runs.push(engine.get_run(*number).await?);
            }
            runs.sort_by_key(|run| run.id);
            runs.dedup_by_key(|run| run.id);
            runs
        }
    };
    let name = rows.entity.as_ref().or(runs.first().map(|run| &run.entity)).cloned().unwrap_or_default();
    if let Some(other) = runs.iter().find(|run| run.entity != name) {
        let told = format!("run {} is of {}, not of {name}", other.id, other.entity);
        return Err(Error::new(ErrorKind::Usage, told).with_help("name runs of one entity"));
    }
    let entity = engine.project.entities.get(&name).ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("the project has no entity {name}"))
            .with_help("name an entity of the project")
    })?;
    let spec = entity.matching.fuzzy.as_ref().ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("entities/{name}/match.yml compares nothing by likeness"))
            .with_help("give it the sections compare, blocking and comparisons")
    })?;
    Ok(Chosen { entity, spec, runs })
}

async fn newest(engine: &Engine, entity: Option<&str>) -> Result<Run> {
    let compares = |run: &Run| match entity {
        Some(entity) => run.entity == entity,
        None => engine.project.entities.get(&run.entity).is_some_and(|e| e.matching.fuzzy.is_some()),
    };
    let mut filter = RunFilter { status: Some(RunStatus::Succeeded), ..RunFilter::default() };
    loop {
        let runs = engine.runs(&filter).await?;
        let Some(last) = runs.last().map(|run| run.id) else {
            return Err(Error::new(ErrorKind::Usage, "no run has left rows that could be compared")
                .with_help("import a file, or only look at it: importer plan --file people.csv"));
        };
        if let Some(found) = runs.into_iter().find(|run| compares(run) && has_read(run)) {
            return Ok(found);
        }
        filter.before_id = Some(last);
    }
}

/// A run that has read inputs: decisions of people and rollbacks stage nothing, and mended rows are few.
fn has_read(run: &Run) -> bool {
    let is_import = !matches!(run.kind, RunKind::Rollback | RunKind::Remediation);
    is_import && RunParams::of(run).is_ok_and(|params| params.rows.is_none())
}

/// Makes the table of records of the rows that passed the rules.
pub(super) async fn records(
    engine: &Engine,
    desk: &mut Desk,
    chosen: &Chosen<'_>,
    model: Option<&Model>,
) -> Result<u64> {
    let context = catalogue::open(engine).await?;
    let mut parts = Vec::new();
    for dry in [false, true] {
        let runs: Vec<String> =
            chosen.runs.iter().filter(|run| run.dry_run == dry).map(|run| run.id.to_string()).collect();
        if !runs.is_empty() {
            parts.push(staged(chosen, dry, &runs));
        }
    }
    let frame = context.sql(&parts.join("\nUNION ALL\n")).await?;
    desk.lend("staged rows", frame.into_view())?;
    desk.run(&fuzzy::records(chosen.spec, &ident("staged rows"), model)).await?;
    Ok(desk.rows_of(fuzzy::RECORDS))
}

fn staged(chosen: &Chosen<'_>, dry: bool, runs: &[String]) -> String {
    let table = ident(&format!("staging_{}", chosen.entity.name));
    let table = if dry { format!("dry.{table}") } else { table };
    // A field of that name keeps it.
    let own = chosen.entity.contract.field("status").is_some();
    let status = ident(if own { ROW_STATUS } else { "status" });
    let mut fields: Vec<&str> =
        chosen.spec.compare.iter().flat_map(|value| &value.fields).map(String::as_str).collect();
    fields.sort_unstable();
    fields.dedup();
    let fields: String = fields.iter().map(|field| format!(", {}", ident(field))).collect();
    format!(
        "SELECT CAST(run_id AS BIGINT) * 4294967296 + sequence_number AS node, CAST(NULL AS BIGINT) AS core_id, true AS is_new, link_system, link_id, is_synthetic{fields}\nFROM {table}\nWHERE run_id IN ({}) AND NOT coalesce(is_delete, false) AND {status} <> 'QUARANTINED'",
        runs.join(", ")
    )
}
