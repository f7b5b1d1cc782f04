//! Which rows are held: what the lake knows of each run that held any, with what the store says of their findings
//! since. Rows that a newer row of their link has taken the place of are told apart; they never go again.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{ParamValues, ScalarValue};
use datafusion::dataframe::DataFrame;
use datafusion::prelude::SessionContext;

use super::origin::{Origin, held_findings};
use crate::catalogue::StoreTable;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::lake::{Manifest, RunPaths};
use crate::steps::lookup::{column, schema, send_frame, time};
use crate::store::remedy as stored;
use crate::store::{Place, Table};
use crate::tables;

const HELD: &str = include_str!("../../../sql/steps/remedy/held.sql");
const PROMOTIONS: &str = include_str!("../../../sql/steps/remedy/promotions.sql");
const PENDING: &str = include_str!("../../../sql/steps/remedy/pending_edits.sql");

/// The held rows of some runs.
pub struct Selection {
    context: SessionContext,
    /// Rows that may go again.
    pub rows: u64,
    /// Records that could not be read and that nobody has mended.
    pub unreadable: u64,
    /// Rows that were given up.
    pub given_up: u64,
    /// Rows whose place a newer row has taken, with the run of that row.
    pub replaced: Vec<(Place, i64)>,
}

impl Selection {
    /// Looks at the rows that these runs held; with a rule, at those that it holds.
    pub async fn of(engine: &Engine, origins: &[Origin], entity: &str, rule: Option<&str>) -> Result<Self> {
        let context = crate::session::session(&engine.limits, &engine.lake)?;
        store_tables(engine, &context).await?;
        lake_tables(engine, &context, origins).await?;
        view(&context, "promotions", PROMOTIONS, None).await?;
        view(&context, "looked_at", HELD, rule).await?;
        let replaced = replaced(engine, &context, entity).await?;
        register_places(&context, &replaced)?;
        view(
            &context,
            "held",
            "SELECT h.run_id, h.file_number, h.line_number, h.sequence_number FROM looked_at h LEFT ANTI JOIN replaced r ON r.run_id = h.run_id AND r.file_number = h.file_number AND r.line_number = h.line_number WHERE h.state = 'held'",
            None,
        )
        .await?;
        let rows = number(&context, "SELECT count(*) AS n FROM held").await?;
        let of = |state: &str| format!("SELECT count(*) AS n FROM looked_at WHERE state = '{state}'");
        let unreadable = number(&context, &of("unreadable")).await?;
        let given_up = number(&context, &of("given_up")).await?;
        Ok(Self { context, rows, unreadable, given_up, replaced })
    }

    /// The rows and their pending edits.
    pub async fn frames(&self) -> Result<(DataFrame, DataFrame)> {
        let held = self.context.sql("SELECT * FROM held").await?;
        let nothing = "CAST(NULL AS VARCHAR)";
        let sql = format!(
            "SELECT p.run_id, p.file_number, p.line_number, p.fields_json, p.payload_json, {nothing} AS diff_json, {nothing} AS target_id FROM ({PENDING}) p"
        );
        Ok((held, self.context.sql(&sql).await?))
    }
}

async fn view(context: &SessionContext, name: &str, sql: &str, rule: Option<&str>) -> Result<()> {
    let mut frame = context.sql(sql).await?;
    if sql.contains("$rule") {
        let value = ScalarValue::Utf8(rule.map(str::to_owned));
        frame = frame.with_param_values(ParamValues::from(vec![("rule", value)]))?;
    }
    tables::register_view(context, name, frame)
}

async fn store_tables(engine: &Engine, context: &SessionContext) -> Result<()> {
    for (name, table) in [
        ("stored_all", "dq_violations"),
        ("row_promotions", "row_promotions"),
        ("import_runs", "import_runs"),
    ] {
        let source = engine.store.describe_table(&Table::control(table)).await?;
        let table = StoreTable::new(Arc::clone(&engine.store), source, &engine.tenant);
        context.register_table(name, Arc::new(table))?;
    }
    Ok(())
}

/// What the runs' own rules found, and the links of their rows.
async fn lake_tables(engine: &Engine, context: &SessionContext, origins: &[Origin]) -> Result<()> {
    let (mut found, mut links, mut runs) = (Vec::new(), Vec::new(), Vec::new());
    for origin in origins {
        let run = origin.run.id;
        let attempt = i32::try_from(origin.run.attempt).unwrap_or(i32::MAX);
        let paths = RunPaths::new(&engine.tenant, run, attempt, origin.run.dry_run);
        for (n, findings) in held_findings(engine, &paths).await?.into_iter().enumerate() {
            let table = format!("found_{run}_{n}");
            tables::register_files(context, &table, &findings).await?;
            found.push(format!(
                "SELECT CAST({run} AS BIGINT) AS run_id, CAST(file_number AS BIGINT) AS file_number, line_number, sequence_number, rule_code, coalesce(field, '') AS field FROM {table} WHERE severity = 'error' AND mode = 'enforce'"
            ));
        }
        if let Some(manifest) = Manifest::read(&engine.lake, &paths, "stage").await? {
            let table = format!("staged_{run}");
            let staged = manifest.data_set("staged")?;
            staged.require(&engine.lake).await?;
            tables::register_files(context, &table, staged).await?;
            links.push(format!(
                "SELECT CAST({run} AS BIGINT) AS run_id, sequence_number, link_system, link_id, effective_at FROM {table} WHERE link_id IS NOT NULL"
            ));
        }
        runs.push(run.to_string());
    }
    if found.is_empty() || links.is_empty() {
        return Err(Error::internal("runs with held rows have left no findings"));
    }
    view(context, "found", &found.join("\nUNION ALL\n"), None).await?;
    view(context, "links_of_all", &links.join("\nUNION ALL\n"), None).await?;
    let stored = format!("SELECT * FROM stored_all WHERE run_id IN ({})", runs.join(", "));
    view(context, "stored", &stored, None).await
}

async fn number(context: &SessionContext, sql: &str) -> Result<u64> {
    let batches = context.sql(sql).await?.collect().await?;
    let value = batches
        .iter()
        .find(|b| b.num_rows() > 0)
        .and_then(|b| b.column(0).as_primitive_opt::<Int64Type>().map(|c| c.value(0)));
    Ok(u64::try_from(value.unwrap_or(0)).unwrap_or(0))
}

const LINKS: &str = "SELECT h.run_id, h.file_number, h.line_number, l.link_system, l.link_id, l.effective_at FROM looked_at h JOIN links_of_all l ON l.run_id = h.run_id AND l.sequence_number = h.sequence_number WHERE h.state = 'held'";

/// Held rows of several runs that speak of one link: the later run has the newer row.
const AMONG_THEM: &str = "SELECT a.run_id, a.file_number, a.line_number, max(b.run_id) AS newer_run_id FROM held_links a JOIN held_links b ON b.link_system = a.link_system AND b.link_id = a.link_id AND b.run_id > a.run_id AND b.effective_at >= a.effective_at GROUP BY a.run_id, a.file_number, a.line_number";

async fn replaced(engine: &Engine, context: &SessionContext, entity: &str) -> Result<Vec<(Place, i64)>> {
    view(context, "held_links", LINKS, None).await?;
    let wanted = schema(vec![
        column("run_id", DataType::Int64),
        column("file_number", DataType::Int64),
        column("line_number", DataType::Int64),
        column("link_system", DataType::Utf8),
        column("link_id", DataType::Utf8),
        column("effective_at", time()),
    ]);
    let mut session = engine.store.begin().await?;
    send_frame(&mut session, "remedy_links", context.sql("SELECT * FROM held_links").await?, &wanted).await?;
    let mut replaced = session.newer_rows(&engine.tenant, entity).await?;
    session.rollback().await?;
    for batch in context.sql(AMONG_THEM).await?.collect().await? {
        let numbers = |n: usize| batch.column(n).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let place = Place {
                run_id: numbers(0).value(row),
                file_number: numbers(1).value(row),
                line_number: numbers(2).value(row),
            };
            replaced.push((place, numbers(3).value(row)));
        }
    }
    replaced.sort_unstable();
    // The latest run that has a newer row is the one to name.
    replaced.reverse();
    replaced.dedup_by_key(|(place, _)| *place);
    replaced.reverse();
    Ok(replaced)
}

fn replaced_batch(replaced: &[(Place, i64)]) -> Result<RecordBatch> {
    let wanted = schema(
        ["run_id", "file_number", "line_number", "newer_run_id"].map(|c| column(c, DataType::Int64)).to_vec(),
    );
    let numbers = |value: &dyn Fn(&(Place, i64)) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(replaced.iter().map(value)))
    };
    let columns = vec![
        numbers(&|(p, _)| p.run_id),
        numbers(&|(p, _)| p.file_number),
        numbers(&|(p, _)| p.line_number),
        numbers(&|(_, newer)| *newer),
    ];
    Ok(RecordBatch::try_new(wanted, columns)?)
}

fn register_places(context: &SessionContext, replaced: &[(Place, i64)]) -> Result<()> {
    let batch = replaced_batch(replaced)?;
    tables::register_rows(context, "replaced", batch.schema(), vec![batch])
}

/// Closes the findings about rows that newer ones have taken the place of.
pub async fn close_replaced(engine: &Engine, actor: &str, replaced: &[(Place, i64)]) -> Result<u64> {
    if replaced.is_empty() {
        return Ok(0);
    }
    let batch = replaced_batch(replaced)?;
    let mut session = engine.store.begin().await?;
    session.temp_from_batches(stored::REPLACED, &batch.schema(), &[batch]).await?;
    let closed = session.close_replaced(&engine.tenant, actor).await?;
    session.commit().await?;
    Ok(closed)
}
