//! The lines of a plan: core row, field, before, after, why. Read from the data sets of the run, so that they say what
//! was decided and not what would be decided now.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::prelude::SessionContext;
use futures::StreamExt;
use importer_plans::compile::diff::{diff_sql, plans_sql};
use importer_plans::compile::{Shape, literal};

use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Manifest, RunPaths};
use crate::progress::Step;
use crate::run::pinned;
use crate::session::session;
use crate::steps::resolve::Resolved;
use crate::store::Run;
use crate::tables;

/// Lines that can be read once, in order.
pub struct Lines {
    /// How many there are.
    pub count: u64,
    pub schema: SchemaRef,
    stream: SendableRecordBatchStream,
}

impl Lines {
    /// The next lines.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>> {
        match self.stream.next().await {
            Some(batch) => Ok(Some(tables::conform(&batch?, &self.schema)?)),
            None => Ok(None),
        }
    }
}

/// Which lines are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// The first so many; all of them when absent.
    pub limit: Option<u64>,
    /// Values of sensitive fields are masked, as on a screen.
    pub masked: bool,
}

/// The lines of one plan.
pub async fn of_plan(engine: &Engine, run: &Run, wanted: Wanted) -> Result<Lines> {
    let session = session(&engine.limits, &engine.lake)?;
    let shape = register(engine, &session, run, "lines").await?;
    let columns =
        columns(&["row", "core_id", "action", "field"], &["before", "after"], &["why"], &shape, wanted);
    lines(&session, &format!("SELECT {columns} FROM lines"), wanted).await
}

/// What differs between two plans.
pub async fn between(engine: &Engine, old: &Run, new: &Run, wanted: Wanted) -> Result<Lines> {
    let session = session(&engine.limits, &engine.lake)?;
    register(engine, &session, old, "old_diff").await?;
    let shape = register(engine, &session, new, "new_diff").await?;
    tables::register_view(&session, "plans", session.sql(plans_sql()).await?)?;
    let values = ["old_before", "old_after", "new_before", "new_after"];
    let columns =
        columns(&["row", "old_core_id", "new_core_id", "field"], &values, &["what"], &shape, wanted);
    lines(&session, &format!("SELECT {columns} FROM plans"), wanted).await
}

/// What stood in core where the plan of a run had seen something else; nothing where nothing had moved.
pub async fn moved_of(engine: &Engine, run: &Run, wanted: Wanted) -> Result<Option<Lines>> {
    let Some(manifest) = Manifest::read(&engine.lake, &paths(engine, run), MOVED_LINES).await? else {
        return Ok(None);
    };
    let session = session(&engine.limits, &engine.lake)?;
    tables::register_files(&session, "lines", manifest.data_set(MOVED_LINES)?).await?;
    let shape = pinned(engine, run).await?.shape;
    let columns = columns(&["row", "core_id", "field"], &["planned", "now"], &[], &shape, wanted);
    Ok(Some(lines(&session, &format!("SELECT {columns} FROM lines"), wanted).await?))
}

/// The name of the document and data set of what moved.
pub const MOVED_LINES: &str = "moved";

/// The columns of a listing; those that hold values are masked where the field is sensitive.
fn columns(before: &[&str], values: &[&str], after: &[&str], shape: &Shape, wanted: Wanted) -> String {
    let of_set = |set: &str| shape.fields.iter().any(|f| f.sensitive && f.set.as_deref() == Some(set));
    let mut sensitive: Vec<String> =
        shape.fields.iter().filter(|f| f.sensitive).map(|f| literal(&f.name)).collect();
    sensitive.extend(shape.sets.iter().filter(|s| of_set(&s.name)).map(|s| literal(&s.name)));
    let value = |name: &&str| {
        if wanted.masked && !sensitive.is_empty() {
            format!(
                "CASE WHEN field IN ({}) THEN mask({name}) ELSE {name} END AS {name}",
                sensitive.join(", ")
            )
        } else {
            (*name).to_owned()
        }
    };
    let plain = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    [plain(before), values.iter().map(value).collect(), plain(after)].concat().join(", ")
}

async fn lines(session: &SessionContext, sql: &str, wanted: Wanted) -> Result<Lines> {
    let all = session.sql(sql).await?;
    let count = all.clone().count().await?;
    tables::register_view(session, "told", all)?;
    let limit = wanted.limit.map_or(String::new(), |n| format!(" LIMIT {n}"));
    let frame = session.sql(&format!("SELECT * FROM told ORDER BY row, field{limit}")).await?;
    let stream = frame.execute_stream().await?;
    let schema = tables::compact_schema(&stream.schema());
    Ok(Lines { count: count as u64, schema, stream })
}

fn paths(engine: &Engine, run: &Run) -> RunPaths {
    RunPaths::new(&engine.tenant, run.id, i32::try_from(run.attempt).unwrap_or(i32::MAX), run.dry_run)
}

/// Makes the lines of one plan known under a name.
async fn register(engine: &Engine, session: &SessionContext, run: &Run, name: &str) -> Result<Shape> {
    let paths = paths(engine, run);
    let manifest = Manifest::read(&engine.lake, &paths, Step::Resolve.name()).await?.ok_or_else(|| {
        Error::new(ErrorKind::Usage, format!("run {} stopped before it knew what it would change", run.id))
            .with_help(format!("look at it with `importer show {}`", run.id))
            .with_code("PLAN_UNFINISHED")
    })?;
    let resolved: Resolved = manifest.read_facts()?;
    tables::register_files(session, "changes", &resolved.changes()).await?;
    let shape = pinned(engine, run).await?.shape;
    tables::register_view(session, name, session.sql(&diff_sql(&shape)).await?)?;
    Ok(shape)
}
